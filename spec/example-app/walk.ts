import { expect } from 'chai';
import request from 'supertest';
import type { TestDatabase } from '../support/database.js';
import { bearer } from '../support/test-app.js';
import type { AppProcess } from './app-process.js';

/**
 * The whole walk of a user, as specs on an app that is running.
 *
 * @param running called when the specs run
 */
export function describeWalk(running: () => { app: AppProcess; database: TestDatabase }): void {
  const email = 'walker@example.com';
  const [first, second, third] = ['correct horse battery', 'wrong donkey charger', 'a third one, better'];

  const post = (path: string, body: object, token?: string) =>
    request(running().app.url)
      .post(path)
      .set(token ? bearer(token) : {})
      .send(body);
  const logIn = async (password: string) => {
    const { body } = await post('/auth/token', { username: email, password }).expect(200);
    return body as { access_token: string; refresh_token: string };
  };
  const isRefused = async (token: string) => {
    const { body } = await request(running().app.url).get('/protected').set(bearer(token)).expect(401);
    expect(body).to.include({ code: 'invalid_token', detail: 'Could not validate credentials' });
  };
  const isSignedIn = async (token: string) => {
    const { body } = await request(running().app.url).get('/protected').set(bearer(token)).expect(200);
    expect(body).to.deep.equal({ user: email });
  };

  let before: string;
  beforeEach(() => {
    before ??= running().app.output();
  });

  it('goes from the registration to the logout, with a forgotten password on the way', async () => {
    await post('/auth/register', {
      email: 'Walker@Example.com ',
      password: first,
      name: 'Ada Lovelace',
    }).expect(201);
    const { body: taken } = await post('/auth/register', { email, password: first }).expect(400);
    expect(taken).to.include({ code: 'email_taken', detail: 'Email already registered' });

    const login = await logIn(first);
    expect(login).to.include({ token_type: 'bearer', expires_in: 900 });
    await isSignedIn(login.access_token);

    const { body: refreshed } = await post('/auth/refresh', { refresh_token: login.refresh_token }).expect(
      200,
    );
    await isSignedIn(refreshed.access_token);
    // The old one again, as a second tab would: the same generation, not a third.
    const { body: again } = await post('/auth/refresh', { refresh_token: login.refresh_token }).expect(200);
    expect(again.refresh_token).to.equal(refreshed.refresh_token);

    const { body: asked } = await post('/auth/forgot-password', { email }).expect(202);
    const { body: unknown } = await post('/auth/forgot-password', { email: 'nobody@example.com' }).expect(
      202,
    );
    expect(asked).to.deep.equal({ message: 'Password reset email sent' }).and.deep.equal(unknown);
    const { body: mails } = await request(running().app.url).get('/dev/mailbox.json').expect(200);
    // The one that was asked for last comes last.
    expect(mails[0]).to.include({ to: email, subject: 'Reset your password' });
    const link = /http\S+/.exec(mails[0].text)?.[0] ?? '';
    expect(link.startsWith(`${running().app.url}/password/reset?token=`)).to.equal(true);
    const token = new URL(link).searchParams.get('token') ?? '';

    const { body: valid } = await post('/auth/forgot-password/validate', { token }).expect(200);
    expect(valid).to.deep.equal({ email, valid: true });
    const { body: refused } = await post('/auth/reset-password', { token, password: 'short' }).expect(422);
    expect(refused).to.include({ code: 'validation_failed' });
    const { body: reset } = await post('/auth/reset-password', { token, password: second }).expect(200);
    expect(reset).to.deep.equal({ message: 'Password updated' });
    const { body: used } = await post('/auth/reset-password', { token, password: second }).expect(400);
    expect(used).to.include({ code: 'invalid_one_time_token', detail: 'Token invalid or expired' });

    await isRefused(refreshed.access_token);
    const { body: dead } = await post('/auth/refresh', { refresh_token: refreshed.refresh_token }).expect(
      401,
    );
    expect(dead).to.include({ code: 'invalid_refresh_token', detail: 'Could not validate refresh token' });
    const { body: old } = await post('/auth/token', { username: email, password: first }).expect(401);
    expect(old).to.include({ code: 'invalid_credentials', detail: 'Incorrect email or password' });

    const here = await logIn(second);
    const elsewhere = await logIn(second);
    const change = { current_password: first, new_password: third };
    const { body: wrong } = await post('/auth/change-password', change, here.access_token).expect(400);
    expect(wrong).to.include({ code: 'wrong_password', detail: 'Current password is incorrect' });
    change.current_password = second;
    const { body: changed } = await post('/auth/change-password', change, here.access_token).expect(200);
    expect(changed).to.include({ message: 'Password changed successfully', token_type: 'bearer' });
    await isSignedIn(changed.access_token);
    await isRefused(here.access_token);
    await isRefused(elsewhere.access_token);

    await post('/auth/logout', {}, changed.access_token).expect(204);
    await isRefused(changed.access_token);
  });

  it('leaves a user with a hash, and no session, no token', async () => {
    const { connection } = running().database;
    const users = await connection.collection('users').find({ email }).toArray();
    expect(users).to.have.length(1);
    expect(users[0]?.password).to.match(/^\$2b\$10\$/);
    expect(users[0]?.emailVerifiedAt).to.be.an.instanceOf(Date);
    for (const name of ['auth_sessions', 'auth_one_time_tokens']) {
      expect(await connection.collection(name).findOne({ user: users[0]?._id }), name).to.equal(null);
    }
  });

  it('tells the console nothing of it', () => {
    expect(running().app.output()).to.equal(before);
  });
}
