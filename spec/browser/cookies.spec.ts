import { expect } from 'chai';
import type { Browser, BrowserContext, Cookie, Page } from 'playwright-core';
import { createCertificate } from '../support/certificate.js';
import { launchChromium } from './support/chromium.js';
import { type Account, type Example, startExample } from './support/example.js';
import { logIn } from './support/pages.js';
import { startTlsProxy, type TlsProxy } from './support/tls-proxy.js';

const DAY = 86_400;

describe('the cookies in a browser', function () {
  this.timeout(60_000);
  let browser: Browser;
  before(async function () {
    browser = await launchChromium(this);
  });
  after(() => browser?.close());

  for (const scheme of ['http', 'https'] as const) {
    describe(`by ${scheme}`, () => {
      const isSecure = scheme === 'https';
      const [ACCESS, REFRESH] = isSecure ? ['__Host-access', '__Host-refresh'] : ['access', 'refresh'];
      let example: Example;
      let proxy: TlsProxy | undefined;
      /** Where the browser finds the app. */
      let url: string;
      let account: Account;
      let context: BrowserContext;
      let page: Page;
      before(async function () {
        if (isSecure) proxy = await startTlsProxy(await createCertificate(this));
        example = await startExample(proxy ? { AUTH_APP_URL: proxy.url, TRUST_PROXY: '1' } : {});
        if (proxy) proxy.target = example.url;
        url = proxy?.url ?? example.url;
        account = await example.createAccount({ name: 'Ada' });
      });
      after(async () => {
        await proxy?.close();
        await example?.close();
      });
      beforeEach(async () => {
        context = await browser.newContext({ ignoreHTTPSErrors: true });
        page = await context.newPage();
      });
      afterEach(() => context.close());

      /** By name: how long it lasts, in seconds (-1: as long as the browser), and what else Chromium says of it. */
      async function cookies() {
        const all = await context.cookies(url);
        // The clock of the browser goes on.
        const from = Date.now() / 1000;
        const show = ({ name, value: _, expires, ...rest }: Cookie) => {
          return [name, { seconds: expires === -1 ? -1 : Math.round(expires - from), ...rest }] as const;
        };
        return Object.fromEntries(all.map(show));
      }

      const tokenIn = async (name = REFRESH) =>
        (await context.cookies(url)).find((cookie) => cookie.name === name)?.value;

      const showsAccount = async () => {
        await page.goto(`${url}/account`);
        return ((await page.textContent('main')) ?? '').includes(account.email);
      };

      it('are no script’s to read, of this host and this site alone, and last as long as what they carry', async () => {
        await logIn(page, url, account);
        const found = await cookies();
        const flags = {
          domain: new URL(url).hostname,
          path: '/',
          httpOnly: true,
          secure: isSecure,
          sameSite: 'Lax',
        };
        expect(Object.keys(found)).to.have.members([ACCESS, REFRESH]);
        expect(found[ACCESS]).to.include(flags);
        expect(found[REFRESH]).to.include(flags);
        expect(found[ACCESS]?.seconds).to.be.closeTo(15 * 60, 60);
        expect(found[REFRESH]?.seconds).to.be.closeTo(30 * DAY, 60);
      });

      it('end with the browser where nobody wants to be remembered, after a renewal too', async () => {
        await logIn(page, url, account, { remember: false });
        const first = await tokenIn();
        example.clock.advance(16 * 60_000);
        expect(await showsAccount()).to.equal(true);
        expect(await tokenIn()).to.not.equal(first);
        const seconds = Object.values(await cookies()).map((cookie) => cookie.seconds);
        expect(seconds).to.deep.equal([-1, -1]);
      });

      it('are kept and sent until the logout, which takes both away', async () => {
        await logIn(page, url, account);
        expect(await showsAccount()).to.equal(true);
        await page.getByRole('button', { name: 'Log out', exact: true }).click();
        await page.waitForURL(`${url}/`);
        expect(await cookies()).to.deep.equal({});
        expect(await showsAccount()).to.equal(false);
      });

      it('go with the account', async () => {
        const other = await example.createAccount();
        await logIn(page, url, other);
        const deletion = page.getByRole('region', { name: 'Delete the account' });
        await deletion.getByLabel('Current password', { exact: true }).fill(other.password);
        await deletion.getByRole('button', { name: 'Delete my account' }).click();
        await page.waitForURL(`${url}/`);
        expect(await cookies()).to.deep.equal({});
      });

      it('make place for those of another login, whose session is the only one then', async () => {
        await logIn(page, url, account);
        const former = await context.cookies(url);
        const other = await example.createAccount();
        await logIn(page, url, other);
        expect(Object.keys(await cookies())).to.have.members([ACCESS, REFRESH]);
        await page.goto(`${url}/account`);
        expect(await page.textContent('main')).to.include(other.email);

        await context.clearCookies();
        await context.addCookies(former);
        expect(await showsAccount()).to.equal(false);
        expect(new URL(page.url()).pathname).to.equal('/login');
      });

      it('are in no answer that a cache keeps', async () => {
        const reading: Promise<string | false>[] = [];
        page.on('response', (response) => {
          const read = async () => {
            const { 'set-cookie': set, 'cache-control': cache } = await response.allHeaders();
            return set !== undefined && `${new URL(response.url()).pathname} ${cache}`;
          };
          // What comes after the logout is not waited for.
          reading.push(read().catch(() => false));
        });
        await logIn(page, url, account);
        example.clock.advance(16 * 60_000);
        await page.goto(`${url}/`);
        const gone = page.waitForResponse(`${url}/auth/logout`);
        await page.getByRole('button', { name: 'Log out', exact: true }).click();
        await gone;
        const stored = (await Promise.all(reading)).filter(Boolean);
        expect(stored).to.deep.equal(['/auth/token no-store', '/ no-store', '/auth/logout no-store']);
      });

      it('are the only place that has tokens', async () => {
        // What a page's own policy lets its scripts do is not the matter here.
        await context.close();
        context = await browser.newContext({ ignoreHTTPSErrors: true, bypassCSP: true });
        page = await context.newPage();
        const answers: { name: string; text: string }[] = [];
        const reading: Promise<unknown>[] = [];
        context.on('response', (response) => {
          const name = `${response.request().method()} ${new URL(response.url()).pathname}`;
          const { ['set-cookie']: _, ...headers } = response.headers();
          // An answer that sends on has no body.
          const body = response.text().catch(() => '');
          reading.push(body.then((text) => answers.push({ name, text: JSON.stringify(headers) + text })));
        });
        const secrets = new Set<string>();
        const keep = async () => {
          for (const { value } of await context.cookies(url)) secrets.add(value);
        };
        const ask = (path: string, init: object = {}) =>
          page.evaluate(`fetch('${path}', ${JSON.stringify(init)}).then((answer) => answer.text())`);
        const post = (body: object) => ({
          method: 'POST',
          headers: { 'content-type': 'application/json', 'x-auth-mode': 'cookies' },
          body: JSON.stringify(body),
        });

        const { email, password } = account;
        await logIn(page, url, account);
        await keep();
        for (const path of ['/', '/account', '/account?done=profile', '/curl', '/login', '/register'])
          await page.goto(url + path);
        await ask('/auth/refresh', post({}));
        await keep();
        await ask('/auth/token', post({ username: email, password }));
        await keep();
        await ask(
          '/auth/change-password',
          post({ current_password: password, new_password: `${password}!` }),
        );
        await keep();
        await ask(
          '/auth/change-password',
          post({ current_password: `${password}!`, new_password: password }),
        );
        await keep();
        for (const path of ['/me', '/auth/me', '/auth/sessions', '/protected']) await ask(path);
        await ask('/auth/confirm', post({ password }));
        expect(await page.evaluate('document.cookie')).to.equal('');
        expect(await page.evaluate('localStorage.length + sessionStorage.length')).to.equal(0);
        await Promise.all(reading);

        expect(secrets.size).to.equal(10);
        expect(answers.map(({ name }) => name)).to.include.members([
          'GET /account',
          'POST /auth/refresh',
          'POST /auth/token',
          'POST /auth/change-password',
          'GET /me',
        ]);
        const telling = answers.filter(
          ({ text }) => /eyJ/.test(text) || [...secrets].some((secret) => text.includes(secret)),
        );
        expect(telling).to.deep.equal([]);
      });
    });
  }
});
