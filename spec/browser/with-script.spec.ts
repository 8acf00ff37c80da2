import { expect } from 'chai';
import type { Browser, BrowserContext, Locator, Page } from 'playwright-core';
import { launchChromium } from './support/chromium.js';
import { type Account, type Example, startExample } from './support/example.js';
import { submitLogin } from './support/pages.js';

const PASSWORD = 'wrong donkey charger';

describe('the pages with their script', function () {
  this.timeout(60_000);

  let browser: Browser;
  let example: Example;
  before(async function () {
    browser = await launchChromium(this);
    example = await startExample();
  });
  after(async () => {
    await browser?.close();
    await example?.close();
  });

  let context: BrowserContext;
  let page: Page;
  /** What the page has loaded since it was opened: a document each time. */
  let loads: string[];
  let failures: string[];
  beforeEach(async () => {
    context = await browser.newContext();
    page = await context.newPage();
    loads = [];
    failures = [];
    page.on('request', (request) => request.isNavigationRequest() && loads.push(request.url()));
    page.on('pageerror', (error) => failures.push(String(error)));
    page.on('console', (message) => {
      // What is refused is told there too.
      if (
        message.type() === 'error' &&
        !/status of 4\d\d|net::ERR_INTERNET_DISCONNECTED/.test(message.text())
      )
        failures.push(message.text());
    });
  });
  afterEach(async () => {
    await context.close();
    expect(failures).to.deep.equal([]);
  });

  const open = (path: string, in_ = page) => in_.goto(path.startsWith('http') ? path : example.url + path);
  const arriveAt = (path: string, in_ = page) => in_.waitForURL(example.url + path);
  /** What stands beside a field. */
  const faultOf = async (field: Locator) => {
    const fault = page.locator(`[id="${await field.getAttribute('id')}-fault"]:not(:empty)`);
    await fault.waitFor();
    return fault.textContent();
  };
  async function signedIn(account?: Account): Promise<Account> {
    const known = await example.signIn(context, account);
    await open('/account');
    loads.length = 0;
    return known;
  }
  const part = (heading: string, in_ = page) => in_.getByRole('region', { name: heading, exact: true });
  /** What a form, or the page, has to say. */
  const notice = (kind: 'good' | 'bad', within: Page | Locator = page) => within.locator(`.notice.${kind}`);

  it('register, confirm by the mail, log in, and are led to the account', async () => {
    const email = 'ada@example.com';
    await open('/register');
    await page.getByLabel('Name').fill('Ada');
    await page.getByLabel('Email').fill(email);
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await page.getByRole('button', { name: 'Create account' }).click();
    await arriveAt('/login?registered');
    await submitLogin(page, { email, password: PASSWORD });
    await arriveAt('/account');
    expect(await part('Address').textContent()).to.include('not confirmed');
    await open(await example.linkTo(email, '/verify-email'));
    await page.getByRole('button', { name: 'Confirm the address' }).click();
    await arriveAt('/verify-email?done');
    await open('/account');
    expect(await part('Address').textContent())
      .to.include(email)
      .and.not.include('not confirmed');
  });

  it('say what is wrong beside its field, keep what was typed, and put the cursor there', async () => {
    const { email } = await example.createAccount();
    await open('/register');
    await page.getByLabel('Email').fill(email);
    await page.getByLabel('Password', { exact: true }).fill('password1');
    loads.length = 0;
    const create = page.getByRole('button', { name: 'Create account' });
    await create.click();
    const password = page.getByLabel('Password', { exact: true });
    expect(await faultOf(password)).to.match(/password/i);
    expect(await password.getAttribute('aria-invalid')).to.equal('true');
    expect(await page.locator('#password:focus').count()).to.equal(1);
    expect(await page.getByLabel('Email').inputValue()).to.equal(email);

    await password.fill(PASSWORD);
    expect(await password.getAttribute('aria-invalid')).to.equal(null);
    await create.click();
    expect(await faultOf(page.getByLabel('Email'))).to.include('There is an account with this address');
    expect(loads).to.deep.equal([]);
  });

  it('say what is about all of a form above it', async () => {
    const { email } = await example.createAccount();
    await open('/login?return_to=%2Fcurl');
    await page.getByLabel('Email').fill(email);
    await page.getByLabel('Password', { exact: true }).fill('not this one');
    loads.length = 0;
    await page.getByRole('button', { name: 'Log in' }).click();
    await notice('bad').waitFor();
    expect(await notice('bad').textContent()).to.equal('That email and password do not belong together.');
    expect(loads).to.deep.equal([]);
    await page.getByLabel('Password', { exact: true }).fill('correct horse battery');
    await page.getByRole('button', { name: 'Log in' }).click();
    await arriveAt('/curl');
  });

  for (const target of [
    'https://evil.example/',
    '//evil.example',
    '/\\evil.example',
    'javascript:alert(1)',
    'blob:https://evil.example/x',
    '//',
    'http://',
  ]) {
    it(`are not led by the address to ${target} after a login (hold 58, 102)`, async () => {
      const { email, password } = await example.createAccount();
      await open(`/login?return_to=${encodeURIComponent(target)}`);
      await submitLogin(page, { email, password });
      await arriveAt('/');
    });
  }

  it('save the profile without leaving the page', async () => {
    await signedIn();
    await part('Profile').getByLabel('Phone').fill('+1 23');
    await part('Profile').getByRole('button', { name: 'Save' }).click();
    await notice('good', part('Profile')).waitFor();
    expect(await notice('good', part('Profile')).textContent()).to.equal('Your profile is saved.');
    expect(loads).to.deep.equal([]);
    await open('/account');
    expect(await part('Profile').getByLabel('Phone').inputValue()).to.equal('+1 23');
  });

  it('let a session vanish when it is ended, which the other browser feels', async () => {
    const account = await example.createAccount();
    const elsewhere = await browser.newContext();
    await example.signIn(elsewhere, account);
    await signedIn(account);
    const sessions = part('Sessions').getByRole('listitem');
    expect(await sessions.count()).to.equal(2);
    await part('Sessions').getByRole('button', { name: 'End the session on Chrome on Linux' }).click();
    await sessions.nth(1).waitFor({ state: 'detached' });
    expect(await notice('good', part('Sessions')).textContent()).to.equal('That session has ended.');
    expect(loads).to.deep.equal([]);
    const other = await elsewhere.newPage();
    await open('/account', other);
    expect(new URL(other.url()).pathname).to.equal('/login');
    await elsewhere.close();
  });

  it('change the password: wrong first, then right; other sessions vanish, this one goes on', async () => {
    const account = await example.createAccount();
    const elsewhere = await browser.newContext();
    await example.signIn(elsewhere, account);
    await elsewhere.close();
    await signedIn(account);
    const fill = async (current: string) => {
      await part('Password').getByLabel('Current password', { exact: true }).fill(current);
      await part('Password').getByLabel('New password', { exact: true }).fill(PASSWORD);
      await part('Password').getByRole('button', { name: 'Change the password' }).click();
    };
    await fill('not this one');
    const current = part('Password').getByLabel('Current password', { exact: true });
    expect(await faultOf(current)).to.equal('The current password is not right.');
    await fill(account.password);
    await part('Password').getByText('Your password is changed.').waitFor();
    expect(await part('Password').getByLabel('New password', { exact: true }).inputValue()).to.equal('');
    await part('Sessions').getByRole('listitem').nth(1).waitFor({ state: 'detached' });
    expect(loads).to.deep.equal([]);
    await open('/account');
    expect(new URL(page.url()).pathname).to.equal('/account');
    await example.auth.service.login({ username: account.email, password: PASSWORD });
  });

  it('change the address, by the link in the mail', async () => {
    const { email, password } = await signedIn();
    const wanted = `new-${email}`;
    await part('Address').getByLabel('New address').fill(wanted);
    await part('Address').getByLabel('Current password', { exact: true }).fill(password);
    await part('Address').getByRole('button', { name: 'Change the address' }).click();
    await part('Address').getByText('A link is on its way').waitFor();
    expect(loads).to.deep.equal([]);
    await open(await example.linkTo(wanted, '/change-email/confirm'));
    await page.getByRole('button', { name: 'Use this address' }).click();
    await arriveAt('/change-email/confirm?done');
    await open('/account');
    expect(await part('Address').textContent()).to.include(wanted);
    await open(await example.linkTo(email, '/change-email/undo'));
    await page.getByRole('button', { name: 'Undo it' }).click();
    await arriveAt('/change-email/undo?done');
    await open('/account');
    expect(new URL(page.url()).pathname).to.equal('/login');
  });

  it('recover the password', async () => {
    const { email } = await example.createAccount();
    await open('/password/forgot');
    await page.getByLabel('Email').fill(email);
    await page.getByRole('button', { name: 'Mail me a link' }).click();
    await arriveAt('/password/forgot?sent');
    const link = await example.linkTo(email, '/password/reset');
    await open(link);
    expect(await page.textContent('main')).to.include(`for ${email}`);
    await page.getByLabel('New password', { exact: true }).fill(PASSWORD);
    await page.getByRole('button', { name: 'Set the password' }).click();
    await arriveAt('/login?reset');
    await example.auth.service.login({ username: email, password: PASSWORD });
    await open(link);
    expect(await page.textContent('main')).to.include('This link has been used, or its time is over.');
  });

  it('log out, and delete the account', async () => {
    const account = await signedIn();
    await page.getByRole('button', { name: 'Log out', exact: true }).click();
    await arriveAt('/');
    expect(await context.cookies()).to.deep.equal([]);
    await signedIn(account);
    await page.getByRole('button', { name: 'Log out everywhere' }).click();
    await arriveAt('/');
    await signedIn(account);
    await part('Delete the account').getByLabel('Current password', { exact: true }).fill(account.password);
    await part('Delete the account').getByRole('button', { name: 'Delete my account' }).click();
    await arriveAt('/');
    expect(await example.auth.service.findUser({ email: account.email })).to.equal(null);
  });

  it('lead to the login, and back, where the session is over meanwhile', async () => {
    const account = await signedIn();
    const user = await example.auth.service.findUser({ email: account.email });
    await example.auth.service.revokeSessions(user as NonNullable<typeof user>);
    await part('Profile').getByRole('button', { name: 'Save' }).click();
    await page.waitForURL(/\/login\?return_to=%2Faccount$/);
  });

  it('send a form once, however often it is clicked', async () => {
    await signedIn();
    let sent = 0;
    page.on('request', (request) => {
      sent += request.method() === 'PATCH' ? 1 : 0;
    });
    await part('Profile').getByRole('button', { name: 'Save' }).dblclick();
    await notice('good', part('Profile')).waitFor();
    expect(sent).to.equal(1);
  });

  it('say so where the network is away, and keep what was typed', async () => {
    const account = await example.createAccount();
    const elsewhere = await browser.newContext();
    await example.signIn(elsewhere, account);
    await elsewhere.close();
    await signedIn(account);
    await part('Profile').getByLabel('Phone').fill('+4 56');
    await context.setOffline(true);
    await part('Profile').getByRole('button', { name: 'Save' }).click();
    await notice('bad', part('Profile')).waitFor();
    expect(await notice('bad', part('Profile')).textContent()).to.include('Try again');
    await part('Sessions')
      .getByRole('button', { name: /^End the session/ })
      .click();
    await notice('bad', part('Sessions')).waitFor();
    await page.getByRole('button', { name: 'Log out', exact: true }).click();
    await notice('bad', page.locator('#page')).waitFor();
    await context.setOffline(false);
    await part('Profile').getByRole('button', { name: 'Save' }).click();
    await notice('good', part('Profile')).waitFor();
    expect(await part('Profile').getByLabel('Phone').inputValue()).to.equal('+4 56');
  });

  it('hear in one tab what another one does', async () => {
    const account = await signedIn();
    const other = await context.newPage();
    await open('/account', other);
    await other.getByRole('button', { name: 'Log out', exact: true }).click();
    await page.waitForURL(/\/login\?return_to=%2Faccount$/);
    await open('/', other);
    await open('/login', page);
    await submitLogin(page, account);
    await arriveAt('/account');
    await other.getByRole('link', { name: 'Account', exact: true }).waitFor();
  });

  it('hear it too while a form is under way, and show nobody else’s page', async () => {
    await signedIn();
    const other = await context.newPage();
    await open('/account', other);
    let goOn = () => {};
    const held = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    await page.route('**/auth/me', async (route) => {
      if (route.request().method() === 'PATCH') await held;
      await route.continue();
    });
    await part('Profile').getByRole('button', { name: 'Save' }).click();
    await other.getByRole('button', { name: 'Log out', exact: true }).click();
    await arriveAt('/', other);
    goOn();
    await page.waitForURL(/\/login\?return_to=%2Faccount$/);
  });

  it('are loaded anew where somebody else has logged in since', async () => {
    const { email } = await signedIn();
    const other = await context.newPage();
    await open('/account', other);
    const account = await example.createAccount();
    await open('/login', other);
    await submitLogin(other, account);
    await arriveAt('/account', other);
    await part('Address').getByText(account.email).waitFor();
    expect(await part('Address').textContent()).to.not.include(email);
  });

  it('check a new password while it is typed, against the address too', async () => {
    await open('/register');
    const kept = () => page.locator('.rules .kept').allTextContents();
    await page.getByLabel('Email').fill('grace.hopper@example.com');
    const password = page.getByLabel('Password', { exact: true });
    await password.pressSequentially('short');
    expect(await kept()).to.deep.equal(['Not your address']);
    expect(await page.locator('.for-readers[role=status]').textContent()).to.equal(
      'Missing: At least 8 characters.',
    );
    await password.fill('Grace.Hopper');
    expect(await kept()).to.deep.equal(['At least 8 characters']);
    await password.fill(PASSWORD);
    expect(await kept()).to.deep.equal(['At least 8 characters', 'Not your address']);
    expect(await page.locator('.for-readers[role=status]').textContent()).to.equal(
      'The password has what it needs.',
    );
    await password.fill('');
    expect(await kept()).to.deep.equal([]);
    expect(await page.locator('.for-readers[role=status]').textContent()).to.equal('');
  });

  it('show and hide a password', async () => {
    await open('/login');
    const password = page.getByLabel('Password', { exact: true });
    await password.fill(PASSWORD);
    await page.getByRole('button', { name: 'Show the password' }).click();
    expect(await password.getAttribute('type')).to.equal('text');
    await page.getByRole('button', { name: 'Hide the password' }).click();
    expect(await password.getAttribute('type')).to.equal('password');
    // It is hidden again when it is sent, so that password managers know it.
    await page.getByRole('button', { name: 'Show the password' }).click();
    await page.getByLabel('Email').fill('nobody@example.com');
    await page.getByRole('button', { name: 'Log in' }).click();
    expect(await password.getAttribute('type')).to.equal('password');
    await notice('bad').waitFor();
  });

  it('send a code as soon as it is whole', async () => {
    await open('/login/challenge');
    const sent = page.waitForRequest((request) => request.url().endsWith('/auth/challenge'));
    await page.getByLabel('Code').pressSequentially('123 456');
    expect((await sent).postData()).to.include('code=123+456');
  });

  it('can be used by the keyboard alone', async () => {
    const { email, password } = await example.createAccount();
    await open('/login');
    await page.keyboard.press('Tab');
    expect(await page.locator(':focus').textContent()).to.equal('Skip to the content');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    await page.keyboard.type(email);
    await page.keyboard.press('Tab');
    await page.keyboard.type(password);
    await page.keyboard.press('Enter');
    await arriveAt('/account');
  });
});
