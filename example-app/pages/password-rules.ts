/** What a new password needs, as far as a page can say it. That it is none of the common ones, the kit says. */
interface PasswordRule {
  text: string;
  /** @param address of the account, in lower case */
  isKept(password: string, address: string): boolean;
}

export const PASSWORD_RULES: readonly PasswordRule[] = [
  // Code points, as the kit counts them.
  { text: 'At least 8 characters', isKept: (password) => [...password.normalize('NFC')].length >= 8 },
  {
    text: 'Not your address',
    isKept(password, address) {
      const typed = password.toLowerCase();
      return typed !== '' && typed !== address && typed !== address.split('@')[0];
    },
  },
];
