import type { AuthRouter } from 'express-auth-kit';
import { type Html, html } from './html.js';

/** The operations that a link in a mail stands for. */
export type TokenService = Pick<
  AuthRouter['service'],
  'verifyEmail' | 'confirmEmailChange' | 'undoEmailChange'
>;

/** A page that a link in a mail leads to. Only its button uses the link: mail scanners open links. */
export interface TokenPage {
  path: string;
  title: string;
  question: string;
  button: string;
  /** What the button does. */
  use(service: TokenService, token: string): Promise<{ email: string }>;
  done(email: string): string;
  /** How long such a link works. */
  lifetime: string;
}

export const TOKEN_PAGES: readonly TokenPage[] = [
  {
    path: '/verify-email',
    title: 'Confirm your address',
    question: 'Did you make an account here? If it was not you, do not confirm.',
    button: 'Confirm the address',
    use: (service, token) => service.verifyEmail(token),
    done: (email) => `The address ${email} is confirmed.`,
    lifetime: 'a day',
  },
  {
    path: '/change-email/confirm',
    title: 'Confirm your new address',
    question: 'Do you want to use this address for your account? If you have none here, do not confirm.',
    button: 'Use this address',
    use: (service, token) => service.confirmEmailChange(token),
    done: (email) => `The address of your account is ${email} now.`,
    lifetime: 'a day',
  },
  {
    path: '/change-email/undo',
    title: 'Undo the change of your address',
    question:
      'Was it somebody else who changed the address of your account? Undoing it ends all sessions and removes the password; a mail brings you a link to choose a new one.',
    button: 'Undo it',
    use: (service, token) => service.undoEmailChange(token),
    done: (email) =>
      `The address of your account is ${email} again. Look for a mail with a link to choose a password.`,
    lifetime: 'seven days',
  },
];

export function tokenPage({ path, question, button }: TokenPage, token: unknown): Html {
  if (typeof token !== 'string' || token === '') {
    return html`<p>This link is not complete. Open it again from the mail, or copy the whole address.</p>`;
  }
  return html`<p>${question}</p>
<form method="post" action="${path}">
<input type="hidden" name="token" value="${token}">
<button>${button}</button>
</form>
`;
}

export function tokenUsedPage({ done }: TokenPage, email: string): Html {
  return html`<p>${done(email)}</p>`;
}

export function tokenRefusedPage({ lifetime }: TokenPage, reason: string): Html {
  return html`<p>${reason}. Links work once, for ${lifetime}; a newer mail has another one.</p>`;
}
