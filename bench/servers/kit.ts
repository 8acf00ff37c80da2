import bcrypt from 'bcrypt';
import express from 'express';
import mongoose from 'mongoose';
import { createAuthRouter, createMailbox } from '../kit.js';
import { bearer, cookies, fromElsewhere, fromPage, getAs, type Load, post } from '../load.js';
import {
  ANSWER,
  type CreateServer,
  disabledEmailOf,
  emailOf,
  forAll,
  newEmails,
  PASSWORD,
  times,
  USERS,
  WRONG_PASSWORD,
} from '../servers.js';
import { SECRET } from './secret.js';

const APP_URL = 'https://app.example.com';
const [ACCESS, REFRESH] = ['__Host-access', '__Host-refresh'];

/**
 * The kit. `cost`: bcrypt's. `stored`: so many users are there already, and a sample of them is signed in; by default the
 * server makes its own. `disabled`: so many users beside them. `throttle`: as by default, or `off`. `webMode`: off by default.
 */
const kit: CreateServer = async ({
  uri,
  cost = 4,
  stored = 0,
  users: count = USERS,
  disabled = 0,
  throttle = 'on',
  webMode = 'off',
}) => {
  const auth = createAuthRouter({
    secretKey: SECRET,
    password: { bcryptCost: cost as number },
    throttle: throttle as 'on' | 'off',
    cookies: webMode as 'on' | 'off',
    appUrl: APP_URL,
    mail: { transport: createMailbox().transport, from: 'App <app@example.com>' },
    logger: { warn() {} },
  });
  await mongoose.connect(uri);
  await auth.service.createIndexes();

  const step = Number(stored) / Number(count);
  const emails = times(count as number, (i) => emailOf(stored ? Math.floor(i * step) : i));
  if (!stored) {
    const passwordHash = await bcrypt.hash(PASSWORD, cost as number);
    for (const email of emails) await auth.service.createUser({ email, passwordHash, roles: ['member'] });
    for (const email of times(disabled as number, disabledEmailOf))
      await auth.service.disableUser((await auth.service.createUser({ email, passwordHash }))._id);
  }
  const signIn = async (email: string) => {
    const user = await auth.service.findUser({ email });
    if (!user) throw new Error(`no user ${email}`);
    return auth.service.issueTokens(user._id);
  };
  const pairs = await forAll(emails, signIn);
  let repeated = 0;
  auth.on('session.repeated', () => {
    repeated += 1;
  });

  const app = express();
  app.set('trust proxy', true);
  app.use('/auth', auth);
  const answer: express.RequestHandler = (_req, res) => {
    res.json(ANSWER);
  };
  app.get('/claims', auth.requireClaims, answer);
  app.get('/user', auth.requireUser, answer);
  app.post('/user', auth.requireUser, answer);
  app.get(
    '/role',
    auth.requireUser,
    auth.requireRole('member'),
    auth.requireRecentLogin({ seconds: 3600 }),
    answer,
  );
  const guarded = (path: string) => (): Load => ({
    status: 200,
    requests: pairs.map(({ access_token }) => getAs(path, bearer(access_token))),
  });
  type Pair = (typeof pairs)[number];
  const asBearer = ({ access_token }: Pair) => bearer(access_token);
  const byCookies = ({ access_token, refresh_token }: Pair) =>
    cookies({ [ACCESS]: access_token, [REFRESH]: refresh_token });
  /** Of a page, whose browser says where it comes from, whatever it is known by. */
  const ofPage =
    (path: string, method: 'GET' | 'POST', headersOf: typeof asBearer | typeof byCookies) => (): Load => ({
      status: 200,
      requests: pairs.map((pair) => fromPage({ ...getAs(path, headersOf(pair)), method }, APP_URL)),
    });
  /** Of new sessions, whose access cookies have ended. */
  const renewing = (path: string, method: 'GET' | 'POST') => async (): Promise<Load> => {
    const fresh = await forAll(emails, signIn);
    const headers = fresh.map(({ refresh_token }) => cookies({ [REFRESH]: refresh_token }));
    return {
      status: 200,
      requests: headers.map((each) => fromPage({ ...getAs(path, each), method }, APP_URL)),
      keeps: [REFRESH],
    };
  };
  const login = (status: number, password: string) => (): Load => ({
    status,
    requests: emails.map((username) => post('/auth/token', { username, password })),
  });
  return {
    app,
    loads: {
      claims: guarded('/claims'),
      user: guarded('/user'),
      role: guarded('/role'),
      'claims, bearer': ofPage('/claims', 'GET', asBearer),
      'claims, cookies': ofPage('/claims', 'GET', byCookies),
      'user, bearer': ofPage('/user', 'GET', asBearer),
      'user, cookies': ofPage('/user', 'GET', byCookies),
      'post, bearer': ofPage('/user', 'POST', asBearer),
      'post, cookies': ofPage('/user', 'POST', byCookies),
      'claims, renewed': renewing('/claims', 'GET'),
      'user, renewed': renewing('/user', 'GET'),
      'refresh, cookies': renewing('/auth/refresh', 'POST'),
      login: login(200, PASSWORD),
      wrong: login(401, WRONG_PASSWORD),
      elsewhere: () => ({
        status: 200,
        requests: emails.map((username) =>
          fromElsewhere(post('/auth/token', { username, password: PASSWORD })),
        ),
      }),
      register: () => ({
        status: 201,
        requests: newEmails(USERS).map((email) =>
          fromElsewhere(post('/auth/register', { email, password: PASSWORD })),
        ),
      }),
      // Of new sessions: an answer that the last round did not wait for has used the old ones' tokens up.
      refresh: async () => {
        const fresh = await forAll(emails, signIn);
        return {
          status: 200,
          requests: fresh.map(({ refresh_token }) => post('/auth/refresh', { refresh_token })),
          carries: 'refresh_token',
        };
      },
    },
    tasks: { settled: () => auth.service.settled(), repeated: () => repeated },
  };
};
export default kit;
