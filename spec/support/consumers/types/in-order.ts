import express from 'express';
import {
  type AuthHooks,
  type AuthOptions,
  type AuthRouter,
  BaseUser,
  type BaseUserFields,
  baseUserPlugin,
  createAuthRouter,
  type OwnFields,
  requireUser,
  type UserOf,
} from 'express-auth-kit';
import { createConnection, type Model, model, Schema } from 'mongoose';

/** Nothing to run: the base user first, then an app's own, and nothing declared. */
const explicit = createAuthRouter({ User: BaseUser });
const plain = createAuthRouter();
const User = BaseUser.discriminator(
  'User',
  new Schema({
    phone: String,
    company: String,
    plan: { type: String, enum: ['free', 'paid'], default: 'free' },
    age: { type: Number, required: true },
    born: Date,
    team: Schema.Types.ObjectId,
    tags: [String],
  }),
);
const auth = createAuthRouter({ User, registerFields: ['phone', 'age'], profileFields: ['company'] });
const schema = new Schema({ plan: { type: String, enum: ['free', 'paid'], required: true } });
schema.plugin(baseUserPlugin);
const Member = createConnection().model('Member', schema);
const members = createAuthRouter({ User: Member, registerFields: ['plan'] });

const account = { email: 'ada@example.com', password: 'correct horse' };
const now = new Date();

// The fields of the model, and no others.
// @ts-expect-error misspelt
createAuthRouter({ User, registerFields: ['phnoe'] });
// @ts-expect-error misspelt
createAuthRouter({ User, profileFields: ['phnoe'] });
createAuthRouter({ User, loginFields: ['email', 'phone'] });
// @ts-expect-error misspelt
createAuthRouter({ User, loginFields: ['email', 'phnoe'] });
// @ts-expect-error a base field
createAuthRouter({ User, registerFields: ['roles'] });
// @ts-expect-error a base field
createAuthRouter({ User, profileFields: ['emailVerifiedAt'] });
// @ts-expect-error a credential
createAuthRouter({ User, profileFields: ['password'] });
// @ts-expect-error mongoose's own
createAuthRouter({ User, registerFields: ['_id'] });
// @ts-expect-error the base user has no fields of its own
createAuthRouter({ registerFields: ['phone'] });
// @ts-expect-error the name is a base field, though the schema is the app's own
createAuthRouter({ User: Member, registerFields: ['name'] });

auth.service.createUser({ ...account, name: 'Ada', roles: ['admin'], phone: '123', age: 36 });
// A field with a default may be left out. Mongoose's types do not tell it from a required one.
auth.service.createUser(account);
auth.service.createUser({ ...account, plan: 'paid', tags: ['a'], company: null });
// As the schema casts them.
auth.service.createUser({ ...account, born: '1815-12-10', team: '507f1f77bcf86cd799439011' });
auth.service.createUser({ ...account, born: now });
members.service.createUser({ ...account, plan: 'free' });
// @ts-expect-error misspelt
auth.service.createUser({ ...account, phnoe: '123' });
// @ts-expect-error a base field that the kit sets
auth.service.createUser({ ...account, disabledAt: now });
// @ts-expect-error a credential
auth.service.createUser({ ...account, securityStamp: 'x' });
// @ts-expect-error mongoose's own
auth.service.createUser({ ...account, _id: '507f1f77bcf86cd799439011' });
// @ts-expect-error not one of the values
members.service.createUser({ ...account, plan: 'gratis' });
// @ts-expect-error not a number
auth.service.createUser({ ...account, age: '36' });
// @ts-expect-error a list of texts
auth.service.createUser({ ...account, tags: [1] });
// @ts-expect-error the base user has no fields of its own
plain.service.createUser({ ...account, phone: '123' });
// @ts-expect-error another model's
members.service.createUser({ ...account, phone: '123' });

