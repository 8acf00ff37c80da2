import express from 'express';
import { BaseUser, baseUserPlugin, createAuthRouter, optionalUser, requireUser } from 'express-auth-kit';
import { createConnection, Schema } from 'mongoose';

/** Nothing to run: an app that has declared its user to be Passport's. */
const plain = createAuthRouter();
const User = BaseUser.discriminator(
  'User',
  new Schema({ phone: String, age: { type: Number, required: true } }),
);
const auth = createAuthRouter({ User, registerFields: ['phone', 'age'] });
const schema = new Schema({ plan: { type: String, enum: ['free', 'paid'], required: true } });
schema.plugin(baseUserPlugin);
const Member = createConnection().model('Member', schema);
const members = createAuthRouter({ User: Member });

declare global {
  namespace Express {
    interface User extends InstanceType<typeof User> {}
  }
}

const app = express();
app.get('/users/:id', requireUser, (req, res) => {
  const id: string = req.params.id;
  const { roles, email, phone } = req.user!;
  const told: [string, string[], string, string | null | undefined] = [id, roles, email, phone];
  res.json(told);
});
app.get('/either/:id', optionalUser, auth.requireClaims, auth.requireRole('admin'), (req, res) => {
  const id: string = req.params.id;
  res.json({ id, roles: req.user?.roles.includes('admin') });
});
app.get('/recent/:id', auth.requireRecentLogin({ seconds: 60 }), (req, res) => {
  const id: string = req.params.id;
  res.json({ id });
});
app.get(
  '/typed/:id',
  auth.handler((req, res) => {
    const [id, age, ip]: [string, number, string | undefined] = [req.params.id, req.user.age, req.ip];
    res.json([id, age, ip]);
  }),
);
app.get(
  '/members/:id',
  members.handler((req, res) => {
    const [id, plan, roles]: [string, 'free' | 'paid', string[]] = [
      req.params.id,
      req.user.plan,
      req.user.roles,
    ];
    // @ts-expect-error what the app has declared of another router's users is not this one's
    res.json([id, plan, roles, req.user.phone]);
  }),
);
const planned = createAuthRouter({
  User: Member,
  claims: async (user, session) => ({ plan: user.plan, since: session.createdAt.getTime() }),
});
app.get(
  '/planned/:id',
  planned.handler((req, res) => {
    const [plan, since, sid]: ['free' | 'paid', number, string] = [
      req.auth.plan,
      req.auth.since,
      req.auth.sid,
    ];
    // @ts-expect-error no claim of the app's
    res.json([plan, since, sid, req.auth.nope]);
  }),
);
createAuthRouter({
  User: Member,
  // @ts-expect-error the user has no such field
  claims: (user) => ({ plan: user.nope }),
});
export const planOf = async (token: string): Promise<'free' | 'paid'> =>
  (await planned.service.verifyAccessToken(token)).claims.plan;
app.get(
  '/files/*path',
  auth.handler<{ path: string[] }>((req, res) => {
    const path: string[] = req.params.path;
    res.json(path);
  }),
);
type Role = 'admin' | 'editor';
app.get('/editors', auth.requireRole<Role>('editor'));
// @ts-expect-error a role that the app does not have
app.get('/owners', auth.requireRole<Role>('owner'));
const stop: () => void = auth.on('login.succeeded', ({ userId, sessionId }) =>
  console.log(userId, sessionId),
);
stop();
// @ts-expect-error not in the payload
auth.on('login.succeeded', ({ password }) => console.log(password));
// @ts-expect-error an event that there is not
auth.on('login.suceeded', () => {});
app.use(requireUser, plain.requireUser);
app.get(
  '/plain',
  plain.handler((req, res) => {
    // @ts-expect-error nor the base user's
    res.json(req.user.phone);
  }),
);
express.Router().use(auth.requireUser);
