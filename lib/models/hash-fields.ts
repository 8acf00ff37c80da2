import type { PasswordVerifier } from '../config/password.js';
import { trusted } from './collection.js';
import type { UserDocument } from './user.js';

/** Password hashes that are stored in fields of their own, as `passport-local-mongoose` has them: `hash` and `salt`. */
export interface HashFields {
  /** All of them, to be loaded with the password. */
  paths: readonly string[];
  /** Makes one hash of them where a user has no other, as if it had been stored in `password`, and takes them off the document. */
  adopt(user: UserDocument): void;
  /** For an update that stores a password: nothing else is left that could be taken for one. */
  removal: { $unset?: Readonly<Record<string, 1>> };
  /** For a filter: one of these holds for a user who has a password. */
  present: readonly object[];
}

/** Stands for fields that a verifier failed to join: who has them has a password, which nothing fits. */
const UNREADABLE = 'unreadable';

export function createHashFields(verifiers: readonly PasswordVerifier[]): HashFields {
  const kinds = verifiers.flatMap(({ fields, join }) => (fields && join ? [{ fields, join }] : []));
  const paths = [...new Set(kinds.flatMap(({ fields }) => fields))];
  const isText = trusted({ $type: 'string' });

  const read = (user: UserDocument): string | undefined => {
    for (const { fields, join } of kinds) {
      const values = fields.map((field) => [field, user.get(field)]);
      if (values.every(([, value]) => typeof value === 'string' && value !== '')) {
        return joined(() => join(Object.fromEntries(values)));
      }
    }
    return undefined;
  };

  return {
    paths,
    adopt(user) {
      if (!user.password && paths.length > 0) user.set('password', read(user));
      for (const path of paths) user.set(path, undefined);
      for (const path of ['password', ...paths]) user.unmarkModified(path);
    },
    removal: paths.length > 0 ? { $unset: Object.fromEntries(paths.map((path) => [path, 1])) } : {},
    present: [
      { password: isText },
      ...kinds.map(({ fields }) => Object.fromEntries(fields.map((field) => [field, isText]))),
    ],
  };
}

/** What a verifier throws may quote the hash. */
function joined(join: () => string): string {
  try {
    return join();
  } catch {
    return UNREADABLE;
  }
}
