import { AUTH_ERROR_CODES, type AuthErrorCode, FAULT_CODES, type FaultCode } from '../errors.js';
import { checkText, isObject, nearMiss, refuse } from './checks.js';
import { checkLanguageTag } from './language-tag.js';

/**
 * Words of an app's own for what is refused: by language tag (BCP 47), then by the code of the refusal or of the field's
 * fault. Codes of the app's own hooks, features and validators may be among them.
 */
export type AuthMessages = Readonly<
  Record<string, Readonly<Partial<Record<AuthErrorCode | FaultCode | (string & {}), string>>>>
>;

const CODES = [...AUTH_ERROR_CODES, ...FAULT_CODES];
/** A slip, and not yet a code of the app's own: `invalid_phone` is near `invalid_code`. */
const MOST_EDITS = 2;

export function checkMessages(name: string, given: unknown = {}): AuthMessages {
  if (!isObject(given)) refuse(name, given, 'an object of language tags');
  for (const [locale, words] of Object.entries(given)) {
    checkLanguageTag(`a language of ${name}`, locale);
    if (!isObject(words)) refuse(`${name}.${locale}`, words, 'an object of codes and sentences');
    for (const [code, sentence] of Object.entries(words)) checkSentence(`${name}.${locale}`, code, sentence);
  }
  return given as AuthMessages;
}

function checkSentence(path: string, code: string, sentence: unknown): void {
  const known: readonly string[] = CODES;
  const meant = known.includes(code) ? undefined : nearMiss(code, known, MOST_EDITS);
  if (meant) {
    throw new TypeError(
      `${path}.${code}: unknown code; did you mean ${path}.${meant}?; allowed: the kit's codes, and your own`,
    );
  }
  checkText(`${path}.${code}`, sentence);
}
