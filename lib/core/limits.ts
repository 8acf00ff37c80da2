/** A guess at a secret: a password, a code. */
export interface Attempt {
  operation: 'login' | 'change-password' | 'delete-user' | 'challenge' | (string & {});
  /** The user's id, where there is such a user. */
  user: string | null;
  /**
   * The address that was typed, normalised, whether or not it is a user's; null where the user is signed in. A limit by
   * account counts by the user, and by the name where there is none: what is counted only for those who are known tells
   * who is. It is a client's text: hash it before it is stored.
   */
  name: string | null;
  ip: string | null;
}

/** What became of an attempt; `abandoned`: no guess was made, the place that was kept for it is free again. */
export type AttemptOutcome = 'succeeded' | 'failed' | 'abandoned';

/** Bounds how often guesses are made. Asked around every operation in which one could be made. */
export interface Limit {
  /**
   * Reserves a place for an attempt. `refuse`: the attempt is answered as wrong; a password at the price of one hash.
   *
   * @throws an AuthError, 429, where the answer may tell
   */
  before(attempt: Attempt): Promise<'refuse' | undefined>;
  after(attempt: Attempt, outcome: AttemptOutcome): Promise<void>;
}

/** A guess that may be made; `isRefused`: whatever it gives counts as wrong. */
export type Guess<Result> = (isRefused: boolean) => Promise<{ succeeded: boolean; result: Result }>;

/**
 * Lets a guess be made, within the limits. They are asked before it, in their order, and told after it what became of it.
 *
 * @throws what a limit throws; what the guess throws
 *
 * @example
 * const fits = await withinLimits(kit.limits, { operation: 'coupon', user: id, name: null, ip }, async (isRefused) => {
 *   const succeeded = !isRefused && (await coupons.take({ code })) !== undefined;
 *   return { succeeded, result: succeeded };
 * });
 */
export async function withinLimits<Result>(
  limits: readonly Limit[],
  attempt: Attempt,
  guess: Guess<Result>,
): Promise<Result> {
  const asked: Limit[] = [];
  // Each of them is told, also where another one fails at it.
  const tell = async (outcome: AttemptOutcome) => {
    const told = await Promise.allSettled(asked.map(async (limit) => limit.after(attempt, outcome)));
    return told.find((each): each is PromiseRejectedResult => each.status === 'rejected');
  };
  let guessed: Awaited<ReturnType<Guess<Result>>>;
  try {
    let isRefused = false;
    for (const limit of limits) {
      const verdict = await limit.before(attempt);
      asked.push(limit);
      isRefused ||= verdict === 'refuse';
    }
    guessed = await guess(isRefused);
  } catch (error) {
    await tell('abandoned');
    throw error;
  }
  const failure = await tell(guessed.succeeded ? 'succeeded' : 'failed');
  if (failure) throw failure.reason;
  return guessed.result;
}
