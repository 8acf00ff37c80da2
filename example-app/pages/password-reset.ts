import { code, type Html, html } from './html.js';

/** As a link in a mail carries it; anything else could break out of the quotes of the commands. */
const TOKEN = /^[\w-]{1,200}$/;

/**
 * Where the link of a recovery mail leads. It only shows what to do: mail scanners open links, and the token must
 * outlive that.
 */
export function passwordResetPage(appUrl: string, token: unknown): Html {
  if (typeof token !== 'string' || !TOKEN.test(token)) {
    return html`<p>This link is not complete. Open it again from the mail, or copy the whole address.</p>`;
  }
  return html`<p>Is the link still good? It works once, for half an hour:</p>
<pre>${post(`${appUrl}/auth/forgot-password/validate`, { token })}</pre>
<p>Put the new password in here. Nothing was used up by opening this page:</p>
<pre>${post(`${appUrl}/auth/reset-password`, { token, password: 'the new password' })}</pre>
`;
}

function post(url: string, body: object): Html {
  return code(`curl -sS -w '\\n' '${url}' -H 'Content-Type: application/json' -d '${JSON.stringify(body)}'`);
}
