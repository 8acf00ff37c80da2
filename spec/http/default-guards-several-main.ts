import { randomBytes } from 'node:crypto';
import express, { type ErrorRequestHandler } from 'express';
import { type AuthOptions, createAuthRouter, requireUser } from 'express-auth-kit';
import { serve } from '../support/test-app.js';

/** Two routers of one user model that differ in what the argument says: what the exported guard answers. */
const [secretKey, another] = [1, 2].map(() => randomBytes(32).toString('base64')) as [string, string];
const differing: Record<string, AuthOptions[]> = {
  keys: [{ secretKey }, { secretKey: another }],
  audiences: ['office', 'shop'].map((audience) => ({ secretKey, audience })),
};
for (const options of differing[process.argv[2] as string] ?? [])
  createAuthRouter({ ...options, logger: { warn() {} } });

const app = express().get('/user', requireUser);
app.use(((error, _req, res, _next) => {
  res.status(500).json({ handled: error.message });
}) satisfies ErrorRequestHandler);
const { http, close } = await serve(app);
const { status, body } = await http.get('/user');
close();
process.send?.({ status, body });
