/** How many are remembered: some megabytes. */
const LIMIT = 10_000;

/**
 * Tokens that were verified, by their exact text: a signature is worth checking once. Only good ones are kept, so that bad
 * ones, however many, put none of them out; and no longer than they are good.
 */
export interface VerifiedTokens<Claims extends { exp: number }> {
  /**
   * The claims of a token that is known and has not expired, of one's own each time.
   *
   * @param now milliseconds since the epoch
   */
  find(token: string, now: number): Claims | undefined;
  /** Remembers a token that was verified just now. */
  keep(token: string, claims: Claims): void;
}

/** @param limit how many are kept: the least recently used goes */
export function createVerifiedTokens<Claims extends { exp: number }>(limit = LIMIT): VerifiedTokens<Claims> {
  // A Map is in the order of insertion: who was put in last was used last.
  const known = new Map<string, { exp: number; payload: string }>();
  return {
    find(token, now) {
      const found = known.get(token);
      if (!found) return undefined;
      known.delete(token);
      if (now / 1000 >= found.exp) return undefined;
      known.set(token, found);
      return JSON.parse(found.payload);
    },
    keep(token, claims) {
      known.set(token, { exp: claims.exp, payload: JSON.stringify(claims) });
      if (known.size > limit) known.delete(known.keys().next().value as string);
    },
  };
}
