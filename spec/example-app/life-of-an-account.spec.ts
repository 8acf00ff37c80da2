import { expect } from 'chai';
import { type CliOptions, runCli } from '../support/cli.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { type AppFolder, type AppProcess, createAppFolder } from './app-process.js';
import { createPerson, type Device, FIREFOX, type Person, SAFARI } from './person.js';

const [FIRST, SECOND] = ['correct horse battery', 'wrong donkey charger'];
const ENVIRONMENT = {
  AUTH_EMAIL_VERIFICATION: 'required',
  AUTH_AUDIT_DAYS: '30',
  AUTH_BCRYPT_COST: '10',
  // A life of wrong passwords within a minute, all from one address.
  AUTH_THROTTLE: 'off',
};

// Each step stands on the one before it.
describe('the life of an account on the example app', function () {
  // A process is started here: on a busy machine that takes its time.
  this.timeout(60_000);

  let database: TestDatabase;
  let folder: AppFolder;
  let app: AppProcess;
  let person: Person;

  before(async () => {
    database = await createTestDatabase();
    folder = await createAppFolder();
    app = await folder.start({ MONGODB_URI: database.uri, ...ENVIRONMENT });
    person = createPerson(app);
  });
  after(async () => {
    await folder?.remove();
    await database?.drop();
  });

  const users = () => database.connection.collection('users');
  const cli = async (args: string[], options: CliOptions = {}) => {
    const env = { AUTH_AUDIT_DAYS: '30', ...options.env };
    const result = await runCli(['user', ...args], { uri: database.uri, ...options, env });
    expect(result.code, result.stderr).to.equal(0);
    return result;
  };
  const refusal = async (username: string, password: string) => {
    const { status, body } = await person.post('/auth/token', { username, password });
    return `${status} ${body.code}`;
  };

  /** Every document of every collection in which one of the texts is found, be it an id of the driver's. */
  async function findAnywhere(texts: readonly string[]): Promise<string[]> {
    const found: string[] = [];
    for (const { name } of await database.connection.listCollections()) {
      for (const document of await database.connection.collection(name).find().toArray()) {
        const text = JSON.stringify(document);
        if (texts.some((each) => text.includes(each))) found.push(name);
      }
    }
    return found;
  }

  async function trailOf(id: string) {
    const entries = await database.connection
      .collection('auth_audit')
      .find({ subject: id })
      .sort({ at: 1, _id: 1 })
      .toArray();
    const steps = entries.map(({ event, details }) =>
      [event, details.reason ?? details.by].filter(Boolean).join(' '),
    );
    return { entries, steps };
  }

  /** What is left of an account that has gone: what happened, by ids alone. */
  async function expectGone(id: string, addresses: readonly string[]) {
    expect(await findAnywhere(addresses)).to.deep.equal([]);
    expect(new Set(await findAnywhere([id]))).to.deep.equal(new Set(['auth_audit']));
    const { entries } = await trailOf(id);
    for (const entry of entries) expect(entry).to.include({ ip: null, userAgent: null });
    for (const kept of ['127.0.0.1', '::1', 'Mozilla', 'Lovelace']) {
      expect(JSON.stringify(entries)).to.not.include(kept);
    }
  }

  describe('over HTTP', () => {
    const [email, wanted] = ['ada@example.com', 'lovelace@example.com'];
    const adminEmail = 'admin@example.com';
    let id: string;
    let firefox: Device;
    let safari: Device;
    let admin: Device;
    let undo: string;

    before(async () => {
      await cli(
        [
          'create',
          adminEmail,
          '--role',
          'admin',
          '--verified',
          '--password-stdin',
          '--discriminator',
          'User',
        ],
        {
          input: FIRST,
        },
      );
      admin = await person.logIn(adminEmail, FIRST, SAFARI);
    });
    after(() => cli(['delete', adminEmail, '--yes']));

    it('begins with a registration, which lets nobody in', async () => {
      const account = { email, password: FIRST, name: 'Ada', company: 'Analytical Engines' };
      const { body } = await person.post('/auth/register', account).expect(202);
      expect(Object.keys(body)).to.deep.equal(['message']);
      expect(await refusal(email, FIRST)).to.equal('403 email_not_verified');
      expect(await refusal(email, SECOND)).to.equal('401 invalid_credentials');
      id = String((await users().findOne({ email }))?._id);
    });

    it('goes on with the link of the mail, which works once', async () => {
      const token = await person.tokenFrom(email, '/verify-email');
      const { body } = await person.post('/auth/verify-email', { token }).expect(200);
      expect(body).to.deep.equal({ email, verified: true });
      await person.post('/auth/verify-email', { token }).expect(400);
    });

    it('is in use on two devices, of which one ends the other', async () => {
      firefox = await person.logIn(email, FIRST, FIREFOX);
      safari = await person.logIn(email, FIRST, SAFARI);
      const { body } = await firefox.get('/auth/sessions').expect(200);
      const shown = body.map(({ device, current }: { device: string; current: boolean }) => [
        device,
        current,
      ]);
      expect(shown).to.deep.equal([
        ['Safari on iOS', false],
        ['Firefox on Linux', true],
      ]);
      await firefox.send('delete', `/auth/sessions/${body[0].id}`).expect(204);
      expect([await firefox.isIn(), await safari.isIn()]).to.deep.equal([true, false]);
      await firefox.send('delete', `/auth/sessions/${body[0].id}`).expect(404);
    });

    it('changes its name', async () => {
      const { body } = await firefox.send('patch', '/me', { name: 'Ada Lovelace' }).expect(200);
      expect(body).to.include({
        id,
        email,
        name: 'Ada Lovelace',
        initials: 'AL',
        company: 'Analytical Engines',
      });
    });

    it('changes its address, with a link to the new one and a link back to the old one', async () => {
      await firefox.send('post', '/auth/change-email', { email: wanted, password: SECOND }).expect(400);
      await firefox.send('post', '/auth/change-email', { email: wanted, password: FIRST }).expect(202);
      expect((await firefox.get('/me')).body).to.include({ email });
      const token = await person.tokenFrom(wanted, '/change-email/confirm');
      undo = await person.tokenFrom(email, '/change-email/undo');
      const { body } = await person.post('/auth/change-email/confirm', { token }).expect(200);
      expect(body).to.deep.equal({ email: wanted });
      expect((await firefox.get('/me')).body).to.include({ id, email: wanted });
      expect(await refusal(email, FIRST)).to.equal('401 invalid_credentials');
      await person.logIn(wanted, FIRST);
    });

    it('takes that back: nobody is in any more, and the restored address chooses a new password', async () => {
      const { body } = await person.post('/auth/change-email/undo', { token: undo }).expect(200);
      expect(body).to.deep.equal({ email });
      expect(await firefox.isIn()).to.equal(false);
      for (const address of [email, wanted]) {
        expect(await refusal(address, FIRST)).to.equal('401 invalid_credentials');
      }
      await person.post('/auth/change-email/undo', { token: undo }).expect(400);
      const token = await person.tokenFrom(email, '/password/reset');
      await person.post('/auth/reset-password', { token, password: SECOND }).expect(200);
      firefox = await person.logIn(email, SECOND, FIREFOX);
      expect((await firefox.get('/me')).body).to.include({ id, email, name: 'Ada Lovelace' });
    });

    it('is given a role by an admin, felt at the next request', async () => {
      await firefox.get('/admin/users').expect(403);
      await admin.send('put', `/admin/users/${id}/roles`, { roles: ['editor', 'admin'] }).expect(200);
      const { body } = await firefox.get('/admin/users').expect(200);
      expect(body.users.map((user: { email: string }) => user.email)).to.have.members([adminEmail, email]);
      await admin.send('put', `/admin/users/${id}/roles`, { roles: ['editor'] }).expect(200);
      await firefox.get('/admin/users').expect(403);
      expect((await firefox.get('/me')).body.roles).to.deep.equal(['editor']);
    });

    it('is disabled and enabled by an admin', async () => {
      await admin.send('post', `/admin/users/${id}/disable`).expect(200);
      await firefox.get('/me').expect(401);
      expect(await refusal(email, SECOND)).to.equal('401 invalid_credentials');
      await admin.send('post', `/admin/users/${id}/enable`).expect(200);
      await firefox.get('/me').expect(401);
      firefox = await person.logIn(email, SECOND, FIREFOX);
      await firefox.get('/me').expect(200);
    });

    it('ends, and nothing is left of it but what happened, by ids alone', async () => {
      // Links that nobody has used.
      await person.post('/auth/forgot-password', { email }).expect(202);
      await firefox.send('post', '/auth/change-email', { email: wanted, password: SECOND }).expect(202);
      await person.tokenFrom(wanted, '/change-email/confirm');
      const reset = await person.tokenFrom(email, '/password/reset');
      expect(await findAnywhere([id])).to.include.members(['users', 'auth_sessions', 'auth_one_time_tokens']);

      await firefox.send('delete', '/me', { password: FIRST }).expect(400);
      await firefox.send('delete', '/me', { password: SECOND }).expect(204);
      await firefox.get('/me').expect(401);
      expect(await refusal(email, SECOND)).to.equal('401 invalid_credentials');
      await person.post('/auth/reset-password', { token: reset, password: FIRST }).expect(400);
      await admin.send('post', `/admin/users/${id}/enable`).expect(404);
      await expectGone(id, [email, wanted]);
    });

    it('has told the audit trail every step', async () => {
      expect((await trailOf(id)).steps).to.deep.equal([
        'user.registered',
        'login.failed not_verified',
        'login.failed wrong_password',
        'email.verified',
        'login.succeeded',
        'login.succeeded',
        'session.ended revoked',
        'user.updated',
        'email.changeRequested',
        'email.changed change',
        'login.succeeded',
        'session.ended email_restored',
        'email.changed undo',
        'login.failed wrong_password',
        'session.ended password_reset',
        'password.changed reset',
        'login.succeeded',
        'user.rolesChanged',
        'user.rolesChanged',
        'session.ended disabled',
        'user.disabled',
        'login.failed disabled',
        'user.enabled',
        'login.succeeded',
        'password.resetRequested',
        'email.changeRequested',
        'session.ended deleted',
        'user.deleted',
      ]);
    });
  });

  describe('from a shell, felt over HTTP', () => {
    const email = 'grace@example.com';
    let id: string;
    let device: Device;

    it('begins with a user who can log in at once', async () => {
      const args = [
        'create',
        email,
        '--name',
        'Grace',
        '--verified',
        '--password-stdin',
        '--discriminator',
        'User',
      ];
      const { json } = await cli([...args, '--json'], { input: `${FIRST}\n` });
      id = json().id;
      device = await person.logIn(email, FIRST, FIREFOX);
      const { body } = await device.get('/me').expect(200);
      expect(body).to.include({ id, email, name: 'Grace' });
      expect((await cli(['show', email, '--json'])).json()).to.include({ id, email, name: 'Grace' });
    });

    it('shows where it is in use, and ends it there', async () => {
      const other = await person.logIn(email, FIRST, SAFARI);
      const listed = (await cli(['sessions', email, '--json'])).json();
      const { body } = await device.get('/auth/sessions').expect(200);
      expect(listed).to.deep.equal(body.map(({ current, ...session }: { current: boolean }) => session));
      await cli(['revoke', email, '--session', listed[0].id]);
      expect([await device.isIn(), await other.isIn()]).to.deep.equal([true, false]);
    });

    it('has another password', async () => {
      await cli(['set-password', email, '--password-stdin'], { input: SECOND });
      expect(await device.isIn()).to.equal(false);
      expect(await refusal(email, FIRST)).to.equal('401 invalid_credentials');
      device = await person.logIn(email, SECOND);
    });

    it('has roles, felt at the next request', async () => {
      await device.get('/admin/users').expect(403);
      await cli(['set-roles', email, 'admin', 'editor']);
      await device.get('/admin/users').expect(200);
      await cli(['set-roles', email]);
      await device.get('/admin/users').expect(403);
    });

    it('is disabled, enabled, and signed out everywhere', async () => {
      await cli(['disable', email]);
      expect(await device.isIn()).to.equal(false);
      expect(await refusal(email, SECOND)).to.equal('401 invalid_credentials');
      await cli(['enable', email]);
      device = await person.logIn(email, SECOND);
      await cli(['revoke', email]);
      expect(await device.isIn()).to.equal(false);
      expect((await cli(['sessions', email, '--json'])).json()).to.deep.equal([]);
      device = await person.logIn(email, SECOND);
    });

    it('ends, and nothing is left of it but what happened, by ids alone', async () => {
      await person.post('/auth/forgot-password', { email }).expect(202);
      const token = await person.tokenFrom(email, '/password/reset');
      await cli(['delete', email, '--yes']);
      expect(await device.isIn()).to.equal(false);
      expect(await refusal(email, SECOND)).to.equal('401 invalid_credentials');
      await person.post('/auth/reset-password', { token, password: FIRST }).expect(400);
      await expectGone(id, [email]);
      // Notices: no mail is configured here.
      const steps = (await trailOf(id)).steps.filter((step) => step !== 'mail.failed');
      expect(steps).to.deep.equal([
        'user.registered',
        'login.succeeded',
        'login.succeeded',
        'session.ended revoked',
        'session.ended password_set',
        'password.changed service',
        'login.failed wrong_password',
        'login.succeeded',
        'user.rolesChanged',
        'user.rolesChanged',
        'session.ended disabled',
        'user.disabled',
        'login.failed disabled',
        'user.enabled',
        'login.succeeded',
        'session.ended revoked',
        'login.succeeded',
        'password.resetRequested',
        'session.ended deleted',
        'user.deleted',
      ]);
    });
  });
});
