import { type Request, type RequestHandler, Router } from 'express';
import { type AuthRouter, InvalidOneTimeToken } from 'express-auth-kit';
import type { Mailbox } from 'express-auth-kit/testing';
import { loopbackOnly } from '../loopback-only.js';
import type { ExampleUser } from '../models/user.js';
import { allowInlineStyles } from '../security-headers.js';
import { accountPage } from './account.js';
import { appUrlOf } from './app-url.js';
import { challengePage, forgotPage, loginPage, registerPage, resetPage } from './entry.js';
import { type SentBack, sentBack } from './form.js';
import { curlPage, homePage } from './home.js';
import { type Html, html } from './html.js';
import type { Page, SendPage } from './layout.js';
import { mailboxPage } from './mailbox.js';
import { TOKEN_PAGES, tokenPage } from './token-pages.js';

const withoutForms = () =>
  html`<p class="notice bad">This page needs cookies: start the app with <code>AUTH_COOKIES=on</code>.</p>`;

interface PageParts {
  /** Where the app listens. */
  url: string;
  hasMailbox: boolean;
  /** Whether the kit takes forms: in web mode. */
  hasForms: boolean;
  /** Of a new password, in code points. */
  minLength: number;
  auth: Pick<AuthRouter<ExampleUser>, 'optionalUser' | 'requireUserOr' | 'service'>;
  sendPage: SendPage;
}

/** What a page shows, from what came back with it. */
type ContentOf = (back: SentBack, req: Request) => Html | Promise<Html>;

/** The pages of the app: forms post to the kit, which sends the browser on to a page. */
export function createPages({ url, hasMailbox, hasForms, minLength, auth, sendPage }: PageParts): Router {
  const pages = Router();
  const whoever = auth.optionalUser;
  const show =
    (shape: Page['shape'], title: string, contentOf: ContentOf): RequestHandler =>
    async (req, res) =>
      sendPage(res, { title, shape, user: req.user, content: await contentOf(sentBack(req.query), req) });
  const card = (path: string, title: string, contentOf: ContentOf) =>
    pages.get(path, whoever, show('card', title, hasForms ? contentOf : withoutForms));

  pages.get(
    '/',
    whoever,
    show('wide', 'Accounts for Express, done', (_back, { user }) =>
      homePage({ hasMailbox, isSignedIn: user !== undefined }),
    ),
  );
  pages.get(
    '/curl',
    whoever,
    show('wide', 'A walk by curl', (_back, req) => curlPage({ appUrl: appUrlOf(req, url), hasMailbox })),
  );
  card('/register', 'Create an account', (back) => registerPage(back, minLength));
  card('/login', 'Log in', (back, { query }) =>
    loginPage(back, { isRegistered: 'registered' in query, isReset: 'reset' in query }),
  );
  card('/login/challenge', 'One more step', challengePage);
  card('/password/forgot', 'Forgot your password?', (back, { query }) => forgotPage(back, 'sent' in query));
  card('/password/reset', 'Choose a new password', async (back, { query }) => {
    const token = typeof query.token === 'string' ? query.token : '';
    return resetPage(back, { token, email: await ownerOfLink(auth.service, token), minLength });
  });
  for (const page of TOKEN_PAGES)
    card(page.path, page.title, (back, { query }) => tokenPage(page, back, query));
  pages.get('/account', auth.requireUserOr('/login'), async (req, res) => {
    const user = req.user as ExampleUser;
    const content = accountPage({
      user,
      sessions: await auth.service.listSessions(user._id),
      current: req.auth?.sid ?? '',
      minLength,
      back: sentBack(req.query),
    });
    sendPage(res, { title: 'Your account', content, user: req.user });
  });
  return pages;
}

/** Whose recovery link it is, which uses nothing up. */
async function ownerOfLink(
  service: PageParts['auth']['service'],
  token: string,
): Promise<string | undefined> {
  try {
    return (await service.validatePasswordReset(token)).email;
  } catch (error) {
    if (error instanceof InvalidOneTimeToken) return undefined;
    throw error;
  }
}

/**
 * The mails that were caught, for people and for tests on this machine.
 * Who asks after a request finds its mail.
 */
export function createMailboxPages(
  { messages }: Mailbox,
  { auth, sendPage }: Pick<PageParts, 'auth' | 'sendPage'>,
): Router {
  const newestFirst = async () => {
    await auth.service.settled();
    return [...messages].reverse();
  };
  const pages = Router();
  pages.use(loopbackOnly);
  pages.get('/mailbox', allowInlineStyles, auth.optionalUser, async (req, res) => {
    sendPage(res, { title: 'Mailbox', user: req.user, content: mailboxPage(await newestFirst()) });
  });
  pages.get('/mailbox.json', async (_req, res) => {
    res.set('Cache-Control', 'no-store').json(await newestFirst());
  });
  return pages;
}
