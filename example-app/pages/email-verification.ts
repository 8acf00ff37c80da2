import { type Html, html } from './html.js';

/**
 * Where the link of a verification mail leads. Only its button confirms: mail scanners open links, and the token must
 * outlive that.
 */
export function emailVerificationPage(token: unknown): Html {
  if (typeof token !== 'string' || token === '') {
    return html`<p>This link is not complete. Open it again from the mail, or copy the whole address.</p>`;
  }
  return html`<p>Did you make an account here? If it was not you, do not confirm.</p>
<form method="post" action="/verify-email">
<input type="hidden" name="token" value="${token}">
<button>Confirm the address</button>
</form>
`;
}

export function emailVerifiedPage(email: string): Html {
  return html`<p>The address ${email} is confirmed.</p>`;
}

export function emailNotVerifiedPage(reason: string): Html {
  return html`<p>${reason}. Links work once, for a day; a newer mail has another one.</p>`;
}
