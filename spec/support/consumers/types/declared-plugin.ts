import express from 'express';
import { baseUserPlugin, createAuthRouter, requireUser } from 'express-auth-kit';
import { createConnection, type Model, Schema } from 'mongoose';

/** Nothing to run: an app with a schema of its own, declared to be Passport's user. */
const schema = new Schema({ plan: { type: String, enum: ['free', 'paid'], required: true } });
schema.plugin(baseUserPlugin);
const Member = createConnection().model('Member', schema);
const members = createAuthRouter({ User: Member });
const plain = createAuthRouter();

type Role = 'admin' | 'editor';
declare const Staff: Model<{ email: string; roles: Role[] }>;
const staff = createAuthRouter({ User: Staff });

declare global {
  namespace Express {
    interface User extends InstanceType<typeof Member> {
      // @ts-expect-error narrower than what the kit declares for every app: `handler` has the app's own
      roles: Role[];
    }
  }
}

const app = express();
app.get('/plan/:id', requireUser, (req, res) => {
  const { plan, roles, displayName } = req.user!;
  const told: [string, 'free' | 'paid', string[], string] = [req.params.id, plan, roles, displayName];
  res.json(told);
});
app.get('/admin', members.requireRole('admin'), (req, res) => void res.json(req.user!.plan));
app.get(
  '/members',
  members.handler((req, res) => void res.json([req.user.plan, req.user.roles])),
);
app.get(
  '/plain',
  plain.handler((req, res) => {
    // @ts-expect-error what the app has declared of another router's users is not this one's
    res.json(req.user.plan);
  }),
);
app.get(
  '/staff',
  staff.handler((req, res) => {
    const roles: Role[] = req.user.roles;
    res.json(roles);
  }),
);
app.get('/editors', staff.requireRole<Role>('editor', 'admin'));
// @ts-expect-error a role that the app does not have
app.get('/owners', staff.requireRole<Role>('owner'));
