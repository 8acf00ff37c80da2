import { Strategy as LocalStrategy } from 'passport-local';
import { checkPassword } from '../../accounts/check-password.js';
import { InvalidCredentials } from '../../errors.js';
import type { StrategyRequest } from '../../http/authenticate.js';
import { signInContext } from '../../http/sign-in-context.js';
import { requiredString } from '../../http/validation.js';
import type { Kit } from '../../kit.js';
import type { UserDocument } from '../../models/user-store.js';
import { signIn } from '../../sign-in.js';
import type { Grant } from './grant.js';

interface Credentials {
  username: string;
  password: string;
}

/** Email and password, checked by passport-local. */
export const passwordGrant: Grant<Credentials> = {
  rules: { username: requiredString('The username'), password: requiredString('The password') },

  strategies: (kit) => ({
    local: new LocalStrategy({ passReqToCallback: true }, (req, username, password, done) => {
      checkCredentials(kit, { username, password }, req as StrategyRequest).then(
        (user) => done(null, user ?? false),
        (error) => done(error),
      );
    }),
  }),

  async exchange(kit, { req, input, signal }) {
    const outcome = await kit.authenticator.authenticate<UserDocument>('local', req, input, signal);
    if (!outcome.user) throw new InvalidCredentials();
    return signIn(kit, outcome.user, signInContext(req));
  },
};

/** One look-up and one check, whatever is wrong: the answer and its time are the same for every refusal. */
async function checkCredentials(
  kit: Kit,
  { username, password }: Credentials,
  { ip, signal }: StrategyRequest,
): Promise<UserDocument | undefined> {
  const named = await kit.users.findByEmail(username);
  const verdict = await checkPassword(kit, named, { password, signal });
  if (verdict.user) {
    await upgradeHash(kit, verdict.user, password);
    return verdict.user;
  }
  const userId = named ? String(named._id) : null;
  kit.events.emit('login.failed', { userId, reason: verdict.refused, ip: ip ?? null });
  return undefined;
}

/** A hash cheaper than configured is replaced when the password is at hand: now. */
async function upgradeHash(kit: Kit, user: UserDocument, password: string): Promise<void> {
  if (!user.password || !kit.hasher.isOutdated(user.password)) return;
  await kit.users.upgradeHash(user, await kit.hasher.hash(password));
}
