import type { HydratedDocument, Model } from 'mongoose';
import type { BaseUserFields, PublicFields } from '../config/base-user-fields.js';

/** A method that the user has set up: the core's list, so that it is known without another query. */
export interface WayIn {
  method: string;
  /** Of the row in the method's own collection. */
  id: string;
  addedAt: Date;
}

/** What the kit itself reads of a user besides the public fields. */
interface Credentials {
  password?: string | null;
  securityStamp?: string | null;
  passwordStamp?: string | null;
  waysIn?: WayIn[] | null;
}

/** A base user as it is stored. */
export interface StoredUser extends PublicFields, Credentials {}

/** A user as the kit sees it: the base fields, whatever else the app's model has. */
export type UserDocument = HydratedDocument<BaseUserFields & Credentials>;
// biome-ignore lint/suspicious/noExplicitAny: any model of the app's, whatever its generics; `checkUserModel` makes sure of the base fields
export type UserModel = Model<any, any, any, any, any, any>;

/** A user's id, of whichever type the app's model gives it. */
export type UserId = unknown;
