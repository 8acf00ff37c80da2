import { encode } from '@auth/core/jwt';
import { type ExpressAuthConfig, getSession } from '@auth/express';
import Credentials from '@auth/express/providers/credentials';
import { MongoDBAdapter } from '@auth/mongodb-adapter';
import express from 'express';
import mongoose from 'mongoose';
import { getAs } from '../load.js';
import { ANSWER, type CreateServer, emailOf, times, USERS } from '../servers.js';
import { SECRET } from './secret.js';

const COOKIE = 'authjs.session-token';

/** Auth.js's Express adapter. `store`: `cookie` (its default, an encrypted token) or `mongodb`. */
const authJs: CreateServer = async ({ uri, store = 'cookie' }) => {
  const config: ExpressAuthConfig = {
    secret: SECRET,
    trustHost: true,
    providers: [Credentials({ credentials: {}, authorize: () => null })],
  };
  if (store === 'mongodb') {
    await mongoose.connect(uri);
    // The driver is the root's, of which the adapter's types know an older version.
    config.adapter = MongoDBAdapter(mongoose.connection.getClient() as never, {
      databaseName: mongoose.connection.name,
    });
    config.providers = [];
    config.session = { strategy: 'database' };
    await mongoose.connection.collection('sessions').createIndex({ sessionToken: 1 }, { unique: true });
  }
  const values = await Promise.all(
    times(USERS, (i) => (store === 'mongodb' ? storeSession(config, i) : encoded(i))),
  );

  const app = express();
  app.get('/', async (req, res) => {
    if (!(await getSession(req, config))) res.status(401);
    res.json(ANSWER);
  });
  return {
    app,
    loads: {
      user: () => ({
        status: 200,
        requests: values.map((value) => getAs('/', { cookie: `${COOKIE}=${value}` })),
      }),
    },
  };
};
export default authJs;

function encoded(index: number): Promise<string> {
  return encode({ token: { sub: String(index), email: emailOf(index) }, secret: SECRET, salt: COOKIE });
}

async function storeSession({ adapter }: ExpressAuthConfig, index: number): Promise<string> {
  const user = await adapter?.createUser?.({ id: '', email: emailOf(index), emailVerified: null });
  const sessionToken = `session-of-user-${index}`;
  const expires = new Date(Date.now() + 30 * 24 * 3_600_000);
  await adapter?.createSession?.({ sessionToken, userId: user?.id as string, expires });
  return sessionToken;
}
