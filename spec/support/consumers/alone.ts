import express from 'express';
import { baseUserSchema, createAuthRouter } from 'express-auth-kit';
import { createConnection } from 'mongoose';
import { play } from './play.js';

/** An app that takes the user as it is, on another connection than mongoose's default one. */
const connection = createConnection(process.env['MONGODB_URI'] ?? '');
const auth = createAuthRouter({ User: connection.model('User', baseUserSchema) });

const app = express();
app.use('/auth', auth);
app.get('/protected', auth.requireUser, (req, res) => {
  res.json({ user: req.user?.email });
});
app.get(
  '/typed',
  auth.handler((req, res) => {
    const initials: string = req.user.initials;
    res.json({ initials });
  }),
);

async function main(): Promise<void> {
  console.log(JSON.stringify(await play(app, {})));
  await connection.close();
}
void main();
