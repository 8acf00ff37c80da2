import express from 'express';
import { BaseUser, baseUserPlugin, createAuthRouter, requireUser } from 'express-auth-kit';
import { createConnection, Schema } from 'mongoose';

/** Nothing to run: the app's own users first, the base user last. What the compiler knows must not depend on the order. */
const schema = Schema.create({
  plan: { type: String, enum: ['free', 'paid'] as const, required: true },
  kind: { type: String, required: true, default: 'person' },
  motto: { type: String, required: [true, 'Say something.'] },
  phone: String,
});
schema.plugin(baseUserPlugin);
const Member = createConnection().model('Member', schema);
const members = createAuthRouter({ User: Member, registerFields: ['plan', 'motto'] });
const User = BaseUser.discriminator(
  'User',
  Schema.create({ phone: String, age: { type: Number, required: true } }),
);
const auth = createAuthRouter({ User, registerFields: ['phone', 'age'] });
const plain = createAuthRouter();
const explicit = createAuthRouter({ User: BaseUser });

// Schema.create keeps the definition in its type: there what is required is demanded, unless it has a default.
const account = { email: 'ada@example.com', password: 'correct horse' };
members.service.createUser({ ...account, plan: 'free', motto: 'Onwards' });
// @ts-expect-error the motto is required
members.service.createUser({ ...account, plan: 'free' });
// @ts-expect-error a misspelt name is not the motto
members.service.createUser({ ...account, plan: 'free', moto: 'Onwards' });
// @ts-expect-error not one of the values
members.service.createUser({ ...account, plan: 'gratis', motto: 'Onwards' });
// @ts-expect-error misspelt
createAuthRouter({ User: Member, registerFields: ['plna'] });
auth.service.createUser({ ...account, age: 36 });
// @ts-expect-error the age is required
auth.service.createUser(account);
// @ts-expect-error there must be one
auth.service.createUser({ ...account, age: undefined });
plain.service.createUser({ email: 'ada@example.com' });

const app = express();
app.use(requireUser, plain.requireUser, explicit.optionalUser);
app.get('/roles/:id', auth.requireUser, (req, res) => {
  const [id, roles]: [string, string[]] = [req.params.id, req.user!.roles];
  res.json([id, roles]);
});
app.get(
  '/typed/:id',
  auth.handler<{ id: string }>((req, res) => {
    const [id, age, name]: [string, number, string] = [req.params.id, req.user.age, req.user.displayName];
    res.json([id, age, name]);
  }),
);
app.get(
  '/members',
  members.handler((req, res) => {
    const [plan, roles]: ['free' | 'paid', string[]] = [req.user.plan, req.user.roles];
    res.json([plan, roles]);
  }),
);
