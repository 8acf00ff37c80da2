import type { RequestContext } from '../config/hooks.js';
import type { Core } from '../core/core.js';
import { originOf } from '../core/events.js';
import { EmailTaken, type FieldFault, InvalidOneTimeToken, ValidationFailed } from '../errors.js';
import { withoutCredentials } from '../models/conceal-credentials.js';
import { passwordStampOf } from '../models/security-stamp.js';
import type { SignedIn } from '../models/sign-in-loader.js';
import type { UserDocument } from '../models/user.js';
import { isEmailAddress, normalizeEmail } from '../security/email-address.js';
import { hashOneTimeSecret } from '../security/one-time-secret.js';
import type { Circumstances } from './circumstances.js';
import { confirmUser } from './confirm-user.js';
import { requirePasswordOf } from './current-password.js';
import { deleteUser } from './delete-user.js';
import { endSessionsBy } from './end-sessions.js';
import { noticeOf } from './notice.js';
import { PASSWORD_RESET } from './recover-password.js';
import { tidyUp } from './tidy-up.js';

/**
 * The names of the mails: the link to the new address, the notice with an undo to the old one, the word to a holder; when the
 * new one is in force, the words about it to the old and to the new.
 */
export const CHANGE_EMAIL = 'changeEmail';
export const UNDO_EMAIL_CHANGE = 'undoEmailChange';
export const EMAIL_IN_USE = 'emailInUse';
export const EMAIL_CHANGED = 'emailChanged';
export const NEW_EMAIL = 'newEmail';

/** How often an undo is begun anew when the account changes under it. */
const TRIES = 5;

const NO_ADDRESS: FieldFault = {
  code: 'invalid_email',
  detail: 'The email must be an email address.',
  pointer: '#/email',
};
const SAME: FieldFault = {
  code: 'same_email',
  detail: 'This is the address of the account already.',
  pointer: '#/email',
};

/** A change of the address, as it is asked for. */
interface EmailChange {
  email: string;
  /** Of who has one; who has none needs a recent login. */
  password?: string | null | undefined;
}

/**
 * Asks for another address. Nothing changes until the new one is confirmed. The new address gets a link, or, where somebody
 * has it, a word to its holder; the old one gets a notice with a link that undoes the change, whether or not the new one is
 * taken. The answer and its time tell nothing of that (OWASP ASVS 5.0 6.3.7, 6.3.8).
 *
 * @throws ValidationFailed (`validation_failed`, 422) for one's own address, and for a password that is missing; what
 * `confirmUser` throws; Unavailable (`unavailable`, 503)
 */
export async function requestEmailChange(
  core: Core,
  signedIn: SignedIn,
  { email, password }: EmailChange,
  circumstances: Circumstances,
): Promise<void> {
  const { user } = signedIn;
  const askedAt = core.now();
  const wanted = normalizeEmail(email);
  if (!isEmailAddress(wanted)) throw new ValidationFailed([NO_ADDRESS]);
  if (wanted === user.email) throw new ValidationFailed([SAME]);
  await requirePasswordOf(core, user._id, password, { field: 'password', label: 'The password' });
  const confirmed = await confirmUser(core, signedIn, {
    operation: 'change-email',
    password,
    ...circumstances,
  });

  const { context } = circumstances;
  const data = { acceptLanguage: context.acceptLanguage, wanted, askedAt };
  const { user: holder } = await core.users.findRecipient(wanted);
  // The notice first: no link goes out without it.
  await core.outbox.send(confirmed, UNDO_EMAIL_CHANGE, data);
  if (holder) await core.outbox.send(holder, EMAIL_IN_USE, data);
  else await core.outbox.sendTo({ user: confirmed, address: wanted }, CHANGE_EMAIL, data);
  await core.events.emit('email.changeRequested', { userId: String(user._id), ...originOf(context) });
}

/** What the link to the new address is bound to: a new password voids it, and so does a change that came first. */
export function changeIsBoundTo(user: UserDocument): string {
  return `${passwordStampOf(user)} ${user.email}`;
}

/** What the link that undoes a change keeps: since when ways in are not the owner's. */
export function undoIsBoundTo(_user: UserDocument, { askedAt }: { askedAt?: unknown }): string {
  if (!(askedAt instanceof Date)) throw new Error('an undo needs the time at which the change was asked for');
  return askedAt.toISOString();
}

/**
 * Puts the new address in force, by the link that was mailed to it. One write decides, of the address that the link's own
 * row names: two changes at once never verify an address that nobody confirmed (CVE-2026-32700). Sessions go on. Both addresses
 * are mailed a notice.
 *
 * @returns the new address
 * @throws InvalidOneTimeToken (`invalid_one_time_token`, 400); EmailTaken (`email_taken`, 400) where somebody has it
 * meanwhile, which does not use the link up; Unavailable (`unavailable`, 503)
 */
