import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import express from 'express';
import { createAuthRouter } from 'express-auth-kit';
import { createMailbox } from 'express-auth-kit/testing';
import { compareTimes } from './compare.js';

const ROUNDS = 200;
/** Lower than the default, so that 800 hashes take a minute and not five; the work is equal at any cost. */
const COST = 10;

/** More than the mail that was asked for takes, in milliseconds. */
const PAUSE = 60;

/** Whether the time of an answer tells an account that exists from one that does not. */
export async function benchLogin(): Promise<void> {
  const auth = createAuthRouter({
    secretKey: randomBytes(32).toString('hex'),
    password: { bcryptCost: COST },
    appUrl: 'https://app.example.com',
    mail: { transport: createMailbox().transport, from: 'App <app@example.com>' },
    logger: { warn() {} },
  });
  const password = 'correct horse';
  await auth.service.createUser({ email: 'known@example.com', password });
  const disabled = await auth.service.createUser({ email: 'disabled@example.com', password });
  await auth.service.disableUser(disabled);

  const server = express().use('/auth', auth).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/auth`;
  const login = (username: string, typed: string) => ({ status: 401, body: { username, password: typed } });
  const refused = {
    'unknown account': login('nobody@example.com', 'wrong'),
    'wrong password': login('known@example.com', 'wrong'),
    'disabled, right password': login('disabled@example.com', password),
  };
  await compareTimes(`A refused login, bcrypt cost ${COST}`, `${url}/token`, refused, { rounds: ROUNDS });

  const forgot = (email: string) => ({ status: 202, body: { email } });
  const asked = {
    'unknown account': forgot('nobody@example.com'),
    'known account': forgot('known@example.com'),
    'disabled account': forgot('disabled@example.com'),
  };
  // As long for all, and then something that is not timed: the first after a pause takes longer.
  const before = async () => {
    await Promise.all([wait(PAUSE), auth.service.settled()]);
    await (await fetch(`${url}/.well-known/jwks.json`)).text();
  };
  await compareTimes('A recovery mail that is asked for', `${url}/forgot-password`, asked, {
    rounds: ROUNDS,
    before,
  });
  server.close();
}
