import { expect } from 'chai';
import { type AuthClient, AuthClientError, createAuthClient } from 'express-auth-kit/client';
import { type ClientApp, createClientApp } from '../support/client-app.js';
import { failureOf } from '../support/failure.js';
import { PASSWORD } from '../support/password.js';

const MINUTE = 60_000;

describe('createAuthClient', () => {
  let world: ClientApp;
  before(async () => {
    world = await createClientApp('profile');
  });
  after(() => world.close());

  const failure = (run: () => unknown) => failureOf<AuthClientError>(run);

  it('takes an address with or without a slash at its end, and refuses what is none', async () => {
    for (const end of ['', '/', '//', '?x=1#y']) {
      const client = createAuthClient({ baseUrl: `${world.url}/auth${end}` });
      expect(await failure(() => client.me())).to.include({ code: 'missing_token' });
    }
  });

  it('takes no relative address where there is no page', async () => {
    for (const baseUrl of ['/auth', 'auth', '']) {
      expect((await failureOf(() => createAuthClient({ baseUrl }))).name, baseUrl).to.equal('TypeError');
    }
  });

  it('refuses a mode that there is not, and says which there are', async () => {
    const error = await failureOf(() =>
      createAuthClient({ baseUrl: 'https://api.example.com/auth', mode: 'cookie' as never }),
    );
    expect(error.name).to.equal('TypeError');
    expect(error.message).to.equal('mode: "cookie" given; allowed: "bearer", "cookies"');
  });

  it('registers, and says which fields are at fault', async () => {
    const client = world.open();
    const account = { email: 'ada@example.com', password: PASSWORD, name: 'Ada Lovelace', phone: '1' };
    const user = await client.register(account);
    expect(user).to.include({ email: account.email, name: account.name, phone: '1', initials: 'AL' });
    expect(client.state).to.equal('signed-out');
    expect(await failure(() => client.register(account))).to.include({ status: 400, code: 'email_taken' });
    const error = await failure(() => client.register({ email: 'ada', password: 'short' }));
    expect(error).to.be.an.instanceOf(AuthClientError);
    expect(error).to.include({ status: 422, code: 'validation_failed' });
    const pointers = error.errors.map(({ pointer, code }) => [pointer, code]);
    expect(pointers).to.deep.equal([
      ['#/email', 'invalid_email'],
      ['#/password', 'too_short'],
    ]);
  });

  it('logs in, and tells a wrong password', async () => {
    const client = world.open();
    const { email: username } = await world.register();
    const wrong = { username, password: 'wrong' };
    const refusal = { status: 401, code: 'invalid_credentials', detail: 'Incorrect email or password' };
    expect(await failure(() => client.login(wrong))).to.include(refusal);
    expect(client.state).to.equal('signed-out');
    const login = { username, password: PASSWORD, deviceName: "Ada's phone" };
    expect(await client.login(login)).to.deep.equal({ state: 'signed-in' });
    expect((await client.sessions())[0]).to.include({ device: "Ada's phone", current: true });
  });

  it('shows, changes and deletes the user, typed with the fields of the app', async () => {
    const { client, email } = await world.signIn();
    const user = await client.me();
    const times: (string | null)[] = [user.createdAt, user.emailVerifiedAt];
    expect(times).to.deep.equal([new Date(String(user.createdAt)).toISOString(), null]);
    const { phone } = await client.updateMe({ name: 'Ada', phone: '42' });
    expect(phone satisfies string | null).to.equal('42');
    expect(await failure(() => client.deleteMe({ password: 'wrong' }))).to.include({
      code: 'wrong_password',
    });
    expect(client.state).to.equal('signed-in');
    await client.deleteMe({ password: PASSWORD });
    expect(client.state).to.equal('signed-out');
    expect(await world.exists(email)).to.equal(false);
  });

  it('deletes the user without a password after a recent login', async () => {
    const { client } = await world.signIn();
    await world.advance(6 * MINUTE);
    const code = 'insufficient_user_authentication';
    expect(await failure(() => client.deleteMe())).to.include({ status: 401, code });
    expect(client.state).to.equal('signed-in');
    const { confirmed_at } = await client.confirm({ password: PASSWORD });
    const now = await world.now();
    expect(new Date(confirmed_at).getTime()).to.be.within(now - 1000, now);
    await client.deleteMe();
    expect(client.state).to.equal('signed-out');
  });

  it('changes the password and goes on in the new session', async () => {
    const { client, email } = await world.signIn();
    const newPassword = 'another fine day';
    const change = { currentPassword: 'wrong', newPassword };
    expect(await failure(() => client.changePassword(change))).to.include({ code: 'wrong_password' });
    const answer = await client.changePassword({ ...change, currentPassword: PASSWORD });
    expect(answer).to.deep.equal({ message: 'Password changed successfully' });
    expect(await client.me()).to.include({ email });
    expect(await client.sessions()).to.have.length(1);
    await world.advance(16 * MINUTE);
    expect(await client.me()).to.include({ email });
  });

  it('recovers a forgotten password', async () => {
    const { client, email } = await world.signIn();
    expect(await client.forgotPassword(email)).to.deep.equal({ message: 'Password reset email sent' });
    const { token } = await world.lastMail(email);
    expect(await client.validateReset(token)).to.deep.equal({ email, valid: true });
    const reset = { token, password: 'another fine day' };
    expect(await client.resetPassword(reset)).to.deep.equal({ message: 'Password updated' });
    const code = 'invalid_one_time_token';
    expect(await failure(() => client.resetPassword(reset))).to.include({ status: 400, code });
    expect(await failure(() => client.validateReset(token))).to.include({ code });
    // Every session is over, which the next request finds.
    expect(await failure(() => client.me())).to.include({ code: 'invalid_token' });
    expect(client.state).to.equal('signed-out');
  });

  it('verifies an address, and mails the link again', async () => {
    const { client, email } = await world.signIn();
    expect(await client.resendVerification(email)).to.deep.equal({ message: 'Verification email sent' });
    const { token } = await world.lastMail(email);
    expect(await client.verifyEmail(token)).to.deep.equal({ email, verified: true });
    expect((await client.me()).emailVerifiedAt).to.be.a('string');
  });

  it('changes the address, and undoes it', async () => {
    const { client, email } = await world.signIn();
    const wanted = `new-${email}`;
    await client.changeEmail({ email: wanted, password: PASSWORD });
    const confirm = await world.lastMail(wanted);
    const undo = await world.lastMail(email);
    expect(await client.confirmEmailChange(confirm.token)).to.deep.equal({ email: wanted });
    expect(await client.me()).to.include({ email: wanted });
    expect(await client.undoEmailChange(undo.token)).to.deep.equal({ email });
    expect(await failure(() => client.me())).to.include({ status: 401 });
  });

  it('lists the sessions, ends one, all others, and all', async () => {
    const { client, email: username } = await world.signIn();
    const others = [world.open(), world.open(), world.open()];
    for (const other of others) await other.login({ username, password: PASSWORD });
    const listed = await client.sessions();
    expect(listed.map(({ current }) => current)).to.have.members([true, false, false, false]);
    const [latest] = listed;
    expect(latest).to.have.all.keys(
      ...['id', 'current', 'device', 'ip', 'user_agent', 'created_at', 'last_used_at', 'expires_at'],
    );
    await client.endSession(String(latest?.id));
    expect(await client.sessions()).to.have.length(3);
    expect(await failure(() => client.endSession('../me'))).to.include({ status: 404, code: 'not_found' });
    await client.endOtherSessions();
    expect(await client.sessions()).to.have.length(1);
    for (const other of others) expect(await failure(() => other.me())).to.include({ status: 401 });
    await client.logoutAll();
    expect(client.state).to.equal('signed-out');
  });

  it('stays signed in where a logout everywhere was not carried out', async () => {
    const { client, email } = await world.signIn();
    await world.insteadOf('/auth/logout-all', 'lost');
    expect(await failure(() => client.logoutAll())).to.include({ code: 'network_error' });
    expect(client.state).to.equal('signed-in');
    expect(await client.me()).to.include({ email });
  });

  it('tells how long to wait', async () => {
    const body = '{"code":"too_many_requests","detail":"Too many attempts, try again later"}';
    await world.insteadOf('/auth/token', { status: 429, headers: { 'retry-after': '60' }, body });
    const error = await failure(() => world.open().login({ username: 'a@example.com', password: 'x' }));
    expect(error).to.include({ status: 429, code: 'too_many_requests', retryAfter: 60 });
  });

  describe('where registering does not tell who has an account', () => {
    let quiet: ClientApp;
    before(async () => {
      quiet = await createClientApp('quiet');
    });
    after(() => quiet.close());

    it('answers a message, and no login until the address is verified', async () => {
      const client = quiet.open();
      const account = { email: 'quiet@example.com', password: PASSWORD };
      expect(await client.register(account)).to.have.all.keys('message');
      const login = { username: account.email, password: PASSWORD };
      expect(await failure(() => client.login(login))).to.include({
        status: 403,
        code: 'email_not_verified',
      });
    });
  });

  describe('where there is a second step', () => {
    let guarded: ClientApp;
    before(async () => {
      guarded = await createClientApp('second step');
    });
    after(() => guarded.close());

    async function begin(): Promise<{ client: AuthClient; challenge: string }> {
      const { email, password } = await guarded.register();
      await guarded.askSecondStep(email);
      const client = guarded.open();
      const result = await client.login({ username: email, password });
      if (result.state !== 'challenge') throw new Error('no second step was asked for');
      expect(result.methods).to.deep.equal(['totp']);
      expect(result.expires_in).to.equal(600);
      return { client, challenge: result.challenge };
    }

    it('signs nobody in before it is done', async () => {
      const { client, challenge } = await begin();
      expect(client.state).to.equal('signed-out');
      const wrong = { challenge, method: 'totp', code: 'wrong' };
      expect(await failure(() => client.challenge(wrong))).to.include({ status: 401, code: 'invalid_code' });
      expect(client.state).to.equal('signed-out');
      expect(await client.challenge({ ...wrong, code: 'right' })).to.deep.equal({ state: 'signed-in' });
      expect(client.state).to.equal('signed-in');
      await client.me();
    });

    it('shows a wrong code once: it is no reason for a refresh and another try', async () => {
      const { client, challenge } = await begin();
      await client.challenge({ challenge, method: 'totp', code: 'right' });
      const tries = (await guarded.given()).length;
      const before = await guarded.count('/auth/refresh');
      const wrong = { password: PASSWORD, method: 'totp', code: 'wrong' };
      expect(await failure(() => client.confirm(wrong))).to.include({ status: 401, code: 'invalid_code' });
      expect(await guarded.given()).to.have.length(tries + 1);
      expect(await guarded.count('/auth/refresh')).to.equal(before);
    });
  });
});