// Models that mongoose does not type take any field.
const untyped = new Schema();
untyped.plugin(baseUserPlugin);
// biome-ignore lint/suspicious/noExplicitAny: what an app has that does not type its models
for (const Untyped of [model('Untyped', untyped), model('Any') as Model<any>]) {
  const { handler, service } = createAuthRouter({ User: Untyped, registerFields: ['anything'] });
  service.createUser({ ...account, anything: 1 });
  handler((req, res) => void res.json(req.user.anything));
}
const loose = createAuthRouter({
  User: BaseUser.discriminator('Loose', untyped),
  registerFields: ['anything'],
});
loose.service.createUser({ ...account, anything: 1 });

// Models as mongoose types them, methods and all; and with types that the app gives.
const Greeter = BaseUser.discriminator(
  'Greeter',
  new Schema(
    { greeting: String },
    {
      methods: { greet: () => 'hello' },
      statics: { howMany: () => 1 },
      virtuals: { loud: { get: () => 'HELLO' } },
    },
  ),
);
createAuthRouter({ User: Greeter }).handler((req, res) => {
  const [greeting, loud]: string[] = [req.user.greet(), req.user.loud];
  res.json([greeting, loud, Greeter.howMany()]);
});
const Typed = BaseUser.discriminator<{ phone: string }>('Typed', new Schema({ phone: String }));
createAuthRouter({ User: Typed, registerFields: ['phone'] });
// What is added later is not in mongoose's types: the app names it.
const added = new Schema({ phone: String });
added.add({ plan: String });
added.plugin(baseUserPlugin);
const Added = createConnection().model<{ phone?: string; plan?: string }>('Added', added);
createAuthRouter({ User: Added, registerFields: ['plan'] });

// In modules of the app's own.
export const options: AuthOptions<typeof User> = {
  registerFields: ['phone'],
  hooks: { afterRegister: ({ user }) => console.log(user.phone, user.displayName) },
};
// @ts-expect-error misspelt
export const wrong: AuthOptions<typeof User> = { registerFields: ['phnoe'] };
const shared: Pick<AuthOptions, 'accessTokenExpireMinutes' | 'hooks'> = {
  accessTokenExpireMinutes: 5,
  hooks: { afterRegister: ({ user }) => console.log(user.email) },
};
createAuthRouter({ ...shared, ...options, User });
// Hooks for the base user say nothing of the model.
createAuthRouter({ ...shared, User, registerFields: ['phone'] });
createAuthRouter({ ...shared, User: model('Any'), registerFields: ['anything'] });
const forAll: AuthHooks<BaseUserFields> = { afterRegister: ({ user }) => console.log(user.displayName) };
createAuthRouter({ hooks: forAll, User: Member, registerFields: ['plan'] });
export const routers: AuthRouter<UserOf<typeof User>>[] = [auth];
export const router: AuthRouter<UserOf<typeof Member>, OwnFields<typeof Member>> = members;
export const greet = ({ email, plan }: UserOf<typeof Member>): [string, 'free' | 'paid'] => [email, plan];

const app = express();
app.get('/users/:id', requireUser, (req, res) => {
  const id: string = req.params.id;
  const { roles, email, displayName } = req.user!;
  const told: [string, string[], string, string] = [id, roles, email, displayName];
  res.json(told);
});
app.get('/undeclared', requireUser, (req, res) => {
  // @ts-expect-error nothing declares that the user has one
  res.json(req.user!.phone);
});
app.get(
  '/members/:id',
  members.handler<{ id: string }>((req, res) => {
    const [id, plan, roles]: [string, 'free' | 'paid', string[]] = [
      req.params.id,
      req.user.plan,
      req.user.roles,
    ];
    res.json([id, plan, roles]);
  }),
);
app.get(
  '/plain',
  plain.handler((req, res) => {
    // @ts-expect-error the base user has none
    res.json(req.user.phone);
  }),
);
app.all('/any', explicit.requireUser, (_req, res) => void res.end());
