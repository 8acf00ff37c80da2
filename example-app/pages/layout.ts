import type { Response } from 'express';
import { feedback, form } from './form.js';
import { type Html, html } from './html.js';

/** What a page is, around its content. */
export interface Page {
  title: string;
  content: Html;
  /** Who is signed in: the way to the account stands in place of the way in. */
  user?: { id: string; email: string; roles?: readonly string[] } | undefined;
  /** `card`: a form by itself, in the middle; `wide`: text and tables. */
  shape?: 'card' | 'wide';
}

interface Site {
  /** Whether mails are caught, and can be read. */
  hasMailbox: boolean;
}

/** Answers with whole pages of one site. */
export function createSendPage({ hasMailbox }: Site) {
  return (res: Response, { title, content, user, shape = 'wide' }: Page): void => {
    const page = html`<!doctype html>
<html lang="en"${user ? html` data-user="${user.id}"` : ''}>
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} · express-auth-kit</title>
<link rel="icon" href="/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/style.css">
<script type="module" src="/app.js"></script>
</head>
<body>
<a class="skip" href="#content">Skip to the content</a>
<header class="site">
<a class="brand" href="/" aria-label="express-auth-kit">${LOGO}<span>express-auth-kit</span></a>
<nav aria-label="Site">
${hasMailbox ? html`<a href="/dev/mailbox">Mailbox</a>` : ''}
${user?.roles?.includes('admin') ? html`<a href="/admin">Admin</a>` : ''}
${user ? html`<a href="/account">Account</a>${LOG_OUT}` : html`<a href="/login">Log in</a><a class="button small" href="/register">Register</a>`}
</nav>
</header>
<main id="content" class="${shape}">
<h1>${title}</h1>
${feedback(undefined, undefined, html`id="page"`)}
${content}
</main>
<footer class="site">An example of <code>express-auth-kit</code>. <a href="/curl">The same by curl</a></footer>
</body>
</html>
`;
    // Mails, tokens in links, whose account it is: nothing here is for a cache.
    res.set('Cache-Control', 'no-store').type('html').send(page.text);
  };
}

export type SendPage = ReturnType<typeof createSendPage>;

const LOGO = html`<svg viewBox="0 0 24 24" width="24" height="24" aria-hidden="true"><path d="M12 2 4 5v6c0 5 3.4 9.4 8 11 4.6-1.6 8-6 8-11V5z" fill="currentColor"/><path d="m8.5 12 2.5 2.5 4.5-5" fill="none" stroke="var(--surface)" stroke-width="2" stroke-linecap="round" stroke-linejoin="round"/></svg>`;

const LOG_OUT = form({
  action: '/auth/logout',
  feedbackAt: 'page',
  returnTo: '/',
  fields: [],
  button: 'Log out',
  look: 'link',
});
