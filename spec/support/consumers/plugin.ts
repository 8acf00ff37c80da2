import express from 'express';
import { type AuthOptions, baseUserPlugin, createAuthRouter } from 'express-auth-kit';
import { createClock, createMailbox, loginAs } from 'express-auth-kit/testing';
import { argon2id, django } from 'express-auth-kit/verifiers';
import { createConnection, Schema } from 'mongoose';
import { play } from './play.js';

/** An app with a schema of its own, on a connection of its own. */
const schema = new Schema({ plan: { type: String, enum: ['free', 'paid'], required: true } });
schema.plugin(baseUserPlugin);
const connection = createConnection(process.env['MONGODB_URI'] ?? '');
const Member = connection.model('Member', schema);

const mailbox = createMailbox();
const auth = createAuthRouter({
  User: Member,
  registerFields: ['plan'],
  appUrl: 'https://app.example.com',
  mail: { transport: mailbox.transport, from: 'App <app@example.com>' },
  clock: createClock(),
  password: {
    verifiers: [django()],
    check: async (password, user) => (password === user.plan ? 'Not the plan.' : undefined),
  },
  hooks: {
    beforeSignIn({ user }) {
      const plan: 'free' | 'paid' = user.plan;
      if (plan !== 'paid') throw new Error('the hook is given the user');
    },
  },
});
// @ts-expect-error there is no such option
export const misspelt: AuthOptions = { secretkey: 'x' };
export const header: () => Promise<{ authorization: string }> = () => loginAs(auth, 'an id');
/** Throws where the optional package is not installed. */
export const verifier = () => django({ argon2: argon2id() });
export const plan = async (): Promise<'free' | 'paid'> => {
  const member = await auth.service.createUser({
    email: 'b@example.com',
    password: 'correct horse',
    plan: 'free',
  });
  return member.plan;
};

const app = express();
app.use('/auth', auth);
app.get('/protected', auth.requireUser, (req, res) => {
  res.json({ user: req.user?.email });
});
app.get(
  '/typed',
  auth.handler((req, res) => {
    const [plan, roles, name]: ['free' | 'paid', string[], string] = [
      req.user.plan,
      req.user.roles,
      req.user.displayName,
    ];
    res.json({ plan, roles, name });
  }),
);

async function main(): Promise<void> {
  console.log(JSON.stringify(await play(app, { plan: 'paid' })));
  await connection.close();
}
void main();
