import { Router } from 'express';
import type { Mailbox } from 'express-auth-kit/testing';
import { loopbackOnly } from '../loopback-only.js';
import { allowInlineStyles } from '../security-headers.js';
import { appUrlOf } from './app-url.js';
import { homePage } from './home.js';
import { sendPage } from './layout.js';
import { mailboxPage } from './mailbox.js';
import { passwordResetPage } from './password-reset.js';

/** The pages of the app; `url` is where it listens. */
export function createPages({ url, hasMailbox }: { url: string; hasMailbox: boolean }): Router {
  const pages = Router();
  pages.get('/', (req, res) => {
    sendPage(res, 'Example app', homePage({ appUrl: appUrlOf(req, url), hasMailbox }));
  });
  pages.get('/password/reset', (req, res) => {
    sendPage(res, 'Choose a new password', passwordResetPage(appUrlOf(req, url), req.query.token));
  });
  return pages;
}

/**
 * The mails that were caught, for people and for tests on this machine.
 *
 * @param settled resolves when the mails begun so far have arrived: who asks after a request finds its mail
 */
export function createMailboxPages({ messages }: Mailbox, settled: () => Promise<void>): Router {
  const newestFirst = async () => {
    await settled();
    return [...messages].reverse();
  };
  const pages = Router();
  pages.use(loopbackOnly);
  pages.get('/mailbox', allowInlineStyles, async (_req, res) => {
    sendPage(res, 'Mailbox', mailboxPage(await newestFirst()));
  });
  pages.get('/mailbox.json', async (_req, res) => {
    res.set('Cache-Control', 'no-store').json(await newestFirst());
  });
  return pages;
}
