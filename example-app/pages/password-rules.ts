/** What a new password needs, as far as a page can say it. That it is none of the common ones, the kit says. */
interface PasswordRule {
  text: string;
  /** @param address of the account, in lower case */
  isKept(password: string, address: string): boolean;
}

/** @param minLength in code points, as the kit counts them */
export function passwordRules(minLength: number): readonly PasswordRule[] {
  return [
    {
      text: `At least ${minLength} characters`,
      isKept: (password) => [...password.normalize('NFC')].length >= minLength,
    },
    {
      text: 'Not your address',
      isKept(password, address) {
        const typed = password.toLowerCase();
        return typed !== '' && typed !== address && typed !== address.split('@')[0];
      },
    },
  ];
}
