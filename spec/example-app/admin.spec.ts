import { expect } from 'chai';
import request from 'supertest';
import { runCli } from '../support/cli.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { bearer } from '../support/test-app.js';
import { type AppFolder, type AppProcess, createAppFolder } from './app-process.js';

const PASSWORD = 'correct horse battery';
const PAGE_SIZE = 50;
const ROUNDS = 20;

interface Account {
  id: string;
  email: string;
  access_token: string;
  refresh_token: string;
}

describe('/admin/users of the example app', function () {
  // A process is started here: on a busy machine that takes its time.
  this.timeout(60_000);

  let database: TestDatabase;
  let folder: AppFolder;
  let app: AppProcess;
  let admin: Account;
  let accounts = 0;

  before(async () => {
    database = await createTestDatabase();
    folder = await createAppFolder();
    app = await folder.start({ MONGODB_URI: database.uri, AUTH_BCRYPT_COST: '10' });
    admin = await signUp({ name: 'Ada Admin' });
    await runCli(['user', 'set-roles', admin.email, 'admin'], { uri: database.uri });
  });
  after(async () => {
    await folder?.remove();
    await database?.drop();
  });

  const logIn = async (username: string) => {
    const { body } = await request(app.url).post('/auth/token').send({ username, password: PASSWORD });
    return body as Pick<Account, 'access_token' | 'refresh_token'>;
  };
  const signUp = async (fields = {}): Promise<Account> => {
    accounts += 1;
    const account = { email: `user-${accounts}@example.com`, password: PASSWORD, ...fields };
    const { body } = await request(app.url).post('/auth/register').send(account).expect(201);
    return { ...body, ...(await logIn(account.email)) };
  };
  const users = () => database.connection.collection('users');
  /** More admins, without a login by a password each. */
  const promote = (account: Account) =>
    users().updateOne({ email: account.email }, { $set: { roles: ['admin'] } });
  const countAdmins = () => users().countDocuments({ roles: 'admin', disabledAt: null });
  type Method = 'get' | 'post' | 'put' | 'delete';
  const ask = (method: Method, path: string, { access_token } = admin) =>
    request(app.url)[method](`/admin/users${path}`).set(bearer(access_token));
  const setRoles = (account: Pick<Account, 'id'>, roles: unknown, by = admin) =>
    ask('put', `/${account.id}/roles`, by).send({ roles });
  const isSignedIn = async ({ access_token }: Account) =>
    (await request(app.url).get('/protected').set(bearer(access_token))).status === 200;

  it('is for admins alone', async () => {
    const user = await signUp();
    const { id } = await signUp();
    for (const [method, path] of [
      ['get', ''],
      ['post', `/${id}/disable`],
      ['post', `/${id}/enable`],
      ['put', `/${id}/roles`],
      ['delete', `/${id}/sessions`],
      ['get', '/nothing'],
    ] as const) {
      const refused = await ask(method, path, user).expect(403);
      expect(refused.body).to.include({ code: 'insufficient_role' });
      const { body } = await request(app.url)[method](`/admin/users${path}`).expect(401);
      expect(body).to.include({ code: 'missing_token' });
    }
    await setRoles(user, ['admin'], user).expect(403);
    expect(await users().findOne({ email: user.email })).to.deep.include({ roles: [], disabledAt: null });
  });

  it('is felt at the next request, whatever the access token is', async () => {
    const user = await signUp();
    await ask('get', '', user).expect(403);
    await setRoles(user, ['admin']).expect(200);
    await ask('get', '', user).expect(200);
    await setRoles(user, []).expect(200);
    await ask('get', '', user).expect(403);
  });

  describe('GET /', () => {
    before(async () => {
      const many = Array.from(
        { length: PAGE_SIZE + 5 },
        (_, index) => `many-${String(index).padStart(2, '0')}`,
      );
      // Not in the order of their addresses.
      const documents = many
        .reverse()
        .map((name) => ({ __t: 'User', email: `${name}@example.org`, roles: [] }));
      await users().insertMany([
        ...documents,
        { __t: 'User', email: '.*@example.net', roles: [], disabledAt: new Date(0) },
        { __t: 'User', email: 'élan@example.net', roles: [] },
      ]);
    });

    const emails = ({ body }: request.Response) => body.users.map(({ email }: Account) => email);

    it('shows public users, when they were disabled, and no more', async () => {
      const { body, headers } = await ask('get', `?email=${admin.email}`).expect(200);
      expect(headers['cache-control']).to.equal('no-store');
      const { body: profile } = await request(app.url).get('/me').set(bearer(admin.access_token));
      expect(body).to.deep.equal({ users: [{ ...profile, disabledAt: null }], next: null });
      const { body: disabled } = await ask('get', '?email=.*').expect(200);
      expect(disabled.users[0].disabledAt).to.equal(new Date(0).toISOString());
      await ask('get', '', admin).expect(200);
      await request(app.url).head('/admin/users').set(bearer(admin.access_token)).expect(200);
    });

    it('goes page by page through all, each once, in the order of their ids', async () => {
      const seen: string[] = [];
      let after: string | null = '';
      do {
        const answer: request.Response = await ask('get', `?after=${after}`).expect(200);
        const page = answer.body.users.map(({ id }: Account) => id);
        expect(page.length).to.be.within(1, PAGE_SIZE);
        seen.push(...page);
        after = answer.body.next;
        expect(after).to.be.oneOf([page.at(-1), null]);
        // Who was there is not met twice, nor passed over, when others come and go.
        if (after && seen.length === PAGE_SIZE) await users().deleteOne({ email: '.*@example.net' });
      } while (after);
      const stored = await users()
        .find({ email: { $ne: '.*@example.net' } })
        .sort({ _id: 1 })
        .toArray();
      expect(seen).to.deep.equal(stored.map(({ _id }) => String(_id)));
    });

    it('goes on after a user who has gone', async () => {
      const first = await ask('get', '?email=many-');
      expect(first.body.next).to.equal(first.body.users[PAGE_SIZE - 1].id);
      await users().deleteOne({ email: first.body.users[PAGE_SIZE - 1].email });
      const second = await ask('get', `?email=many-&after=${first.body.next}`);
      expect(emails(second)).to.have.length(5);
      expect(second.body.next).to.equal(null);
      const none = await ask('get', `?after=${'f'.repeat(24)}`).expect(200);
      expect(none.body).to.deep.equal({ users: [], next: null });
    });

    it('finds those whose address begins with a text, which is no pattern', async () => {
      const find = async (email: string) => emails(await ask('get', '').query({ email }).expect(200));
      expect(await find(' MANY-1')).to.have.length(10);
      expect(await find('many-10@example.org')).to.deep.equal(['many-10@example.org']);
      expect(await find('E\u0301LAN')).to.deep.equal(['élan@example.net']);
      for (const none of [
        'any-1',
        'many.1',
        '^many',
        'many-1.*',
        '(a+)+$',
        '\u0000',
        '\u{10ffff}',
        'x'.repeat(4000),
      ]) {
        expect(await find(none), none).to.deep.equal([]);
      }
      const all = await ask('get', '?email=').expect(200);
      expect(all.body.users).to.have.length(PAGE_SIZE);
    });

    for (const [query, pointer] of [
      ['after=abc', '#/after'],
      ['after=507f1f77bcf86cd79943901', '#/after'],
      ['after=a&after=b', '#/after'],
      ['email=a&email=b', '#/email'],
    ] as const) {
      it(`refuses ?${query}`, async () => {
        const { body, headers } = await ask('get', `?${query}`).expect(422);
        expect(headers['content-type']).to.equal('application/problem+json');
        expect(body).to.include({ status: 422, code: 'validation_failed' });
        expect(body.errors.map((fault: { pointer: string }) => fault.pointer)).to.deep.equal([pointer]);
      });
    }

    it('takes an operator for the name of a parameter that it does not have', async () => {
      const { body } = await ask('get', '?email[$ne]=x&after[$gt]=').expect(200);
      expect(body.users).to.have.length(PAGE_SIZE);
    });
  });

  it('disables and enables, and shows the user as it is then', async () => {
    const user = await signUp();
    const { body: disabled } = await ask('post', `/${user.id}/disable`).expect(200);
    expect(disabled).to.include({ id: user.id, email: user.email });
    expect(Date.parse(disabled.disabledAt)).to.be.within(Date.now() - 10_000, Date.now());
    expect(await isSignedIn(user)).to.equal(false);
    expect(await logIn(user.email)).to.include({ code: 'invalid_credentials' });
    const { body: enabled } = await ask('post', `/${user.id}/enable`).expect(200);
    expect(enabled).to.include({ id: user.id, disabledAt: null });
    expect(await isSignedIn(user)).to.equal(false);
    expect(await logIn(user.email)).to.have.property('access_token');
  });

  it('ends the sessions of one user', async () => {
    const [user, other] = [await signUp(), await signUp()];
    await ask('delete', `/${user.id}/sessions`).expect(204, '');
    expect([await isSignedIn(user), await isSignedIn(other)]).to.deep.equal([false, true]);
    expect(await logIn(user.email)).to.have.property('access_token');
  });

  it('replaces roles, each once', async () => {
    const user = await signUp();
    const { body } = await setRoles(user, ['editor', 'author', 'editor']).expect(200);
    expect(body).to.deep.include({ id: user.id, roles: ['editor', 'author'] });
    expect((await setRoles(user, ['author'])).body.roles).to.deep.equal(['author']);
    expect((await setRoles(user, [])).body.roles).to.deep.equal([]);
  });

  it('refuses roles that are none, and changes nothing', async () => {
    const user = await signUp();
    await setRoles(user, ['editor']).expect(200);
    for (const roles of [
      undefined,
      null,
      'admin',
      1,
      {},
      { 0: 'admin' },
      [1],
      [null],
      [['a']],
      [{}],
      [''],
      [' a'],
      ['a '],
      ['a\u0000'],
      ['\u200badmin'],
      ['\ud800'],
    ]) {
      const { body, headers } = await setRoles(user, roles).expect(422);
      expect(headers['content-type']).to.equal('application/problem+json');
      expect(body).to.include({ status: 422, code: 'validation_failed' });
      expect(body.errors[0].pointer).to.equal('#/roles');
    }
    await ask('put', `/${user.id}/roles`).expect(422);
    await ask('put', `/${user.id}/roles`)
      .send([['admin']])
      .expect(422);
    const put = (text: string) =>
      ask('put', `/${user.id}/roles`).set('content-type', 'application/json').send(text);
    expect((await put('{').expect(400)).body).to.include({ code: 'malformed_body' });
    await put('{"__proto__":{"roles":["admin"]}}').expect(422);
    const large = await setRoles(user, ['x'.repeat(20_000)]).expect(413);
    expect(large.body).to.include({ code: 'body_too_large' });
    expect(await users().findOne({ email: user.email })).to.deep.include({ roles: ['editor'] });
  });

  it('finds nobody by an id that is nobody’s or none', async () => {
    for (const id of [
      'f'.repeat(24),
      'abc',
      'a'.repeat(12),
      '1',
      '%00',
      '%E0%A4%A',
      'null',
      '[object Object]',
    ]) {
      for (const answer of [
        await ask('post', `/${id}/disable`),
        await ask('post', `/${id}/enable`),
        await setRoles({ id }, ['admin']),
        await ask('delete', `/${id}/sessions`),
      ]) {
        expect(answer.status, `${id} ${answer.text}`).to.equal(404);
        expect(answer.body).to.include({ code: 'not_found' });
      }
    }
    await ask('get', `/${admin.id}`).expect(404);
  });

  describe('the last admin', () => {
    beforeEach(async () => {
      expect(await countAdmins()).to.equal(1);
    });

    const isRefused = ({ status, body }: request.Response) => {
      expect(status).to.equal(409);
      expect(body).to.include({ code: 'last_admin', detail: 'This is the last admin' });
    };

    it('cannot take the role from himself, nor disable himself', async () => {
      const disabled = await signUp();
      await promote(disabled);
      await ask('post', `/${disabled.id}/disable`).expect(200);
      for (const roles of [[], ['editor'], ['Admin', 'admins']]) isRefused(await setRoles(admin, roles));
      isRefused(await ask('post', `/${admin.id}/disable`));
      expect(await users().findOne({ email: admin.email })).to.deep.include({
        roles: ['admin'],
        disabledAt: null,
      });
      expect((await setRoles(admin, ['editor', 'admin']).expect(200)).body.roles).to.deep.equal([
        'editor',
        'admin',
      ]);
      await setRoles(admin, ['admin']).expect(200);
    });

    it('can when there is another one', async () => {
      const other = await signUp();
      await promote(other);
      await setRoles(admin, []).expect(200);
      await ask('get', '').expect(403);
      isRefused(await setRoles(other, [], other));
      await setRoles(admin, ['admin'], other).expect(200);
      await setRoles(other, [], other).expect(200);
    });

    it('is one of two also when both go at once', async () => {
      const other = await signUp();
      await promote(other);
      const remaining = async (...asked: request.Test[]) => {
        const statuses = (await Promise.all(asked)).map(({ status }) => status);
        // Who is none any more when asking is told so.
        for (const status of statuses) expect(status).to.be.oneOf([200, 403, 409]);
        const count = await countAdmins();
        expect(count, `after ${statuses}`).to.be.greaterThan(0);
        await Promise.all([promote(admin), promote(other)]);
      };
      for (let round = 0; round < ROUNDS; round += 1) {
        await remaining(setRoles(admin, [], admin), setRoles(other, [], other));
        await remaining(setRoles(other, [], admin), setRoles(admin, [], other));
      }
      await setRoles(other, []).expect(200);
    });
  });
});
