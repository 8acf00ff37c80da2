import { BaseUser, baseUserPlugin, createAuthRouter } from 'express-auth-kit';
import { createConnection, Schema } from 'mongoose';

// What a library or a part of a monorepo exports, without a type of its own: the compiler must be able to name all of them.
export const User = BaseUser.discriminator('User', new Schema({ phone: String }));
export const auth = createAuthRouter({ User, claims: () => ({ plan: 'paid' }) });
export const { service, requireUser } = auth;
export const typed = auth.handler((req, res) => res.json({ phone: req.user.phone, plan: req.auth.plan }));
export const findUser = (email: string) => service.findUser({ email });

const schema = new Schema({ plan: String });
schema.plugin(baseUserPlugin);
export const Member = createConnection().model('Member', schema);
export const members = createAuthRouter({ User: Member });
export const member = members.handler((req, res) => res.json({ plan: req.user.plan }));
