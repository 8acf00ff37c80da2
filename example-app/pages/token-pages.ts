import { incompleteLink } from './entry.js';
import { done, failed, form, hidden, type SentBack } from './form.js';
import { type Html, html } from './html.js';
import { refusalText } from './words.js';

/** A page that a link in a mail leads to. Only its button uses the link: mail scanners open links. */
export interface TokenPage {
  path: string;
  /** Of the kit, what the button posts to. */
  action: string;
  title: string;
  question: string;
  button: string;
  done: string;
}

export const TOKEN_PAGES: readonly TokenPage[] = [
  {
    path: '/verify-email',
    action: '/auth/verify-email',
    title: 'Confirm your address',
    question: 'Did you make an account here? If it was not you, do not confirm.',
    button: 'Confirm the address',
    done: 'Your address is confirmed.',
  },
  {
    path: '/change-email/confirm',
    action: '/auth/change-email/confirm',
    title: 'Confirm your new address',
    question: 'Do you want to use this address for your account? If you have none here, do not confirm.',
    button: 'Use this address',
    done: 'This is the address of your account now.',
  },
  {
    path: '/change-email/undo',
    action: '/auth/change-email/undo',
    title: 'Undo the change of your address',
    question:
      'Was it somebody else who changed the address of your account? Undoing it ends all sessions and removes the password; a mail brings you a link to choose a new one.',
    button: 'Undo it',
    done: 'Your former address is back. A mail with a link to choose a password is on its way there.',
  },
];

export function tokenPage(page: TokenPage, back: SentBack, query: Readonly<Record<string, unknown>>): Html {
  const { path, action, question, button } = page;
  const { token } = query;
  if ('done' in query)
    return html`${done(page.done)}<p class="beside"><a href="/account">To your account</a></p>`;
  if (back.error)
    return html`${failed(refusalText(back.error, back.retryAfter))}<p class="beside"><a href="/account">To your account</a></p>`;
  if (typeof token !== 'string' || token === '') return incompleteLink();
  return html`<p class="beneath">${question}</p>${form({
    action,
    returnTo: `${path}?done`,
    errorTo: path,
    fields: [],
    more: hidden('token', token),
    button,
  })}`;
}
