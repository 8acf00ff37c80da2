import express, { Router } from 'express';
import { AuthError } from 'express-auth-kit';
import type { Mailbox } from 'express-auth-kit/testing';
import { loopbackOnly } from '../loopback-only.js';
import { allowInlineStyles } from '../security-headers.js';
import { appUrlOf } from './app-url.js';
import { homePage } from './home.js';
import { sendPage } from './layout.js';
import { mailboxPage } from './mailbox.js';
import { passwordResetPage } from './password-reset.js';
import { TOKEN_PAGES, type TokenService, tokenPage, tokenRefusedPage, tokenUsedPage } from './token-pages.js';

interface PageParts {
  /** Where the app listens. */
  url: string;
  hasMailbox: boolean;
  service: TokenService;
}

/** The pages of the app. */
export function createPages({ url, hasMailbox, service }: PageParts): Router {
  const pages = Router();
  pages.get('/', (req, res) => {
    sendPage(res, 'Example app', homePage({ appUrl: appUrlOf(req, url), hasMailbox }));
  });
  pages.get('/password/reset', (req, res) => {
    sendPage(res, 'Choose a new password', passwordResetPage(appUrlOf(req, url), req.query.token));
  });
  for (const page of TOKEN_PAGES) {
    pages.get(page.path, (req, res) => {
      sendPage(res, page.title, tokenPage(page, req.query.token));
    });
    pages.post(page.path, express.urlencoded({ extended: false }), async (req, res) => {
      try {
        const { email } = await page.use(service, req.body?.token);
        sendPage(res, page.title, tokenUsedPage(page, email));
      } catch (error) {
        // A link that is used or over, an address that somebody has meanwhile.
        if (!(error instanceof AuthError && error.status === 400)) throw error;
        sendPage(res.status(error.status), page.title, tokenRefusedPage(page, error.detail));
      }
    });
  }
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
