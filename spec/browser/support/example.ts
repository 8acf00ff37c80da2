import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { AuthRouter } from 'express-auth-kit';
import { createClock, type TestClock } from 'express-auth-kit/testing';
import mongoose from 'mongoose';
import type { BrowserContext } from 'playwright-core';
import { createApp } from '../../../example-app/app.js';
import { readConfig } from '../../../example-app/config.js';
import { pingDatabase } from '../../../example-app/database.js';
import { mailboxFor } from '../../../example-app/mailbox.js';
import type { ExampleUser } from '../../../example-app/models/user.js';
import { createTestDatabase } from '../../support/database.js';

export interface Account {
  email: string;
  password: string;
}

/** The example app as `npm start` runs it, with a clock that can be moved. */
export interface Example {
  url: string;
  /** What the app is served by. */
  server: Server;
  clock: TestClock;
  auth: AuthRouter<ExampleUser>;
  /** A new user, whose address is verified. */
  createAccount(more?: { name?: string; roles?: string[] }): Promise<Account>;
  /** Signs a browser in by cookies, without its pages. */
  signIn(browser: BrowserContext, account?: Account): Promise<Account>;
  /** The link to a page in the newest mail to an address. */
  linkTo(address: string, path: string): Promise<string>;
  close(): Promise<void>;
}

/**
 * Starts the example app in this process, on a database of its own. One at a time: its models are on mongoose's
 * default connection.
 *
 * @param env what its environment says: `AUTH_THROTTLE: 'on'`, say, which is off, since all browsers have one address
 */
export async function startExample(env: Record<string, string> = {}): Promise<Example> {
  const database = await createTestDatabase();
  await mongoose.connect(database.uri);
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const clock = createClock();
  const config = readConfig({ AUTH_THROTTLE: 'off', AUTH_BCRYPT_COST: '10', ...env });
  const mailbox = mailboxFor(config);
  const { app, auth } = createApp({
    config,
    developmentSecret: randomUUID() + randomUUID(),
    url,
    mailbox,
    pingDatabase,
    clock,
  });
  server.on('request', app);

  const createAccount: Example['createAccount'] = async (more) => {
    const account = { email: `${randomUUID().slice(0, 8)}@example.com`, password: 'correct horse battery' };
    const { roles, ...fields } = more ?? {};
    const user = await auth.service.createUser({ ...account, ...fields, emailVerified: true });
    if (roles) await auth.service.setRoles(user._id, roles);
    return account;
  };

  return {
    url,
    server,
    clock,
    auth,
    createAccount,
    async signIn(browser, account) {
      const known = account ?? (await createAccount());
      const answer = await browser.request.post(`${url}/auth/token`, {
        headers: { 'x-auth-mode': 'cookies', origin: url },
        data: { username: known.email, password: known.password },
      });
      if (!answer.ok()) throw new Error(`the login was answered ${answer.status()}: ${await answer.text()}`);
      return known;
    },
    async linkTo(address, path) {
      await auth.service.settled();
      const start = `${url}${path}?token=`;
      const mail = [...(mailbox?.messages ?? [])]
        .reverse()
        .find(({ to, text }) => to === address && text.includes(start));
      if (!mail) throw new Error(`there is no mail to ${address} with ${start}`);
      return start + (mail.text.split(start)[1] as string).split(/\s/)[0];
    },
    async close() {
      await auth.service.close();
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
      await mongoose.connection.close();
      await database.drop();
    },
  };
}
