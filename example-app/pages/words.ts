/** What the kit refuses by, in the words of this app. */
const REFUSALS: Readonly<Record<string, string>> = {
  invalid_credentials: 'That email and password do not belong together.',
  email_not_verified: 'Confirm your address first: the link is in your mailbox.',
  email_taken: 'There is an account with this address already. Log in, or choose a new password.',
  registration_closed: 'Nobody can register here at the moment.',
  validation_failed: 'Something is missing or not right. Look at the fields below.',
  wrong_password: 'The current password is not right.',
  invalid_one_time_token: 'This link has been used, or its time is over. Ask for a new one.',
  invalid_code: 'This code is not right.',
  invalid_challenge: 'This took too long. Log in once more.',
  missing_token: 'Log in to go on.',
  invalid_token: 'You have been signed out. Log in to go on.',
  insufficient_user_authentication: 'Enter your password once more to go on.',
  not_found: 'That is not there any more.',
  unavailable: 'The service is busy. Try again in a moment.',
};

/** Refusals that are about one field. They stand beside the first of these that the form has. */
const ABOUT: Readonly<Record<string, readonly string[]>> = {
  wrong_password: ['current_password', 'password'],
  email_taken: ['email'],
  invalid_code: ['code'],
};

const FAULTS: Readonly<Record<string, string>> = {
  email: 'Enter an email address, such as ada@example.com.',
  username: 'Enter your email address.',
  password: 'Choose a password that is long enough, and that nobody guesses.',
  new_password: 'Choose another password, long enough, that nobody guesses.',
  current_password: 'Enter your current password.',
  name: 'Use one line of text, without invisible characters.',
};

export function refusalText(code: string, retryAfter?: number): string {
  if (code === 'too_many_requests') {
    const minutes = Math.ceil((retryAfter ?? 60) / 60);
    return `Too many attempts. Try again in ${minutes === 1 ? 'a minute' : `${minutes} minutes`}.`;
  }
  return REFUSALS[code] ?? 'That did not work. Try again.';
}

/** @param code of the refusal, where it is about the field alone */
export function faultText(field: string, code?: string): string {
  const own = code && ABOUT[code]?.includes(field) ? REFUSALS[code] : undefined;
  return own ?? FAULTS[field] ?? 'This is not right.';
}

/** Which of its fields a refusal is about; none: it is about all of the form. */
export function fieldsOf(code: string, formHas: (name: string) => boolean): readonly string[] {
  return ABOUT[code]?.filter(formHas).slice(0, 1) ?? [];
}
