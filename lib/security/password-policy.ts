import { loadCommonPasswords } from './common-passwords.js';

/** Whose password it will be. */
export interface PasswordOwner {
  email: string;
  /** A schema of the app's own may have a name of another type: then it is no word. */
  name?: unknown;
}

export interface PasswordPolicy {
  /**
   * @returns what is wrong with a new password, a sentence for the person who chose it; undefined when it is fine
   */
  check(password: string, owner: PasswordOwner): Promise<string | undefined>;
}

interface PolicySettings {
  minLength: number;
  maxLength: number;
  blocklist: boolean;
}

/**
 * OWASP ASVS 5.0 6.2 and NIST SP 800-63B: a minimum length, no composition rules, no common passwords, not the
 * account's own words. Lengths are counted in code points: what a person sees as letters.
 */
export function createPasswordPolicy({ minLength, maxLength, blocklist }: PolicySettings): PasswordPolicy {
  return {
    async check(password, owner) {
      if (!isStorable(password)) return 'The password contains characters that cannot be used.';
      const length = [...password].length;
      if (length < minLength) return `The password must have at least ${minLength} characters.`;
      if (length > maxLength) return `The password must have at most ${maxLength} characters.`;
      if (isOwnWord(password, owner)) return 'The password must not be your email address or name.';
      if (blocklist && (await loadCommonPasswords()).has(password.toLowerCase())) {
        return 'This password is too common.';
      }
      return undefined;
    },
  };
}

/** Lone surrogates all become the same bytes in UTF-8; NUL is where other systems cut. */
function isStorable(password: string): boolean {
  return password.isWellFormed() && !password.includes('\0');
}

function isOwnWord(password: string, { email, name }: PasswordOwner): boolean {
  const fold = (text: string) => text.normalize('NFKC').toLowerCase().replace(/\s+/g, '');
  const own = [email, email.split('@')[0] ?? '', typeof name === 'string' ? name : '']
    .map(fold)
    .filter((word) => word !== '');
  return own.includes(fold(password));
}
