import type { Core } from '../core/core.js';
import { originOf } from '../core/events.js';
import { isSetUp } from '../core/method.js';
import { type FieldFault, InvalidCode, InvalidToken, ValidationFailed, WrongPassword } from '../errors.js';
import type { SignedIn } from '../models/sign-in-loader.js';
import type { UserDocument } from '../models/user.js';
import type { Proof } from '../security/proof.js';
import { outstandingMethods, passwordProof } from '../sign-in.js';
import { checkCode, refusedCode } from './check-code.js';
import { requireRightPassword } from './check-password.js';
import type { Circumstances } from './circumstances.js';
import { requireStillSignedIn } from './live-session.js';

/** What a signed-in user shows once more. */
interface Shown {
  /** Of who has one. */
  password?: string | null | undefined;
  /** Of who has a second factor, or no password. */
  method?: string | null | undefined;
  /** What the method asks for. Unchecked. */
  input?: Readonly<Record<string, unknown>>;
}

/**
 * Lets the login of a session count as a recent one again, without another session: by all that a new login would ask for
 * (OWASP ASVS 5.0 7.5.1; RFC 9470). The access token stays as it is: `requireRecentLogin` asks the session.
 *
 * @returns the time that counts from now on
 * @throws ValidationFailed (`validation_failed`, 422) for what is missing; WrongPassword (`wrong_password`, 400), which names
 * the `methods` that a user without a password has; InvalidCode (`invalid_code`, 401); InvalidToken (`invalid_token`, 401)
 * when the session has ended meanwhile; Unavailable (`unavailable`, 503); what a limit throws
 */
export async function confirmSignIn(
  core: Core,
  signedIn: SignedIn,
  { password, method, input = {} }: Shown,
  circumstances: Circumstances,
): Promise<Date> {
  const stored = await requireStillSignedIn(core, signedIn);
  const isTwoStep = outstandingMethods(core, stored, [passwordProof(core.now())]) !== undefined;
  requireAll(stored, { password, method, isTwoStep });

  const proofs: Proof[] = [];
  if (stored.password) {
    await requireRightPassword(core, stored, 'confirm', { ...circumstances, password: password as string });
    proofs.push(passwordProof(core.now()));
  } else if (typeof method !== 'string') {
    const methods = [...core.methods.keys()].filter((name) => isSetUp(core.methods, name, stored));
    throw new WrongPassword({ message: 'the user has no password', methods });
  }
  if (typeof method === 'string') {
    const { context } = circumstances;
    const proof = await checkCode(core, stored, 'confirm', { method, input, context });
    if (!proof) throw await refusedCode(core, stored, { method, context });
    proofs.push(proof);
  }
  // Of the kind of the password, it would be one factor shown twice.
  if (stored.password && outstandingMethods(core, stored, proofs))
    throw new InvalidCode({ message: 'the method is of the same kind as the password' });

  const at = core.now();
  const shown = new Set(proofs.map((proof) => proof.method));
  const { session } = signedIn;
  const others = session.proofs.filter((proof) => !shown.has(proof.method));
  const sessionId = String(session._id);
  const all = { at, proofs: [...others, ...proofs] };
  if (!(await core.sessions.confirm(stored._id, sessionId, all)))
    throw new InvalidToken({ message: 'the session has ended meanwhile' });
  const event = { userId: String(stored._id), sessionId, ...originOf(circumstances.context) };
  await core.events.emit('login.confirmed', event);
  return at;
}

/** A code that is missing is told before a hash is spent on the password. */
function requireAll(
  user: UserDocument,
  { password, method, isTwoStep }: Shown & { isTwoStep: boolean },
): void {
  if (!user.password) return;
  const faults: FieldFault[] = [];
  if (typeof password !== 'string') faults.push(missing('password', 'The password'));
  if (isTwoStep && typeof method !== 'string') faults.push(missing('method', 'The method'));
  if (faults.length > 0) throw new ValidationFailed(faults);
}

function missing(field: string, label: string): FieldFault {
  return { code: 'required', detail: `${label} is required.`, pointer: `#/${field}` };
}
