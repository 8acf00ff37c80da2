import { isOfWords } from './words-in-secret.js';

/** Words that only example files use, and commands and variables that nobody carried out. */
const PLACEHOLDERS = [
  /change[-_ ]?(me|this|it)|(replace|insert|enter)[-_ ]?(me|this|it|with|a|your)[-_ ]|(put|use)[-_ ](this|with|your)[-_ ]/i,
  /your[-_ ](own[-_ ])?(secret|key|jwt|auth|super|random|long|private|\d+[-_ ]?(bit|byte))/i,
  /placeholder|example[-_ ]?(secret|key)|(super|my|top)[-_ ]?(super[-_ ]?)?secret|secret[-_ ]?(jwt|key|token)/i,
  /at[-_ ]least[-_ ]\d+|^<[\w .,'-]{8,}>$/i,
  /^["']?(\$\(|`)(openssl|node|npx|head|cat|date|echo|python3?|pwgen|uuidgen)[ )`]|^["']?\$\{?[A-Z][A-Z_]{11,}/,
];

/** Keys that many have copied: their first 32 characters. */
const PUBLISHED = [
  'AyM1SysPpbyDfgZld3umj1qzKObwVMko', // RFC 7515 appendix A.1
  'hJtXIZ2uSN5kbQfbtTNWbpdmhkV8FJG-', // RFC 7520 section 3.5
  '2b7e151628aed2a6abf7158809cf4f3c', // NIST SP 800-38A, AES-128
  '603deb1015ca71be2b73aef0857d7781', // NIST SP 800-38A, AES-256
  '09d25e094faa6ca2556c818166b7a956', // the tutorial of FastAPI
  '192b9bdd22ab9ed4d12e236c78afcb9a', // the documentation of Flask
  '3EK6FD+o0+c7tzBNVfjpMkNDi2yARAAK', // the documentation of Hasura
  '404E635266556A586E3272357538782F', // tutorials of Spring Security, as the next ones
  '5367566B59703373367639792F423F45',
  '3cfa76ef14937c1c0ea519f8fc057a80',
  '9a4f2c8d3b7a1e6f45c8a0b3f267d8b1',
].map((key) => key.toLowerCase());

/** What hands and heads go along, in both directions. */
const ROWS = [
  '0123456789abcdefghijklmnopqrstuvwxyz',
  '1234567890qwertyuiopasdfghjklzxcvbnm',
  'qwertzuiopasdfghjklyxcvbnm',
  'azertyuiopqsdfghjklmwxcvbn',
  '1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p',
  'qazwsxedcrfvtgbyhnujmikolp',
  '!@#$%^&*()_+',
]
  .map((row) => `${row}\n${[...row].reverse().join('')}\n`)
  .join('');

/**
 * Fewer different characters than any random secret has: 32 random hex digits have fewer once in 10^12, decimal ones once in
 * 10^7.
 */
const MIN_DISTINCT = 6;

/** In bits: what it takes to say where something stands that is repeated, from where it is and how far it goes. */
const COST_OF_COPY = 24;

/** A secret that can be told in fewer bits is predictable (NIST SP 800-131A: the strength of a key). */
const MIN_BITS = 112;

/** Longer secrets are judged by their first and their last characters, that many of each. */
const MAX_LENGTH = 512;

/**
 * Says what makes a secret guessable, if anything does: `a placeholder`, `a published key`, `a secret of repetitions or
 * sequences`, `a secret of words`. What hex and base64 stand for is judged as the text itself is.
 *
 * It does not measure how good a secret is. It finds what is plainly no random key, and lets random ones pass: each rule says how
 * seldom it is wrong about one. All together are wrong less than once in 10^7, for keys of hex, base64 and letters with digits
 * less than once in 10^8.
 *
 * @param secret at least 32 bytes
 */
export function findPredictable(secret: string): string | undefined {
  if (secret.length > MAX_LENGTH) {
    return findPredictable(secret.slice(0, MAX_LENGTH)) && findPredictable(secret.slice(-MAX_LENGTH));
  }
  const texts = [secret, ...decode(secret)];
  if (texts.some(isPlaceholder)) return 'a placeholder';
  if (texts.some(isPublished)) return 'a published key';
  const told = texts.map(tell);
  if (told.some(isRepetitive) || texts.some(isSequence)) return 'a secret of repetitions or sequences';
  if ([...texts, ...told.map(({ rest }) => rest)].some(isOfWords)) return 'a secret of words';
  return undefined;
}

/**
 * What the text stands for, byte by byte, where it can be hex or base64 of both cases. Of other letters, which are not all of
 * an alphabet, the bytes would not be random even if the letters are.
 */
function decode(text: string): string[] {
  if (/^([\da-f]{2})+$/i.test(text)) {
    return /[a-f]/i.test(text) ? [Buffer.from(text, 'hex').toString('latin1')] : [];
  }
  const isBase64 = /^[\w+/-]+={0,2}$/.test(text) && /[a-z]/.test(text) && /[A-Z]/.test(text);
  return isBase64 ? [Buffer.from(text, 'base64').toString('latin1')] : [];
}

/** The likeliest by chance are those of signs and few letters: in printable characters, once in 10^8. */
function isPlaceholder(text: string): boolean {
  return PLACEHOLDERS.some((placeholder) => placeholder.test(text));
}

function isPublished(text: string): boolean {
  const lower = text.toLowerCase();
  return PUBLISHED.some((key) => lower.includes(key));
}

/**
 * Whether there are few different characters, or the text can be told in few bits. A random text that takes so much less than
 * its characters do is as rare as the bits are many: once in 2^32 for 32 hex digits, which have 128 bits and may take 96; once
 * in 2^26 for 32 decimal ones.
 */
function isRepetitive({ lower, bits, bitsOfAll }: Told): boolean {
  const different = new Set(lower.replace(/[\s_-]/g, ''));
  return different.size < MIN_DISTINCT || bits < Math.min(MIN_BITS, 0.75 * bitsOfAll);
}

interface Told {
  lower: string;
  bits: number;
  bitsOfAll: number;
  /** What is no copy. */
  rest: string;
}

/**
 * Tells a text character by character, or "as before, from here on, so many", whatever is shorter. Before it stand the rows.
 * Upper and lower case are the same.
 */
function tell(text: string): Told {
  const lower = text.toLowerCase();
  const bitsOfOne = bitsOfCharacter(lower);
  const all = ROWS + lower;
  const start = all.length - lower.length;
  let bits = 0;
  let rest = '';
  for (let at = start; at < all.length; ) {
    let length = 0;
    // A copy may run into itself: "abcabc" is "abc" and three more from three before.
    while (at + length < all.length && all.indexOf(all.slice(at, at + length + 1)) < at) length += 1;
    const isCopy = length * bitsOfOne > COST_OF_COPY;
    bits += isCopy ? COST_OF_COPY : bitsOfOne;
    rest += isCopy ? ' ' : text[at - start];
    at += isCopy ? length : 1;
  }
  return { lower, bits, bitsOfAll: bitsOfOne * lower.length, rest };
}

/** No more than the bits that a character of such a random text has, upper and lower case taken for the same. */
function bitsOfCharacter(lower: string): number {
  if (/^[\d\W_]*$/.test(lower)) return Math.log2(10);
  if (/^[\da-f\W_]*$/.test(lower)) return 4;
  return /^[ -~]*$/.test(lower) ? Math.log2(26) : 7;
}

/**
 * Whether it goes on by the step before, or the one before that, at two places of three: "acegik", "aabbcc", "a1b2c3", and the
 * bytes 0, 1, 2. By chance that is a tenth of the places: two thirds of 30, once in 10^12.
 */
function isSequence(text: string): boolean {
  const steps = Array.from(text.slice(1), (_, index) => text.charCodeAt(index + 1) - text.charCodeAt(index));
  const same = steps.filter((step, index) => step === steps[index - 1] || step === steps[index - 2]);
  return same.length >= (text.length * 2) / 3;
}
