import type { UserCollection } from '../models/user-collection.js';
import { usage } from './failure.js';

/** The option of the commands that make users. */
export const DISCRIMINATOR = [
  '--discriminator <name>',
  "the app's model, where it is a discriminator (__t); by default that of the newest users",
] as const;

/** What makes new users those of the app. */
export interface NewUserKind {
  /** A model that is a discriminator finds those alone that carry its name. */
  fields: { __t?: string };
  /** A word for the operator, where there was nothing to go by. */
  warning?: string;
  /** Why a user without an id of its own cannot be made, if so. */
  needsId?: string;
}

/** @throws CommandFailure (exit 2) where there are users of several kinds, and none is named */
export async function kindOfNewUsers(
  users: Pick<UserCollection, 'kinds'>,
  discriminator: string | undefined,
): Promise<NewUserKind> {
  const { discriminators, hasOtherIds } = await users.kinds();
  const needsId = hasOtherIds
    ? 'the users have ids that are no ObjectIds: only the app can make others'
    : undefined;
  if (discriminator !== undefined) return { fields: { __t: discriminator }, needsId };
  if (discriminators.length > 1) {
    const names = discriminators.map((name) => name ?? 'none').join(', ');
    throw usage(`there are users of several kinds (${names}): name one by --discriminator`);
  }
  const [only] = discriminators;
  if (only !== undefined) return { fields: { __t: only }, needsId };
  return { fields: {}, needsId, warning: discriminators.length === 0 ? FIRST : undefined };
}

const FIRST =
  "these are the first users: where the app's model is a discriminator, it finds only those made with --discriminator";
