import { hasInvisible } from './invisible-characters.js';

/** Scripts in which a joiner between two letters is spelling: Persian names have them (RFC 5892 appendix A.1). */
const JOINING = [
  'Arab',
  'Syrc',
  'Deva',
  'Beng',
  'Guru',
  'Gujr',
  'Orya',
  'Taml',
  'Telu',
  'Knda',
  'Mlym',
  'Sinh',
];
const letter = `[${JOINING.map((script) => `\\p{Script=${script}}`).join('')}]`;

/** The characters that cannot be seen by themselves and make others look as they do: joiners, the colour of an emoji. */
const SPELLING = new RegExp(
  [
    `(?<=${letter})[\\u200c\\u200d](?=${letter})`,
    '(?<=\\p{Extended_Pictographic})\\ufe0f',
    '(?<=[\\p{Extended_Pictographic}\\p{Emoji_Modifier}\\ufe0f])\\u200d(?=\\p{Extended_Pictographic})',
  ].join('|'),
  'gu',
);

/**
 * Whether a text can be the name of a person: well-formed Unicode without characters that cannot be seen. No NUL, no line
 * break that could end a header, no change of direction, no copy of another's name that only a computer tells apart.
 */
export function isPersonName(text: string): boolean {
  return text.isWellFormed() && !hasInvisible(text.replace(SPELLING, ''));
}
