import { betterAuth } from 'better-auth';
import { memoryAdapter } from 'better-auth/adapters/memory';
import { mongodbAdapter } from 'better-auth/adapters/mongodb';
import { hashPassword, verifyPassword } from 'better-auth/crypto';
import { fromNodeHeaders, toNodeHandler } from 'better-auth/node';
import express from 'express';
import mongoose from 'mongoose';
import { getAs, type Load, post } from '../load.js';
import {
  ANSWER,
  type CreateServer,
  emailOf,
  newEmails,
  PASSWORD,
  times,
  USERS,
  WRONG_PASSWORD,
} from '../servers.js';
import { SECRET } from './secret.js';

/** How long its cookie cache, where it is on, goes on to say what was true. */
const STALE_SECONDS = 300;

/** better-auth. `store`: `memory` or `mongodb`. `cookieCache`: whether it is on. */
const betterAuthServer: CreateServer = async ({ uri, store = 'mongodb', cookieCache = false }) => {
  let hash = await hashPassword(PASSWORD);
  const auth = betterAuth({
    secret: SECRET,
    baseURL: 'http://127.0.0.1',
    database: store === 'memory' ? memoryAdapter(newMemory()) : mongodbAdapter(await connect(uri)),
    emailAndPassword: {
      enabled: true,
      // Its own, but for the users that are there from the start: 200 hashes would take half a minute.
      password: { hash: async (password) => hash || hashPassword(password), verify: verifyPassword },
    },
    session: { cookieCache: { enabled: cookieCache as boolean, maxAge: STALE_SECONDS } },
    // A flood comes from many addresses; here all have one.
    rateLimit: { enabled: false },
    logger: { disabled: true },
    telemetry: { enabled: false },
  });
  const cookies: string[] = [];
  for (const email of times(USERS, emailOf)) {
    const body = { email, password: PASSWORD, name: 'User' };
    const { headers } = await auth.api.signUpEmail({ body, returnHeaders: true });
    cookies.push(cookieOf(headers));
  }
  hash = '';

  const app = express();
  app.all('/api/auth/*splat', toNodeHandler(auth));
  app.get('/', async (req, res) => {
    const session = await auth.api.getSession({ headers: fromNodeHeaders(req.headers) });
    if (!session) res.status(401);
    res.json(ANSWER);
  });
  const login = (status: number, password: string) => (): Load => ({
    status,
    requests: times(USERS, (i) => post('/api/auth/sign-in/email', { email: emailOf(i), password })),
  });
  return {
    app,
    loads: {
      user: () => ({ status: 200, requests: cookies.map((cookie) => getAs('/', { cookie })) }),
      login: login(200, PASSWORD),
      wrong: login(401, WRONG_PASSWORD),
      register: () => ({
        status: 200,
        requests: newEmails(USERS).map((email) =>
          post('/api/auth/sign-up/email', { email, password: PASSWORD, name: 'User' }),
        ),
      }),
    },
  };
};
export default betterAuthServer;

function newMemory(): Record<string, never[]> {
  return { user: [], session: [], account: [], verification: [] };
}

async function connect(uri: string) {
  await mongoose.connect(uri);
  // The driver is the root's, of which better-auth's types may know another version.
  return mongoose.connection.db as never;
}

/** As a browser sends back what it was given. */
function cookieOf(headers: Headers): string {
  return headers
    .getSetCookie()
    .map((cookie) => cookie.split(';')[0])
    .join('; ');
}
