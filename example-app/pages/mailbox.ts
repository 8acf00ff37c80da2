import type { CaughtMail } from 'express-auth-kit/testing';
import { type Html, html } from './html.js';

/** @param mails newest first */
export function mailboxPage(mails: readonly CaughtMail[]): Html {
  if (mails.length === 0)
    return html`<p class="lead">No mail yet. <a href="/register">Create an account</a>, or <a href="/password/forgot">ask for a recovery link</a>.</p>`;
  return html`<p>Newest first. Also as <a href="/dev/mailbox.json">JSON</a>.</p>
${mails.map(mailArticle)}`;
}

function mailArticle({ to, subject, text, html: body }: CaughtMail): Html {
  return html`<article class="panel">
<h2>${subject}</h2>
<p class="hint">To: ${to}</p>
${/* No scripts, no forms, an origin of its own: a mail is a stranger's document, here as in a mail reader. */ ''}
<iframe title="The mail as HTML" sandbox="allow-popups allow-popups-to-escape-sandbox"
srcdoc="${`<base target="_blank">${body}`}"></iframe>
<details><summary>As text</summary><pre tabindex="0">${linked(text)}</pre></details>
</article>
`;
}

/** The text with its web addresses as links. */
function linked(text: string): Html[] {
  return text
    .split(/(https?:\/\/[^\s<>"']+)/)
    .map((part, index) => (index % 2 === 1 ? html`<a href="${part}">${part}</a>` : html`${part}`));
}
