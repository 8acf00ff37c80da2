import { BaseUser } from 'express-auth-kit';
import { Schema } from 'mongoose';

/** The kit's user and two fields of this app's own. */
export const User = BaseUser.discriminator(
  'User',
  new Schema({
    phone: { type: String, trim: true, maxlength: 40 },
    company: { type: String, trim: true, maxlength: 200 },
  }),
);

export type ExampleUser = InstanceType<typeof User>;

declare global {
  namespace Express {
    /** What `req.user` is, behind a guard. */
    interface User extends InstanceType<typeof User> {}
  }
}
