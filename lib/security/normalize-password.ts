/**
 * The one form in which a password is checked, hashed and compared (NIST SP 800-63B section 3.1.1.2). One system sends é as
 * a letter, another as e and an accent: it is the same password. Never trimmed, and nothing else is changed.
 */
export function normalizePassword(password: string): string {
  return password.normalize('NFC');
}
