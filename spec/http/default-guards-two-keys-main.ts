import { randomBytes } from 'node:crypto';
import express, { type ErrorRequestHandler } from 'express';
import { createAuthRouter, requireUser } from 'express-auth-kit';
import { serve } from '../support/test-app.js';

/** Two routers of one user model with a key each: what the exported guard answers. */
const secrets = [1, 2].map(() => randomBytes(32).toString('base64'));
for (const secretKey of secrets) createAuthRouter({ secretKey, logger: { warn() {} } });

const app = express().get('/user', requireUser);
app.use(((error, _req, res, _next) => {
  res.status(500).json({ handled: error.message });
}) satisfies ErrorRequestHandler);
const { http, close } = await serve(app);
const { status, body } = await http.get('/user');
close();
process.send?.({ status, body });
