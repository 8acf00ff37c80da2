import type { Fault } from '../errors.js';
import { loadCommonPasswords } from './common-passwords.js';
import { foldPassword } from './fold-password.js';

/** Whose password it will be. */
export interface PasswordOwner {
  /** Absent where a new account's is at fault. */
  email?: string | undefined;
  /** A schema of the app's own may have a name of another type: then it is no word. */
  name?: unknown;
  /** Of a document: what it has in a field of the app's own. */
  get?(field: string): unknown;
}

export interface PasswordPolicy {
  /**
   * @param owner left out where it is not known yet: then the account's own words are not looked for
   * @returns what is wrong with a new password, for the person who chose it; undefined when it is fine
   */
  check(password: string, owner?: PasswordOwner): Promise<Fault | undefined>;
}

interface PolicySettings {
  minLength: number;
  maxLength: number;
  blocklist: boolean;
  /** The fields by which the owner logs in: known to whoever guesses, as the address is. */
  loginFields?: readonly string[];
}

/**
 * OWASP ASVS 5.0 6.2 and NIST SP 800-63B: a minimum length, no composition rules, no common passwords, not the
 * account's own words. Lengths are counted in Unicode code points, as NIST does. That is not always what a person sees as
 * letters: an emoji with a skin tone is two.
 */
export function createPasswordPolicy({
  minLength,
  maxLength,
  blocklist,
  loginFields = [],
}: PolicySettings): PasswordPolicy {
  return {
    async check(password, owner) {
      if (!isStorable(password)) {
        return {
          code: 'invalid_characters',
          detail: 'The password contains characters that cannot be used.',
        };
      }
      const length = [...password].length;
      if (length < minLength) {
        return { code: 'too_short', detail: `The password must have at least ${minLength} characters.` };
      }
      if (length > maxLength) {
        return { code: 'too_long', detail: `The password must have at most ${maxLength} characters.` };
      }
      if (owner && isOwnWord(password, owner, loginFields)) {
        return { code: 'too_personal', detail: 'The password must not be your email address or name.' };
      }
      if (blocklist && (await loadCommonPasswords()).has(foldPassword(password))) {
        return { code: 'too_common', detail: 'This password is too common.' };
      }
      return undefined;
    },
  };
}

/**
 * Lone surrogates all become the same bytes in UTF-8, bytes that are no UTF-8 all become the replacement character when a
 * body is decoded, and NUL is where other systems cut.
 */
function isStorable(password: string): boolean {
  return password.isWellFormed() && !/[\0\ufffd]/.test(password);
}

function isOwnWord(password: string, owner: PasswordOwner, loginFields: readonly string[]): boolean {
  const { email, name } = owner;
  const fold = (text: string) => foldPassword(text).replace(/\s+/g, '');
  const own = [email, email?.split('@')[0], name, ...loginFields.map((field) => owner.get?.(field))]
    .filter((word) => typeof word === 'string' && word !== '')
    .map((word) => fold(word as string));
  return own.includes(fold(password));
}
