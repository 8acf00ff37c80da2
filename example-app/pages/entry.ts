import { done, type Field, failed, form, hidden, type SentBack } from './form.js';
import { type Html, html } from './html.js';
import { passwordRules } from './password-rules.js';
import { refusalText } from './words.js';

/** Where a form that has no other wish leads. */
const HOME = '/account';

const EMAIL: Field = { name: 'email', label: 'Email', type: 'email', autocomplete: 'username' };

/** `data-new-password`: the script says while one types which rules it keeps. */
export const newPassword = (minLength: number): Field => ({
  name: 'password',
  label: 'Password',
  type: 'password',
  autocomplete: 'new-password',
  hint: html`A few words in a row are easy to keep and hard to guess.
<ul class="rules">${passwordRules(minLength).map(({ text }) => html`<li>${text}</li>`)}</ul>`,
  more: html`minlength="${minLength}" maxlength="256" data-new-password`,
});

/** The page itself, with where to go on: it comes back here with what was wrong. */
const here = (path: string, returnTo: string | undefined) =>
  returnTo === undefined ? path : `${path}?return_to=${encodeURIComponent(returnTo)}`;

export function registerPage(back: SentBack, minLength: number): Html {
  return html`${form({
    action: '/auth/register',
    back,
    returnTo: '/login?registered',
    errorTo: '/register',
    fields: [
      { name: 'name', label: 'Name', autocomplete: 'name', required: false },
      EMAIL,
      newPassword(minLength),
    ],
    button: 'Create account',
  })}
<p class="beside">Have an account? <a href="/login">Log in</a></p>`;
}

export function loginPage(
  back: SentBack,
  { isRegistered, isReset }: { isRegistered: boolean; isReset: boolean },
): Html {
  return html`${isRegistered ? done('Your account is there. Log in.') : ''}${isReset ? done('Your new password is in force. Log in.') : ''}
${form({
  action: '/auth/token',
  back,
  returnTo: back.returnTo ?? HOME,
  errorTo: here('/login', back.returnTo),
  fields: [
    { ...EMAIL, name: 'username' },
    { name: 'password', label: 'Password', type: 'password', autocomplete: 'current-password' },
  ],
  more: html`<div class="between">${hidden('remember', 'false')}<span class="check"><input type="checkbox" id="remember" name="remember" value="true" checked><label for="remember">Stay signed in</label></span>
<a href="/password/forgot">Forgot your password?</a></div>`,
  button: 'Log in',
})}
<p class="beside">New here? <a href="/register">Create an account</a></p>`;
}

/** The second step: which sign-in it belongs to, a cookie knows. */
export function challengePage(back: SentBack): Html {
  return html`${form({
    action: '/auth/challenge',
    back,
    errorTo: '/login/challenge',
    fields: [
      {
        name: 'code',
        label: 'Code',
        autocomplete: 'one-time-code',
        hint: 'The six digits that your authenticator shows. They are sent when they are all there.',
        more: html`inputmode="numeric" pattern="[0-9 ]*" data-code`,
      },
    ],
    more: hidden('method', 'totp'),
    button: 'Go on',
  })}
<p class="beside"><a href="/login">Begin again</a></p>`;
}

export function forgotPage(back: SentBack, isSent: boolean): Html {
  if (isSent)
    return html`${done('If there is an account with that address, a link is on its way. It works once, for half an hour.')}
<p class="beside"><a href="/login">Back to the login</a></p>`;
  return html`${form({
    action: '/auth/forgot-password',
    back,
    returnTo: '/password/forgot?sent',
    errorTo: '/password/forgot',
    fields: [EMAIL],
    button: 'Mail me a link',
  })}
<p class="beside"><a href="/login">Back to the login</a></p>`;
}

/**
 * Where the link of a recovery mail leads. It uses nothing up: mail scanners open links.
 *
 * @param email whose link it is; absent where it does not work any more
 */
export function resetPage(
  back: SentBack,
  { token, email, minLength }: { token: string; email?: string; minLength: number },
): Html {
  if (token === '') return incompleteLink();
  if (email === undefined)
    return html`${failed(refusalText('invalid_one_time_token'))}<p class="beside"><a href="/password/forgot">Ask for a new link</a></p>`;
  return html`<p class="beneath">for ${email}</p>${form({
    action: '/auth/reset-password',
    back,
    returnTo: '/login?reset',
    errorTo: `/password/reset?token=${encodeURIComponent(token)}`,
    fields: [{ ...newPassword(minLength), label: 'New password' }],
    owner: email,
    more: hidden('token', token),
    button: 'Set the password',
  })}
<p class="beside">All sessions of the account end with it.</p>`;
}

export function incompleteLink(): Html {
  return failed('This link is not complete. Open it again from the mail, or copy the whole address.');
}
