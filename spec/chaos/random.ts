/** Numbers that look like chance, and are the same again for the same seed. */
export interface Random {
  /** A whole number, both ends included. */
  whole(least: number, most: number): number;
  pick<T>(list: readonly T[]): T;
  /** @param probability from 0 to 1 */
  chance(probability: number): boolean;
}

/**
 * @param seed of the run
 * @param stream whose numbers: each has a row of its own, so that one who takes more of them changes nobody else's
 */
export function createRandom(seed: number, stream: string): Random {
  // FNV-1a for the stream, mulberry32 for the numbers: small, and good enough for this.
  let state = seed;
  for (const letter of stream) state = Math.imul(state ^ letter.charCodeAt(0), 0x01000193);
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const whole = (least: number, most: number) => least + Math.floor(next() * (most - least + 1));
  return {
    whole,
    pick<T>(list: readonly T[]) {
      if (list.length === 0) throw new Error('nothing to pick from');
      return list[whole(0, list.length - 1)] as T;
    },
    chance: (probability) => next() < probability,
  };
}
