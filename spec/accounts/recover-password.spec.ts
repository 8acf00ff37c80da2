import { expect } from 'chai';
import { recordEvents } from '../conformance/record-events.js';
import { recordCommands } from '../support/commands.js';
import { failureOf } from '../support/failure.js';
import { createTestApp, PASSWORD, type TestApp } from '../support/test-app.js';

const NEW = 'another good one';

/** `spec/features/password-recovery.spec.ts` says the rest, over HTTP. */
describe('recovery without HTTP', () => {
  let app: TestApp;
  before(async () => {
    app = await createTestApp();
  });
  after(() => app.close());

  const origin = { ip: '203.0.113.7', userAgent: 'UA' };
  const tokenFor = async (email: string) => {
    app.mailbox.clear();
    await app.auth.service.forgotPassword(email);
    await app.auth.service.settled();
    return /token=([\w-]+)/.exec(app.mailbox.messages[0]?.text ?? '')?.[1] as string;
  };

  it('mails a link that names its owner and sets a password, once', async () => {
    const user = await app.signUp();
    const token = await tokenFor(user.email);
    expect(await app.auth.service.validatePasswordReset(token)).to.deep.equal({ email: user.email });
    await app.auth.service.resetPassword({ token, password: NEW });
    for (const run of [
      () => app.auth.service.validatePasswordReset(token),
      () => app.auth.service.resetPassword({ token, password: PASSWORD }),
    ]) {
      expect(await failureOf(run)).to.include({ code: 'invalid_one_time_token', status: 400 });
    }
    await app.login({ ...user, password: NEW });
    await app.http.post('/auth/refresh').send({ refresh_token: user.refresh_token }).expect(401);
  });

  it('says who asked for a link, known or not', async () => {
    const { id, email } = await app.register();
    const events = recordEvents(app.auth);
    await app.http.post('/auth/forgot-password').send({ email: email.toUpperCase() }).expect(202);
    await app.auth.service.forgotPassword(' Nobody@example.com', origin);
    await app.auth.service.settled();
    expect(events).to.deep.equal([
      ['password.resetRequested', { userId: id, email, ip: '127.0.0.1', userAgent: null }],
      ['password.resetRequested', { userId: null, email: 'nobody@example.com', ...origin }],
    ]);
  });

  it('does the same for every address before the answer: a look-up and a row (holds 53, 84)', async () => {
    const [known, disabled] = [await app.register(), await app.register()];
    await app.auth.service.disableUser(disabled.id);
    for (const email of ['nobody@example.com', known.email, disabled.email]) {
      const commands = await recordCommands(app.connection, () => app.auth.service.forgotPassword(email));
      expect(commands.map(({ name, collection }) => [name, collection])).to.deep.equal([
        ['find', 'users'],
        ['findAndModify', 'auth_outbox'],
      ]);
    }
    await app.auth.service.settled();
  });

  it('says where a reset came from', async () => {
    const { id, email } = await app.register();
    const token = await tokenFor(email);
    const events = recordEvents(app.auth, ['password.changed']);
    await app.auth.service.resetPassword({ token, password: NEW }, origin);
    expect(events).to.deep.equal([['password.changed', { userId: id, reason: 'reset', ...origin }]]);
  });

  it('gives the template the user’s document and the languages that the request asks for', async () => {
    const own = await createTestApp({
      fields: { locale: String },
      registerFields: ['locale'],
      templates: {
        async passwordReset({ user, url, acceptLanguage }) {
          await Promise.resolve();
          return { subject: `${user.get('locale')} ${acceptLanguage}`, text: url, html: '' };
        },
      },
    });
    try {
      const { email } = await own.register({ locale: 'fr-CA' });
      const asked = own.http.post('/auth/forgot-password').set('accept-language', 'de, en;q=0.5');
      await asked.send({ email }).expect(202);
      await own.auth.service.settled();
      await own.auth.service.forgotPassword(email);
      await own.auth.service.settled();
      const subjects = own.mailbox.messages.map(({ subject }) => subject);
      expect(subjects).to.deep.equal(['fr-CA de, en;q=0.5', 'fr-CA null']);
    } finally {
      await own.close();
    }
  });
});
