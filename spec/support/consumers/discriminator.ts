import express from 'express';
import { BaseUser, createAuthRouter, requireUser } from 'express-auth-kit';
import mongoose, { Schema } from 'mongoose';
import { play } from './play.js';

/** An app that extends the user by a discriminator, on mongoose's default connection. */
const User = BaseUser.discriminator(
  'User',
  new Schema({ phone: String, age: { type: Number, required: true } }),
);
const auth = createAuthRouter({ User, registerFields: ['phone', 'age'] });

const app = express();
app.use('/auth', auth);
app.get('/protected', requireUser, (req, res) => {
  res.json({ user: req.user?.email });
});
app.get(
  '/typed',
  auth.handler((req, res) => {
    const age: number = req.user.age;
    const phone: string | null | undefined = req.user.phone;
    res.json({ age, phone, session: typeof req.auth.sid });
  }),
);
app.get(
  '/wrong',
  auth.handler((req, res) => {
    // @ts-expect-error the user has no such field
    res.json(req.user.nope);
  }),
);

async function main(): Promise<void> {
  await mongoose.connect(process.env['MONGODB_URI'] ?? '');
  console.log(JSON.stringify(await play(app, { phone: '123', age: 36 })));
  await mongoose.disconnect();
}
void main();
