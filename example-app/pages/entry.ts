import { done, field, notice, type SentBack, ways } from './form.js';
import { type Html, html } from './html.js';

/** Where a form that has no other wish leads. */
const HOME = '/account';

const email = (back: SentBack, name = 'email') =>
  field({ name, label: 'Email', type: 'email', autocomplete: 'username' }, back);

const newPassword = (back: SentBack, name = 'password') =>
  field(
    {
      name,
      label: name === 'password' ? 'Password' : 'New password',
      type: 'password',
      autocomplete: 'new-password',
      hint: '8 characters or more. A few words in a row are easy to keep and hard to guess.',
      more: html`minlength="8" maxlength="256"`,
    },
    back,
  );

/** The page itself, with where to go on: it comes back here with what was wrong. */
const here = (path: string, returnTo: string | undefined) =>
  returnTo === undefined ? path : `${path}?return_to=${encodeURIComponent(returnTo)}`;

export function registerPage(back: SentBack): Html {
  return html`${notice(back)}
<form method="post" action="/auth/register">
${field({ name: 'name', label: 'Name', autocomplete: 'name', required: false }, back)}
${email(back)}
${newPassword(back)}
${ways('/login?registered', '/register')}
<button>Create the account</button>
</form>
<p class="beside">Have one already? <a href="/login">Log in</a></p>`;
}

export function loginPage(
  back: SentBack,
  { isRegistered, isReset }: { isRegistered: boolean; isReset: boolean },
): Html {
  return html`${isRegistered ? done('Your account is there. Log in.') : ''}${isReset ? done('Your new password is in force. Log in.') : ''}${notice(back)}
<form method="post" action="/auth/token">
${email(back, 'username')}
${field({ name: 'password', label: 'Password', type: 'password', autocomplete: 'current-password' }, back)}
<input type="hidden" name="remember" value="false">
<div class="check"><input type="checkbox" id="remember" name="remember" value="true" checked><label for="remember">Stay signed in on this device</label></div>
${ways(back.returnTo ?? HOME, here('/login', back.returnTo))}
<button>Log in</button>
</form>
<p class="beside"><a href="/password/forgot">Forgot your password?</a> · <a href="/register">Create an account</a></p>`;
}

/** The second step: which sign-in it belongs to, a cookie knows. */
export function challengePage(back: SentBack): Html {
  const code = {
    name: 'code',
    label: 'Code',
    autocomplete: 'one-time-code',
    more: html`inputmode="numeric"`,
  };
  return html`${notice(back)}
<form method="post" action="/auth/challenge">
<input type="hidden" name="method" value="totp">
${field(code, back)}
<input type="hidden" name="error_to" value="/login/challenge">
<button>Go on</button>
</form>
<p class="beside"><a href="/login">Begin again</a></p>`;
}

export function forgotPage(back: SentBack, isSent: boolean): Html {
  if (isSent)
    return html`${done('If there is an account with that address, a link is on its way. It works once, for half an hour.')}
<p class="beside"><a href="/login">Back to the login</a></p>`;
  return html`${notice(back)}
<form method="post" action="/auth/forgot-password">
${email(back)}
${ways('/password/forgot?sent', '/password/forgot')}
<button>Mail me a link</button>
</form>
<p class="beside"><a href="/login">Back to the login</a></p>`;
}

/** Where the link of a recovery mail leads. It uses nothing up: mail scanners open links. */
export function resetPage(back: SentBack, token: unknown): Html {
  if (typeof token !== 'string' || token === '') return incompleteLink();
  return html`${notice(back)}
<form method="post" action="/auth/reset-password">
<input type="hidden" name="token" value="${token}">
${newPassword(back)}
${ways('/login?reset', `/password/reset?token=${encodeURIComponent(token)}`)}
<button>Set the password</button>
</form>
<p class="beside">All sessions of the account end with it.</p>`;
}

export function incompleteLink(): Html {
  return html`<p class="notice bad">This link is not complete. Open it again from the mail, or copy the whole address.</p>`;
}
