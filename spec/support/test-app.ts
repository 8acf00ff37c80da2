import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express, { type Express } from 'express';
import {
  type AuthOptions,
  type AuthRouter,
  baseUserPlugin,
  createAuthRouter,
  type TokenPair,
  type UserOf,
} from 'express-auth-kit';
import { createClock, createMailbox, type Mailbox, type TestClock } from 'express-auth-kit/testing';
import { type Connection, Schema, type SchemaDefinition } from 'mongoose';
import request from 'supertest';
import { createTestDatabase, type TestDatabase } from './database.js';
import { PASSWORD } from './password.js';

export { PASSWORD };

function createUserModel(connection: Connection, fields: SchemaDefinition) {
  const schema = new Schema({ phone: String, company: String });
  schema.add(fields);
  schema.plugin(baseUserPlugin);
  return connection.model('User', schema);
}

type TestUserModel = ReturnType<typeof createUserModel>;
type TestUser = UserOf<TestUserModel>;
type TestRouter = AuthRouter<TestUser>;

export interface TestApp {
  app: Express;
  auth: TestRouter;
  User: TestUserModel;
  connection: Connection;
  /** Of the app's database. */
  uri: string;
  mailbox: Mailbox;
  clock: TestClock;
  /** supertest on the listening server. */
  http: ReturnType<typeof request>;
  url: string;
  /** Stores a user, over HTTP. @returns its email, its id and its password */
  register(fields?: Record<string, unknown>): Promise<{ email: string; password: string; id: string }>;
  /** Logs in, over HTTP. */
  login(user: { email: string; password: string }): Promise<TokenPair>;
  /** Registers and logs in. */
  signUp(
    fields?: Record<string, unknown>,
  ): Promise<{ email: string; password: string; id: string } & TokenPair>;
  /** Asks for a recovery mail and takes the token from it. */
  resetToken(email: string): Promise<string>;
  close(): Promise<void>;
}

type TestAuthOptions = Omit<AuthOptions<TestUserModel>, 'User'>;

export interface TestAppOptions
  extends Omit<TestAuthOptions, 'loginFields' | 'registerFields' | 'profileFields'> {
  /** Fields of the user besides `phone` and `company`. */
  fields?: SchemaDefinition;
  /** Those in `fields` too. */
  loginFields?: readonly string[];
  registerFields?: readonly string[];
  profileFields?: readonly string[];
  /** What the app does before the router is mounted: body parsers, `trust proxy`. */
  prepare?(app: Express): void;
  /** What it does after. */
  finish?(app: Express, auth: TestRouter): void;
}

let users = 0;

/** Lets an app listen on a port of its own. */
export async function serve(
  app: Express,
): Promise<{ url: string; http: ReturnType<typeof request>; close(): void }> {
  const server: Server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const close = () => {
    server.close();
    server.closeAllConnections();
  };
  return { url, http: request(url), close };
}

/**
 * An app with the kit on a database of its own, listening; bcrypt at cost 4, a clock that stands still. Mails go out when a spec
 * says so, by `auth.service.settled()`.
 */
export async function createTestApp(options: TestAppOptions = {}): Promise<TestApp> {
  const database = await createTestDatabase();
  try {
    return await createTestAppOn(database, options);
  } catch (error) {
    // An open connection would keep the whole run alive.
    await database.drop();
    throw error;
  }
}

async function createTestAppOn(
  { connection, uri, drop }: TestDatabase,
  { prepare, finish, fields = {}, ...options }: TestAppOptions,
): Promise<TestApp> {
  const User = createUserModel(connection, fields);
  const mailbox = createMailbox();
  const clock = createClock();
  const auth = createAuthRouter({
    User,
    secretKey: randomBytes(32).toString('base64'),
    appUrl: 'https://app.example.com',
    mail: { transport: mailbox.transport, from: 'App <app@example.com>' },
    registerFields: ['phone'],
    // A spec that is not about it logs in and registers as often as it likes.
    throttle: false,
    clock,
    ...(options as TestAuthOptions),
    password: { bcryptCost: 4, ...options.password },
  });

  // Nobody looks for mails by themselves: what a spec counts is what it asked for.
  await auth.service.close();

  const app = express();
  prepare?.(app);
  app.use('/auth', auth);
  app.use('/me', auth.me);
  app.get('/protected', auth.requireUser, (req, res) => {
    res.json({ user: req.user?.email });
  });
  finish?.(app, auth);

  const { url, http, close } = await serve(app);
  let isNew = true;
  const testApp: TestApp = {
    app,
    auth,
    User,
    connection,
    uri,
    mailbox,
    clock,
    http,
    url,
    async register(fields = {}) {
      users += 1;
      const account = { email: `user-${users}@example.com`, password: PASSWORD, ...fields };
      const send = () => http.post('/auth/register').send(account);
      let answer = await send();
      // On a busy machine the indexes of a new database take longer than a first request waits for them.
      for (let tries = 0; isNew && answer.status === 503 && tries < 10; tries += 1) answer = await send();
      isNew = false;
      const { status, body } = answer;
      if (status !== 201) throw new Error(`a registration was answered ${status}: ${answer.text}`);
      return { email: body.email, password: account.password, id: body.id };
    },
    async login({ email, password }) {
      const { body } = await http.post('/auth/token').send({ username: email, password }).expect(200);
      return body;
    },
    async signUp(fields) {
      const user = await testApp.register(fields);
      return { ...user, ...(await testApp.login(user)) };
    },
    async resetToken(email) {
      // A verification mail may be on its way.
      await auth.service.settled();
      await http.post('/auth/forgot-password').send({ email }).expect(202);
      await auth.service.settled();
      const mail = mailbox.messages.findLast(({ to }) => to === email);
      const token = /[?&]token=([\w-]+)/.exec(mail?.text ?? '')?.[1];
      if (!token) throw new Error(`no recovery mail for ${email}`);
      return token;
    },
    async close() {
      close();
      await auth.service.close();
      await drop();
    },
  };
  return testApp;
}

/** The header of a signed-in request. */
export function bearer(accessToken: string): { authorization: string } {
  return { authorization: `Bearer ${accessToken}` };
}
