import type { CaughtMail } from 'express-auth-kit/testing';
import { type Html, html } from './html.js';

/** @param mails newest first */
export function mailboxPage(mails: readonly CaughtMail[]): Html {
  if (mails.length === 0)
    return html`<p class="lead">No mail yet. <a href="/register">Create an account</a>, or <a href="/password/forgot">ask for a recovery link</a>.</p>`;
  return html`<p>Newest first. Also as <a href="/dev/mailbox.json">JSON</a>.</p>
${mails.map((mail, index) => mailEntry(mail, index === 0))}`;
}

/** As in a list of mails: one opens it. */
function mailEntry({ to, subject, text, html: body }: CaughtMail, isOpen: boolean): Html {
  return html`<details class="panel mail" ${isOpen ? html`open` : ''}>
<summary><h2>${subject}</h2> <span class="hint">to ${to}</span></summary>
${/* No scripts, no forms, an origin of its own: a mail is a stranger's document, here as in a mail reader. */ ''}
<iframe title="${subject}" loading="lazy" sandbox="allow-popups allow-popups-to-escape-sandbox"
srcdoc="${`<base target="_blank">${body}`}"></iframe>
<details><summary>As text</summary><pre tabindex="0">${linked(text)}</pre></details>
</details>
`;
}

/** The text with its web addresses as links. */
function linked(text: string): Html[] {
  return text
    .split(/(https?:\/\/[^\s<>"']+)/)
    .map((part, index) => (index % 2 === 1 ? html`<a href="${part}">${part}</a>` : html`${part}`));
}
