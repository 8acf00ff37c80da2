import { setTimeout as wait } from 'node:timers/promises';
import type { RequestContext } from '../config/hooks.js';
import type { Core } from '../core/core.js';
import { withinLimitsUnless } from '../core/limits.js';
import { EmailTaken, TooManyRequests, ValidationFailed } from '../errors.js';
import type { UserDocument } from '../models/user.js';
import { normalizeEmail } from '../security/email-address.js';
import {
  checkUser,
  type NewAccount,
  type Prepared,
  prepareUser,
  sayRegistered,
  storeUser,
} from './create-user.js';
import { PASSWORD_RESET } from './recover-password.js';
import { VERIFY_EMAIL } from './verify-email.js';

/** The name of the mail that tells the owner of a taken address. */
export const ALREADY_REGISTERED = 'alreadyRegistered';

/**
 * How long the write of a registration is given, in milliseconds, before anything is answered: one that is refused is done
 * sooner than one that a majority has to store, and the time would tell.
 */
const WRITING = 100;

/** When to try again, in seconds, where a limit refuses and does not say so itself. */
const REFUSED_SECONDS = 60;

/**
 * Somebody registers: stores the user, and mails the link that verifies the address where verification is on.
 *
 * @throws as `createUser`; what a limit throws
 */
export async function registerUser(core: Core, account: NewAccount): Promise<UserDocument> {
  const checked = await checkUser(core, account);
  const { context } = account;
  const user = await bounded(core, account, async () =>
    storeUser(core, await prepareUser(core, checked, account)),
  );
  const { acceptLanguage } = context;
  if (core.settings.emailVerification !== 'off')
    await core.outbox.send(user, VERIFY_EMAIL, { acceptLanguage });
  await sayRegistered(core, user, context);
  return user;
}

/**
 * Somebody registers, and is not told whether the address was free. The same is done before the answer whether or not it
 * was: all checks, one hash, one write, which the database refuses where there is such a user, one look-up, and one row
 * for the mail. What differs, the mails and the app's `afterRegister` hooks, is off the request's path (OWASP ASVS 5.0 6.3.8).
 *
 * A second registration changes nothing of the first, neither the password nor the name. Its mail is for whoever has the
 * mailbox: where the address is verified a word about it, else a recovery link, so that the owner wins and not who was first.
 *
 * @throws as `registerUser`, but for `email_taken` and what an `afterRegister` hook throws, which is logged
 */
export async function registerQuietly(core: Core, account: NewAccount): Promise<void> {
  const { context, email } = account;
  const checked = await checkUser(core, account);
  const user = await bounded(core, account, async () => {
    const prepared = await prepareUser(core, checked, account);
    const written = wait(WRITING);
    return storeUnlessTaken(core, prepared).finally(() => written);
  });
  try {
    const recipient = await core.users.findRecipient(email);
    const { acceptLanguage } = context;
    await core.outbox.sendTo(recipient, mailFor(recipient.user, user), { acceptLanguage });
  } finally {
    if (user) await sayRegisteredLater(core, user, context);
  }
}

/**
 * Within the limits, when nothing is at fault any more. An address or another value that is taken counts as one that is free:
 * who looks for accounts this way is bounded by it.
 */
function bounded<Result>(
  core: Core,
  { email, context: { ip } }: NewAccount,
  work: () => Promise<Result>,
): Promise<Result> {
  const name = normalizeEmail(email);
  const attempt = { operation: 'register', kind: 'register', user: null, name, ip } as const;
  return withinLimitsUnless(core.limits, attempt, [EmailTaken, ValidationFailed], (isRefused) => {
    if (isRefused) throw new TooManyRequests({ retryAfterSeconds: REFUSED_SECONDS });
    return work();
  });
}

/** At once where too much is waiting: the user is stored, and nothing is left out. */
async function sayRegisteredLater(core: Core, user: UserDocument, context: RequestContext): Promise<void> {
  const say = () =>
    sayRegistered(core, user, context).catch((error: unknown) =>
      core.logger.error?.('an afterRegister hook failed', { error }),
    );
  if (!core.background.run(say)) await say();
}

/** What else is taken is told whether or not the address is, too. */
async function storeUnlessTaken(core: Core, prepared: Prepared): Promise<UserDocument | undefined> {
  try {
    return await storeUser(core, prepared);
  } catch (error) {
    if (!(error instanceof EmailTaken)) throw error;
    await core.users.requireUnique(prepared.user);
    return undefined;
  }
}

/** @param registered who was stored now */
function mailFor(holder: UserDocument | undefined, registered: UserDocument | undefined): string {
  if (registered) return VERIFY_EMAIL;
  return holder?.emailVerifiedAt ? ALREADY_REGISTERED : PASSWORD_RESET;
}
