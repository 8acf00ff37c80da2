import { randomBytes } from 'node:crypto';
import express, { type ErrorRequestHandler } from 'express';
import { BaseUser, createAuthRouter, optionalUser, requireUser } from 'express-auth-kit';
import { loginAs } from 'express-auth-kit/testing';
import mongoose, { Schema } from 'mongoose';
import { createTestDatabase } from '../support/database.js';
import { serve } from '../support/test-app.js';

/**
 * What the exported guards answer, step by step, in a process that has no router yet: sent to the spec, which started
 * this file as a process of its own.
 */
const answers: Record<string, unknown> = {};
const database = await createTestDatabase();
await mongoose.connect(database.uri);

// Mounted before any router is made.
const app = express();
app.get('/user', requireUser, (req, res) => res.json({ user: req.user?.email }));
app.get('/optional', optionalUser, (req, res) => res.json({ user: req.user?.email ?? null }));
app.use(((error, _req, res, _next) => {
  res.status(500).json({ handled: error.message });
}) satisfies ErrorRequestHandler);
const { http, close } = await serve(app);

const ask = async (name: string, headers: Record<string, string> = {}) => {
  const [user, optional] = await Promise.all(
    ['/user', '/optional'].map((path) => http.get(path).set(headers)),
  );
  answers[name] = [user, optional].map((response) => ({ status: response?.status, body: response?.body }));
};

const secretKey = randomBytes(32).toString('base64');
const options = { secretKey, password: { bcryptCost: 4 }, logger: { warn() {} } };

await ask('none');
const auth = createAuthRouter(options);
const user = await auth.service.createUser({ email: 'jean@example.com', password: 'correct horse battery' });
const headers = await loginAs(auth, user);
await ask('one, anonymous');
await ask('one', headers);
// As a second test file of an app would make it.
createAuthRouter({ ...options, accessTokenExpireMinutes: 5 });
await ask('two of the same users and keys', headers);
const Clerk = BaseUser.discriminator('Clerk', new Schema({ desk: String }));
createAuthRouter({ ...options, User: Clerk });
await ask('two of different users', headers);
answers['a router of its own'] = (
  await Promise.all([headers, {}].map((given) => serveOnce(auth.requireUser, given)))
).map(({ status }) => status);

close();
await database.drop();
await mongoose.disconnect();
process.send?.(answers);

async function serveOnce(guard: express.RequestHandler, given: Record<string, string>) {
  const served = await serve(express().get('/', guard, (_req, res) => void res.end()));
  try {
    return await served.http.get('/').set(given);
  } finally {
    served.close();
  }
}
