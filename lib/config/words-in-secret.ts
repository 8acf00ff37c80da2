import { COMMON_WORDS, FOLLOWING } from './letters-and-words.js';

/**
 * From how many bits on a secret counts as words: it is then 2^32 times likelier as words than as random letters. Random
 * letters get there at most once in 2^32 (see {@link gainOf}): less often than six standard deviations.
 */
const NEEDED = 32;

/**
 * For letters of which few are of the other case: where random ones have both, that is rare by itself. Where they have one
 * (`a-z`, base32) the bound is one in 2^24, and what 32 of them really do is once in 10^9.
 */
const NEEDED_OF_ONE_CASE = 24;

/** A stretch that is so many bits likelier as random letters makes the whole a random secret, whatever is before and after it. */
const RANDOM_PART = 10;

/** How often a word of the list is expected, in place of one more letter: one of the two texts that are looked for has none. */
const SHARES_OF_WORDS = [0, 1 / 8];

const LETTERS = 26;
const WORD_LENGTHS = { min: 3, max: Math.max(...[...COMMON_WORDS].map((word) => word.length)) };

/** What each letter gains after each other one, in bits: its likelihood in words, by that of a random letter. */
const GAINS = FOLLOWING.map((row) => {
  const weights = [...row].map((digit) => 3 ** (Number(digit) / 2));
  const sum = weights.reduce((total, weight) => total + weight);
  return weights.map((weight) => Math.log2((LETTERS * weight) / sum));
});

/**
 * Whether a text is made of words: English ones above all. Only letters are judged; hex digits are not, since they are no
 * letters of all 26. What begins with words and goes on at random is not made of words.
 */
export function isOfWords(text: string): boolean {
  if (/^[\da-f\W_]*$/i.test(text)) return false;
  const needed = isOfOneCase(text) ? NEEDED_OF_ONE_CASE : NEEDED;
  // The better one of two guesses costs a bit.
  return SHARES_OF_WORDS.some((share) => gainOf(text, share) - 1 >= needed);
}

function isOfOneCase(text: string): boolean {
  const capitals = text.replace(/[^A-Z]/g, '').length;
  const others = text.replace(/[^a-z]/g, '').length;
  return 7 * Math.min(capitals, others) <= Math.max(capitals, others);
}

/**
 * How much likelier the letters of a text are as words than at random, in bits; minus infinity for a text with a random part.
 *
 * The likelihoods of all texts of one form, as words, add up to 1 at most. So, whatever the lists say, this ratio is 1 at most
 * on the average of random letters, and 2^bits or more at most once in 2^bits (Markov's inequality). That needs letters that
 * are random and independent of each other; which characters are letters, and of which case, does not matter.
 */
function gainOf(text: string, share: number): number {
  let sum = 0;
  let lost = 0;
  for (const part of text.match(/[A-Z]*[a-z]+|[A-Z]+|[^A-Za-z\s_-]/g) ?? []) {
    const gain = /[a-z]/i.test(part) ? gainOfLetters(part.toLowerCase(), share) : 0;
    sum += gain;
    // Words come in few parts: what changes between letters, cases, digits and signs all the time is something else.
    lost = Math.max(0, lost + 1 - gain);
    if (lost >= RANDOM_PART) return Number.NEGATIVE_INFINITY;
  }
  return sum;
}

/** The gain of letters without anything between them, by the best of all ways to read them as words and single letters. */
function gainOfLetters(letters: string, share: number): number {
  const best = [0];
  for (let end = 1; end <= letters.length; end += 1) {
    const following = GAINS[end > 1 ? indexOf(letters, end - 2) : LETTERS] as number[];
    let gain = best[end - 1]! + following[indexOf(letters, end - 1)]! + Math.log2(1 - share);
    for (let length = WORD_LENGTHS.min; share && length <= Math.min(end, WORD_LENGTHS.max); length += 1) {
      if (!COMMON_WORDS.has(letters.slice(end - length, end))) continue;
      const likelihood = Math.log2(share / COMMON_WORDS.size) + length * Math.log2(LETTERS);
      gain = Math.max(gain, best[end - length]! + likelihood);
    }
    best.push(gain);
  }
  return best.at(-1)!;
}

function indexOf(letters: string, at: number): number {
  return letters.charCodeAt(at) - 'a'.charCodeAt(0);
}
