/**
 * What is tried: to guess a password or a code, to refresh by a token, to register, to have a mail sent. A limit counts by it:
 * an operation of an app's own is bounded with its like.
 */
export type AttemptKind = 'password' | 'code' | 'refresh' | 'register' | 'mail';

/** Something that is bounded in how often it may be tried, above all a guess at a secret. */
export interface Attempt {
  operation:
    | 'login'
    | 'change-password'
    | 'change-email'
    | 'delete-user'
    | 'confirm'
    | 'challenge'
    | 'refresh'
    | 'register'
    | 'forgot-password'
    | 'resend-verification'
    | (string & {});
  kind: AttemptKind;
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

/** What became of an attempt; `abandoned`: it was not made, the place that was kept for it is free again. */
export type AttemptOutcome = 'succeeded' | 'failed' | 'abandoned';

/** Bounds how often something is tried. Asked around every operation of a kind. */
export interface Limit {
  /**
   * Asked before the body of a request is read, and before the database: for an address that is known to try too much.
   * `before` is asked all the same: what reaches the operation in another way is bounded there. Asked once more when the turn
   * of a password's hash has come.
   *
   * @throws an AuthError, 429
   */
  admit?(attempt: Pick<Attempt, 'kind' | 'ip'>): void;
  /**
   * Reserves a place for an attempt. `refuse`: it is answered as wrong; a password at the price of one hash, a mail by the
   * same words, and none is sent.
   *
   * @throws an AuthError, 429, where the answer may tell
   */
  before(attempt: Attempt): Promise<'refuse' | undefined>;
  after(attempt: Attempt, outcome: AttemptOutcome): Promise<void>;
}

/** What is refused before anything is done for it. */
export function admitByLimits(limits: readonly Limit[], { kind, ip }: Pick<Attempt, 'kind' | 'ip'>): void {
  for (const limit of limits) limit.admit?.({ kind, ip });
}

/** A guess that may be made; `isRefused`: whatever it gives counts as wrong. */
export type Guess<Result> = (isRefused: boolean) => Promise<{ succeeded: boolean; result: Result }>;

/**
 * Lets a guess be made, within the limits. They are asked before it, in their order, and told after it what became of it.
 *
 * @throws what a limit throws; what the guess throws
 *
 * @example
 * const attempt = { operation: 'coupon', kind: 'code', user: id, name: null, ip } as const;
 * const fits = await withinLimits(kit.limits, attempt, async (isRefused) => {
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

/**
 * The same for what refuses by throwing: a refusal of one of those classes counts as a failure, any other error breaks the
 * attempt off.
 *
 * @throws what a limit throws; what the work throws
 */
export async function withinLimitsUnless<Result>(
  limits: readonly Limit[],
  attempt: Attempt,
  refusals: readonly (new (...reason: never[]) => Error)[],
  work: (isRefused: boolean) => Promise<Result>,
): Promise<Result> {
  const outcome = await withinLimits<{ value: Result } | { refusal: Error }>(
    limits,
    attempt,
    async (isRefused) => {
      try {
        return { succeeded: true, result: { value: await work(isRefused) } };
      } catch (error) {
        if (!refusals.some((Refusal) => error instanceof Refusal)) throw error;
        return { succeeded: false, result: { refusal: error as Error } };
      }
    },
  );
  if ('refusal' in outcome) throw outcome.refusal;
  return outcome.value;
}
