import type { RequestContext } from '../config/hooks.js';
import type { Core } from '../core/core.js';
import { InvalidChallenge } from '../errors.js';
import { stampOf } from '../models/security-stamp.js';
import { hashOneTimeSecret } from '../security/one-time-secret.js';
import { kindsOf } from '../security/proof.js';
import { signIn, type TokenPair } from '../sign-in.js';
import { checkCode, refusedCode, type TypedCode } from './check-code.js';

/** The second step of a sign-in, as a client takes it. */
interface ChallengeAnswer extends TypedCode {
  /** The handle that came with `second_factor_required`. */
  challenge: string;
  context: RequestContext;
}

/**
 * Adds a proof to a sign-in that waits for one, and takes it to the gate again. Every attempt is counted before it is
 * made (OWASP ASVS 5.0 6.6.3); a right one spends the sign-in.
 *
 * @throws InvalidChallenge (`invalid_challenge`, 401) when it is unknown, over, spent, or the user's credentials have
 * changed since; InvalidCode (`invalid_code`, 401); what `signIn` throws; what a limit throws
 */
export async function answerChallenge(
  core: Core,
  { challenge, ...typed }: ChallengeAnswer,
): Promise<TokenPair> {
  const { context, method } = typed;
  if (core.methods.size === 0) throw new InvalidChallenge({ message: 'no feature brings a method' });
  const pendingSignIns = core.pendingSignIns();
  const hash = hashOneTimeSecret(challenge);
  const pending = await pendingSignIns.attempt(hash, core.now());
  if (!pending) throw new InvalidChallenge();
  const user = await core.users.findById(pending.user, { withCredentials: true });
  if (!user || user.disabledAt || stampOf(user) !== pending.stamp) {
    throw new InvalidChallenge({ message: 'the credentials have changed' });
  }
  const kind = core.methods.get(method)?.kind;
  const isAskedFor = kind !== undefined && !kindsOf(pending.proofs).has(kind);
  const proof = isAskedFor && (await checkCode(core, user, 'challenge', typed));
  if (!proof) throw await refusedCode(core, user, typed);
  if (!(await pendingSignIns.finish(hash))) throw new InvalidChallenge({ message: 'spent meanwhile' });
  const { deviceName, remember } = pending;
  return signIn(core, user, { proofs: [...pending.proofs, proof], context, deviceName, remember });
}