export async function confirmEmailChange(
  core: Core,
  token: string,
  context: RequestContext,
): Promise<string> {
  const hash = hashOneTimeSecret(token);
  const stored = await core.oneTimeTokens.find(CHANGE_EMAIL, hash, core.now());
  const user = stored && (await core.users.findById(stored.user));
  if (!user || user.disabledAt || changeIsBoundTo(user) !== stored.stamp) throw new InvalidOneTimeToken();
  const { email } = stored;
  if (!(await core.users.changeEmail(user, { email, at: core.now() })))
    throw new InvalidOneTimeToken({ message: 'the account was changed meanwhile' });
  await tidyUp(
    core,
    core.oneTimeTokens.removeAll(CHANGE_EMAIL, user._id),
    sayChanged(core, user, { wanted: email, context }),
  );
  await core.events.emit('email.changed', { userId: String(user._id), by: 'change', ...originOf(context) });
  return email;
}

/** Mails both addresses that the new one is in force. @param user as it was before */
async function sayChanged(
  core: Core,
  user: UserDocument,
  { wanted, context }: { wanted: string; context: RequestContext },
): Promise<void> {
  const { email: former } = user;
  const days = core.outbox.link(UNDO_EMAIL_CHANGE).expiresInMinutes / 1440;
  const data = { ...(await noticeOf(core, context)), former, wanted, days };
  await Promise.all([
    core.outbox.sendTo({ user, address: former }, EMAIL_CHANGED, data),
    core.outbox.sendTo({ user, address: wanted }, NEW_EMAIL, data),
  ]);
}

/**
 * Takes a change of the address back, before or after it was confirmed, by the link in the notice. Who changed the address
 * knew the password: it goes, and every way in that was added since; all sessions end, and a recovery link goes to the
 * restored address. It works for a disabled account too, which stays disabled.
 *
 * Changes that were asked for later are void, and so are their own undos: they were somebody else's. Those go first, so that
 * nothing is left of them wherever this is cut off.
 *
 * @returns the restored address
 * @throws InvalidOneTimeToken (`invalid_one_time_token`, 400); EmailTaken (`email_taken`, 400) where somebody has the
 * address meanwhile and has verified it; Unavailable (`unavailable`, 503)
 */
export async function undoEmailChange(core: Core, token: string, context: RequestContext): Promise<string> {
  const hash = hashOneTimeSecret(token);
  const begun = core.now();
  for (let tries = 0; tries < TRIES; tries += 1) {
    const stored = await core.oneTimeTokens.find(UNDO_EMAIL_CHANGE, hash, core.now());
    const user = stored && (await core.users.findById(stored.user));
    if (!user) throw new InvalidOneTimeToken();
    const { email, stamp: askedAt } = stored;
    // Once more would void the recovery link that is on its way.
    const isDone = tries > 0 && user.email === email && Number(user.emailVerifiedAt) >= begun.getTime();
    if (isDone) throw new InvalidOneTimeToken({ message: 'used at this moment' });
    await core.oneTimeTokens.removeLater(UNDO_EMAIL_CHANGE, user._id, askedAt);
    let wasThere: boolean | undefined;
    const { acceptLanguage } = context;
    const clearAway = (restored: UserDocument) =>
      Promise.all([
        core.oneTimeTokens.remove(hash).then((removed) => {
          wasThere = removed;
        }),
        core.outbox.send(restored, PASSWORD_RESET, { acceptLanguage }),
      ]);
    const since = new Date(askedAt);
    if (!(await restore(core, user, { email, since, context, clearAway }))) continue;
    // Of two at once, one has used it.
    if (wasThere === false) throw new InvalidOneTimeToken({ message: 'used meanwhile' });
    await core.events.emit('email.changed', { userId: String(user._id), by: 'undo', ...originOf(context) });
    return email;
  }
  throw new InvalidOneTimeToken({ message: 'the account is being changed all the time' });
}

interface Restoration {
  email: string;
  /** When the change was asked for. */
  since: Date;
  context: RequestContext;
  clearAway(restored: UserDocument): Promise<unknown>;
}

/** @returns whether it was done: not where the account has changed since it was read */
async function restore(
  core: Core,
  user: UserDocument,
  { context, clearAway, ...given }: Restoration,
): Promise<boolean> {
  const write = () =>
    endSessionsBy(
      core,
      user._id,
      (_id, securityStamp) => core.users.restoreEmail(user, { ...given, at: core.now(), securityStamp }),
      { reason: 'email_restored', context, clearAway },
    );
  try {
    return (await write()) !== undefined;
  } catch (error) {
    if (!(error instanceof EmailTaken)) throw error;
    // Whoever registered the address meanwhile has not shown that it is theirs; this link does.
    const holder = await core.users.findByEmail(given.email);
    if (holder?.emailVerifiedAt) throw error;
    if (holder) await deleteUser(core, withoutCredentials(holder), { context, ifUnchangedSince: holder });
    return false;
  }
}
