import { join } from 'node:path';
import express, { type Express } from 'express';
import { authErrorHandler, type Clock, createAuthRouter, Unavailable } from 'express-auth-kit';
import type { Mailbox } from 'express-auth-kit/testing';
import { createAdminPage } from './admin/page.js';
import { createAdmin } from './admin/routes.js';
import type { Config } from './config.js';
import { hideError, logError, refuseUnknownPath } from './error-handlers.js';
import { User } from './models/user.js';
import { createSendPage } from './pages/layout.js';
import { createMailboxPages, createPages } from './pages/routes.js';
import { serveScript } from './script.js';
import { allowOrigins, securityHeaders } from './security-headers.js';

/** Of the mails that nobody sends. */
const SENDER = 'Example app <example-app@localhost>';

export interface AppParts {
  config: Config;
  /** Signs the tokens; absent where `AUTH_SECRET_KEY` does. */
  developmentSecret: string | undefined;
  /** Where the app listens. */
  url: string;
  /** Catches the mails; absent where they are sent. */
  mailbox: Mailbox | undefined;
  /** Rejects when the database is not to be reached. */
  pingDatabase(): Promise<void>;
  /** The system's, unless a spec brings one that it can move. */
  clock?: Clock;
}

/**
 * Builds the app from its parts; it listens nowhere yet.
 *
 * @throws TypeError for an option of the kit's that is malformed or missing
 */
export function createApp({ config, developmentSecret, url, mailbox, pingDatabase, clock }: AppParts) {
  const cookies = config.auth.cookies ?? (config.production ? 'off' : 'on');
  // What the environment says, the kit reads for itself: here is what is the app's own, and its defaults.
  const auth = createAuthRouter({
    User,
    registerFields: ['phone', 'company'],
    profileFields: ['phone', 'company'],
    secretKey: developmentSecret,
    // Where strangers come, the address is not guessed: a link in a mail must lead to the app and nowhere else.
    appUrl: config.auth.appUrl ?? (config.production ? undefined : url),
    emailVerification: config.auth.emailVerification ?? (config.production ? undefined : 'optional'),
    cookies,
    allowedOrigins: [...(config.auth.allowedOrigins ?? []), ...config.corsOrigins],
    mail: mailbox && { transport: mailbox.transport, from: config.auth.mail?.from ?? SENDER },
    clock,
    logger: { warn: (message) => console.warn(message), error: logError },
  });

  const app: Express = express();
  app.disable('x-powered-by');
  app.set('trust proxy', config.trustProxy);
  app.use(securityHeaders(config));
  if (config.corsOrigins.length > 0) app.use(allowOrigins(config.corsOrigins));
  app.get('/app.js', serveScript());
  app.use(express.static(join(import.meta.dirname, 'public'), { index: false }));
  const sendPage = createSendPage({ hasMailbox: mailbox !== undefined });
  app.use(
    createPages({
      url,
      hasMailbox: mailbox !== undefined,
      hasForms: cookies === 'on',
      minLength: config.auth.password?.minLength ?? 8,
      auth,
      sendPage,
    }),
  );

  app.use('/auth', auth);
  app.use('/me', auth.me);
  app.get('/protected', auth.requireUser, (req, res) => {
    res.set('Cache-Control', 'no-store').json({ user: req.user?.email });
  });

  app.use('/admin/users', createAdmin(auth));
  app.use('/admin', createAdminPage(auth, sendPage));

  app.get('/healthz', (_req, res) => {
    res.set('Cache-Control', 'no-store').json({ status: 'ok' });
  });
  app.get('/readyz', async (_req, res) => {
    await pingDatabase().catch((cause) => {
      throw new Unavailable({ cause });
    });
    res.set('Cache-Control', 'no-store').json({ status: 'ok' });
  });
  if (mailbox) app.use('/dev', createMailboxPages(mailbox, { auth, sendPage }));

  app.use(refuseUnknownPath);
  app.use(authErrorHandler);
  app.use(hideError);
  return { app, auth };
}
