import { expect } from 'chai';
import { isWrite } from '../support/commands.js';
import { failCommands, interceptCommands } from '../support/intercept-commands.js';
import { createTestApp, PASSWORD, type TestApp } from '../support/test-app.js';

const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0';
const LATER_FIREFOX = FIREFOX.replaceAll('127.0', '128.0');
const SAFARI =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1';
const SUBJECT = 'New sign-in to your account';

describe('a sign-in from a new device', () => {
  let app: TestApp;

  before(async () => {
    app = await createTestApp({
      newSignInMail: 'on',
      fields: { locale: String },
      registerFields: ['locale'],
      prepare: (each) => each.set('env', 'test'),
    });
  });
  after(() => app.close());

  type User = Awaited<ReturnType<TestApp['register']>>;
  const login = ({ email }: User, userAgent: string, more: object = {}) =>
    app.http
      .post('/auth/token')
      .set('user-agent', userAgent)
      .send({ username: email, password: PASSWORD, ...more });
  /** What a user was mailed since the last time. */
  async function mailsTo({ email }: User, each = app) {
    await each.auth.service.settled();
    const mails = each.mailbox.messages.filter(({ to }) => to === email);
    each.mailbox.clear();
    return mails;
  }
  const devicesOf = async ({ id }: User) =>
    (await app.connection.collection('auth_known_devices').find().toArray()).filter(
      ({ user }) => String(user) === id,
    );

  it('is mailed, with when and from where; the first one of an account is not, nor what is known', async () => {
    const user = await app.register({ name: 'Call +33' });
    await login(user, FIREFOX).expect(200);
    await login(user, LATER_FIREFOX).expect(200);
    expect(await mailsTo(user)).to.deep.equal([]);
    await login(user, SAFARI).expect(200);
    const [mail, ...others] = await mailsTo(user);
    expect(others).to.deep.equal([]);
    expect(mail?.subject).to.equal(SUBJECT);
    expect(mail?.text).to.include(user.email).and.include('Device: Safari on iOS').and.include('UTC');
    expect(mail?.text)
      .to.include('IP address: 127.0.0.1')
      .and.not.match(/https?:|\+33/);
    await login(user, SAFARI).expect(200);
    await login(user, FIREFOX).expect(200);
    expect(await mailsTo(user)).to.deep.equal([]);
  });

  it('is no failed login', async () => {
    const user = await app.register();
    await login(user, FIREFOX).expect(200);
    await login(user, SAFARI, { password: 'wrong' }).expect(401);
    expect(await mailsTo(user)).to.deep.equal([]);
    expect((await devicesOf(user)).map(({ device }) => device)).to.deep.equal(['Firefox on Linux']);
  });

  it('is one by another name of the device, which the mail does not repeat', async () => {
    const user = await app.register();
    await login(user, 'okhttp/4', { device_name: 'Pixel' }).expect(200);
    await login(user, 'okhttp/5', { device_name: 'Pixel' }).expect(200);
    expect(await mailsTo(user)).to.deep.equal([]);
    await login(user, 'evil.example/1', { device_name: 'Blocked, call 33' }).expect(200);
    const [mail] = await mailsTo(user);
    expect(mail?.subject).to.equal(SUBJECT);
    expect(`${mail?.text}${mail?.html}`).to.not.match(/call 33|evil\.example|Device:/);
    // Who says nothing is a device too.
    await login(user, '').expect(200);
    await login(user, '').expect(200);
    expect(await mailsTo(user)).to.have.length(1);
  });

  it('is mailed once, however many there are at once', async () => {
    const user = await app.register();
    await login(user, FIREFOX).expect(200);
    await Promise.all(Array.from({ length: 10 }, () => login(user, SAFARI).expect(200)));
    expect(await mailsTo(user)).to.have.length(1);
  });

  it('is mailed in the language of the user', async () => {
    const texts = { fr: { newSignIn: { subject: 'Nouvelle connexion', notes: ['Appareil : {device}'] } } };
    const { transport } = app.mailbox;
    const french = await createTestApp({
      newSignInMail: 'on',
      fields: { locale: String },
      registerFields: ['locale'],
      mail: { transport, from: 'App <app@example.com>', texts },
    });
    try {
      const user = await french.register({ locale: 'fr-FR' });
      for (const userAgent of [FIREFOX, SAFARI]) {
        const body = { username: user.email, password: PASSWORD };
        await french.http.post('/auth/token').set('user-agent', userAgent).send(body).expect(200);
      }
      await french.auth.service.settled();
      const [mail] = await mailsTo(user);
      expect(mail?.subject).to.equal('Nouvelle connexion');
      expect(mail?.text).to.include('Appareil : Safari on iOS');
    } finally {
      await french.close();
    }
  });

  it('is new again a year after the last one', async () => {
    const user = await app.register();
    await login(user, FIREFOX).expect(200);
    app.clock.advance(200 * 86_400_000);
    await login(user, SAFARI).expect(200);
    expect(await mailsTo(user)).to.have.length(1);
    app.clock.advance(200 * 86_400_000);
    await login(user, SAFARI).expect(200);
    await login(user, FIREFOX).expect(200);
    expect((await mailsTo(user)).map(({ subject }) => subject)).to.deep.equal([SUBJECT]);
  });

  it('is told with the next login where it could not be written', async () => {
    const user = await app.register();
    await login(user, FIREFOX).expect(200);
    const outage = failCommands((command) => command.collection === 'auth_outbox' && isWrite(command));
    try {
      await login(user, SAFARI).expect(500);
    } finally {
      outage.heal();
    }
    await login(user, SAFARI).expect(200);
    expect(await mailsTo(user)).to.have.length(1);
  });

  it('is forgotten with the user (hold 99)', async () => {
    const user = await app.register();
    await login(user, FIREFOX).expect(200);
    expect(await devicesOf(user)).to.have.length(1);
    await app.auth.service.deleteUser(user.id);
    expect(await devicesOf(user)).to.deep.equal([]);
  });

  it('leaves no device of a user who is deleted while signing in (hold 99)', async () => {
    const user = await app.register();
    const stop = interceptCommands(async ({ name, collection }, send) => {
      if (collection === 'auth_known_devices' && name === 'insert')
        await app.auth.service.deleteUser(user.id);
      return send();
    });
    try {
      await login(user, FIREFOX);
    } finally {
      stop();
    }
    expect(await devicesOf(user)).to.deep.equal([]);
  });

  it('is nothing where the option is off: no mail, no collection', async () => {
    const plain = await createTestApp({
      templates: { newSignIn: () => ({ subject: '', text: '', html: '' }) },
    });
    try {
      const user = await plain.register();
      for (const userAgent of [FIREFOX, SAFARI]) {
        const body = { username: user.email, password: PASSWORD };
        await plain.http.post('/auth/token').set('user-agent', userAgent).send(body).expect(200);
      }
      expect(await mailsTo(user, plain)).to.deep.equal([]);
      const found = await plain.connection.db?.listCollections({ name: 'auth_known_devices' }).toArray();
      expect(found).to.deep.equal([]);
    } finally {
      await plain.close();
    }
  });
});
