import type { RequestContext } from '../config/hooks.js';
import type { Core } from '../core/core.js';
import { originOf } from '../core/events.js';
import { withinLimits } from '../core/limits.js';
import { isSetUp } from '../core/method.js';
import { InvalidCode, Unavailable } from '../errors.js';
import type { UserDocument } from '../models/user.js';
import type { Proof } from '../security/proof.js';

/** What a client shows of a method. */
export interface TypedCode {
  method: string;
  /** What the method asks for: a code, a response. Unchecked. */
  input: Readonly<Record<string, unknown>>;
  context: Pick<RequestContext, 'ip'>;
}

/**
 * The one place where a code meets what is stored, whichever operation asks for it and whatever a code is to the method.
 *
 * @param user with the credentials
 * @returns the proof; undefined when it is wrong, the method threw, or the user has not set it up
 * @throws what a limit throws; Unavailable (`unavailable`, 503)
 *
 * @example
 * const proof = await checkCode(kit, user, 'export-data', { method: 'totp', input: { code }, context });
 */
export async function checkCode(
  core: Core,
  user: UserDocument,
  operation: string,
  { method: name, input, context: { ip } }: TypedCode,
): Promise<Proof | undefined> {
  const method = core.methods.get(name);
  if (!method || !isSetUp(core.methods, name, user)) return undefined;
  const attempt = { operation, kind: 'code' as const, user: String(user._id), name: null, ip };
  return withinLimits(core.limits, attempt, async (isLimited) => {
    const shown = !isLimited && (await method.verify(user, input).catch(asWrong));
    const { kinds, amr } = shown === true ? { kinds: [method.kind], amr: [method.amr] } : shown || {};
    const result = kinds && amr && { method: name, kinds, amr, at: core.now() };
    return { succeeded: result !== undefined, result };
  });
}

/** The refusal of a code that was found wrong, of which the app is told. */
export async function refusedCode(
  core: Core,
  user: UserDocument,
  { method, context }: { method: string; context: RequestContext },
): Promise<InvalidCode> {
  // A name that is none is a client's text.
  const known = core.methods.has(method) ? method : null;
  await core.events.emit('challenge.failed', {
    userId: String(user._id),
    method: known,
    ...originOf(context),
  });
  return new InvalidCode();
}

/** Whatever a method throws at odd input, the guess was made, and was wrong; with the database away there was none. */
function asWrong(error: unknown): false {
  if (error instanceof Unavailable) throw error;
  return false;
}
