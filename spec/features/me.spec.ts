import bcrypt from 'bcrypt';
import { expect } from 'chai';
import { databaseContents } from '../conformance/database-contents.js';
import { createHold } from '../conformance/hold-back.js';
import { expectFaults, expectNotRecent, expectRefusal } from '../http/expect-refusal.js';
import { bearer, createTestApp, PASSWORD, type TestApp } from '../support/test-app.js';
import { watchCalls } from '../support/watch-calls.js';

describe('GET /me', () => {
  let app: TestApp;

  before(async () => {
    app = await createTestApp({ fields: { note: { type: String, select: false } } });
  });
  after(() => app.close());

  it('shows the public user, with the fields of the app and nothing internal (holds 14, 66)', async () => {
    const { email, id, access_token } = await app.signUp({ name: 'Jean Paul Dupont', phone: '+33 1 23 45' });
    await app.User.updateOne({ _id: id }, { note: 'internal', roles: ['editor'] });
    const { body, headers } = await app.http.get('/auth/me').set(bearer(access_token)).expect(200);
    const { createdAt, updatedAt, ...rest } = body;
    expect(rest).to.deep.equal({
      id,
      email,
      name: 'Jean Paul Dupont',
      displayName: 'Jean Paul Dupont',
      initials: 'JD',
      roles: ['editor'],
      emailVerifiedAt: null,
      phone: '+33 1 23 45',
      company: null,
    });
    expect([createdAt, updatedAt].map(Date.parse)).to.not.include(Number.NaN);
    expect(headers['cache-control']).to.equal('no-store');
    expect(headers['content-type']).to.equal('application/json; charset=utf-8');
  });

  it('shows every field that is not set as null', async () => {
    const { email, access_token } = await app.signUp();
    await app.connection
      .collection('users')
      .updateOne(
        { email },
        { $unset: { name: 1, roles: 1, emailVerifiedAt: 1, createdAt: 1, updatedAt: 1 } },
      );
    const { body } = await app.http.get('/auth/me').set(bearer(access_token)).expect(200);
    expect(body).to.deep.include({
      name: null,
      roles: [],
      emailVerifiedAt: null,
      createdAt: null,
      updatedAt: null,
    });
    expect(body).to.include({ displayName: email, phone: null, company: null });
  });

  const initials: [email: string, name: string | null, expected: string][] = [
    ['jean.dupont@example.com', null, 'JD'],
    ['francois@example.com', null, 'FR'],
    ['x@example.com', null, 'X'],
    ['someone@example.com', 'Maria Stuart', 'MS'],
    ['someone.else@example.com', 'Madonna', 'MA'],
  ];
  for (const [email, name, expected] of initials) {
    it(`shortens ${name ?? email} to ${expected}`, async () => {
      const { access_token } = await app.signUp({ email, name });
      const { body } = await app.http.get('/auth/me').set(bearer(access_token)).expect(200);
      expect(body).to.include({ initials: expected, displayName: name ?? email });
    });
  }

  it('shows what is stored now, not what was stored at the login', async () => {
    const { id, access_token } = await app.signUp();
    await app.User.updateOne({ _id: id }, { phone: 'new' });
    const { body } = await app.http.get('/auth/me').set(bearer(access_token)).expect(200);
    expect(body.phone).to.equal('new');
  });

  it('yields the user of the token though another has its address by now (hold 10)', async () => {
    const first = await app.signUp();
    await app.User.updateOne({ _id: first.id }, { email: `moved-${first.email}` });
    const second = await app.signUp({ email: first.email });
    const { body } = await app.http.get('/auth/me').set(bearer(first.access_token)).expect(200);
    expect(body).to.include({ id: first.id, email: `moved-${first.email}` });
    const { body: refreshed } = await app.http
      .post('/auth/refresh')
      .send({ refresh_token: first.refresh_token })
      .expect(200);
    const { body: again } = await app.http.get('/auth/me').set(bearer(refreshed.access_token)).expect(200);
    expect(again.id).to.equal(first.id);
    await app.User.deleteOne({ _id: first.id });
    expectRefusal(await app.http.get('/auth/me').set(bearer(first.access_token)), 'invalid_token');
    expect(second.id).to.not.equal(first.id);
  });

  it('is served beside the router too, by auth.me', async () => {
    const { email, access_token } = await app.signUp();
    const { body } = await app.http.get('/me').set(bearer(access_token)).expect(200);
    expect(body.email).to.equal(email);
    expectRefusal(await app.http.get('/me'), 'missing_token');
    await app.http.get('/me/me').set(bearer(access_token)).expect(404);
    await app.http.post('/me/token').send({}).expect(404);
  });

  it('refuses a request without a token (hold 12)', async () => {
    expectRefusal(await app.http.get('/auth/me'), 'missing_token');
  });
});

describe('PATCH /me', () => {
  let app: TestApp;

  before(async () => {
    app = await createTestApp({
      fields: {
        age: { type: Number, min: [0, 'Nobody is that young.'] },
        handle: { type: String, unique: true, sparse: true },
        internal: String,
      },
      profileFields: ['phone', 'age', 'handle'],
    });
  });
  after(() => app.close());

  const patch = (access_token: string, body: object, path = '/auth/me') =>
    app.http.patch(path).set(bearer(access_token)).send(body);

  it('changes what is given, and answers the public user (holds 14, 66)', async () => {
    const { id, email, access_token } = await app.signUp({ name: 'Ada', phone: '1' });
    const { body, headers } = await patch(access_token, { name: 'Ada Lovelace', age: 36 }).expect(200);
    expect(body).to.include({ id, email, name: 'Ada Lovelace', initials: 'AL', phone: '1', age: 36 });
    expect(body).to.include({ handle: null, company: null });
    for (const hidden of ['password', 'securityStamp', '_id', 'disabledAt'])
      expect(body).to.not.have.property(hidden);
    expect(headers['cache-control']).to.equal('no-store');
    const { body: shown } = await app.http.get('/auth/me').set(bearer(access_token)).expect(200);
    expect(shown).to.deep.equal(body);
  });

  it('is served by auth.me too', async () => {
    const { access_token } = await app.signUp();
    const { body } = await patch(access_token, { name: 'Beside' }, '/me').expect(200);
    expect(body.name).to.equal('Beside');
  });

  it('ignores what it does not let in, without a word (hold 44)', async () => {
    const { id, email, access_token } = await app.signUp({ name: 'Ada' });
    const evil = {
      ...{ email: 'other@example.com', password: 'x', roles: ['admin'], emailVerifiedAt: new Date() },
      ...{
        _id: 'f'.repeat(24),
        id: 'x',
        disabledAt: null,
        company: 'X',
        internal: 'x',
        $set: { roles: ['admin'] },
      },
    };
    const { body } = await patch(access_token, { ...evil, phone: '2' }).expect(200);
    expect(body).to.include({ id, email, name: 'Ada', phone: '2', company: null, emailVerifiedAt: null });
    expect(body.roles).to.deep.equal([]);
    expect(await app.User.findById(id).lean()).to.not.have.property('internal');
    await app.login({ email, password: PASSWORD });
  });

  it('clears by null and by an empty text, and a name by blanks alone', async () => {
    for (const [name, phone] of [
      [null, null],
      ['', ''],
      [' ', ''],
    ]) {
      const { id, access_token } = await app.signUp({ name: 'Ada', phone: '1' });
      const { body } = await patch(access_token, { name, phone }).expect(200);
      expect(body).to.include({ name: null, phone: null });
      expect(await app.User.findById(id).lean()).to.not.have.property('phone');
    }
  });

  it('changes nothing where nothing is given', async () => {
    const { id, access_token } = await app.signUp({ name: 'Ada' });
    const before = await app.User.findById(id).lean();
    const { body } = await patch(access_token, {}).expect(200);
    expect(body.name).to.equal('Ada');
    expect(await app.User.findById(id).lean()).to.deep.equal(before);
  });

  it('tells all faults at once, and changes nothing then', async () => {
    const { id, access_token } = await app.signUp({ name: 'Ada' });
    const { body } = await patch(access_token, { name: 5, phone: { $gt: '' }, age: -1 }).expect(422);
    const faults = body.errors.map(({ code, pointer }: { code: string; pointer: string }) => [code, pointer]);
    expect(faults).to.have.deep.members([
      ['invalid_type', '#/name'],
      ['invalid', '#/phone'],
      ['too_small', '#/age'],
    ]);
    expect(await app.User.findById(id).lean()).to.include({ name: 'Ada' });
  });

  it('says in the words of the schema what it refuses', async () => {
    const { access_token } = await app.signUp();
    const young = { code: 'too_small', detail: 'Nobody is that young.', pointer: '#/age' };
    expectFaults(await patch(access_token, { age: -1 }), [young]);
    const other = await app.signUp();
    await patch(other.access_token, { handle: 'mine' }).expect(200);
    const taken = { code: 'taken', detail: 'This handle is already in use.', pointer: '#/handle' };
    expectFaults(await patch(access_token, { handle: 'mine' }), [taken]);
  });

  it('is for who is signed in, and for who is still there (hold 40)', async () => {
    expectRefusal(await app.http.patch('/auth/me').send({ name: 'x' }), 'missing_token');
    const { id, access_token } = await app.signUp();
    await app.User.deleteOne({ _id: id });
    expectRefusal(await patch(access_token, { name: 'x' }), 'invalid_token');
  });
});

describe('DELETE /me', () => {
  let app: TestApp;

  before(async () => {
    app = await createTestApp();
  });
  after(() => app.close());

  const leave = (access_token: string, password: unknown = PASSWORD, path = '/auth/me') =>
    app.http.delete(path).set(bearer(access_token)).send({ password });
  const isThere = async ({ email, password }: { email: string; password: string }) =>
    (await app.http.post('/auth/token').send({ username: email, password })).status === 200;

  for (const path of ['/auth/me', '/me']) {
    it(`deletes who is signed in at ${path}, and answers nothing (holds 14, 40)`, async () => {
      const user = await app.signUp();
      const { status, text, headers } = await leave(user.access_token, PASSWORD, path);
      expect([status, text]).to.deep.equal([204, '']);
      expect(headers['cache-control']).to.equal('no-store');
      expect(await app.User.findById(user.id)).to.equal(null);
      expect(await isThere(user)).to.equal(false);
    });
  }

  it('needs the password: with a wrong one, or another user’s, nothing changes', async () => {
    const [user, other] = [await app.signUp(), await app.signUp({ password: 'the one of another' })];
    const before = await databaseContents(app.connection);
    for (const wrong of ['not the password', other.password, PASSWORD.toUpperCase(), ` ${PASSWORD}`]) {
      expectRefusal(await leave(user.access_token, wrong), 'wrong_password');
    }
    expect(await databaseContents(app.connection)).to.deep.equal(before);
  });

  it('takes a login of the last five minutes in place of the password, with no body and no content type', async () => {
    const user = await app.signUp();
    app.clock.advance(300_000);
    const watch = watchCalls(bcrypt, 'compare');
    try {
      await app.http.delete('/auth/me').set(bearer(user.access_token)).expect(204);
    } finally {
      watch.restore();
    }
    expect(watch.calls).to.deep.equal([]);
    expect(await app.User.findById(user.id)).to.equal(null);
  });

  it('takes no older one: then nothing changes, and the password still does', async () => {
    const user = await app.signUp();
    app.clock.advance(301_000);
    for (const body of [{}, { password: null }]) {
      expectNotRecent(await app.http.delete('/auth/me').set(bearer(user.access_token)).send(body));
    }
    expect(await isThere(user)).to.equal(true);
    await leave(user.access_token).expect(204);
  });

  it('is there for who has no password, by a recent login alone', async () => {
    for (const body of [{}, { password: PASSWORD }]) {
      const email = `left-${Object.keys(body).length}@example.com`;
      const { id } = await app.auth.service.createUser({ email });
      const old = await app.auth.service.issueTokens(id);
      app.clock.advance(301_000);
      expectNotRecent(await app.http.delete('/me').set(bearer(old.access_token)).send(body));
      const fresh = await app.auth.service.issueTokens(id);
      await app.http.delete('/me').set(bearer(fresh.access_token)).send(body).expect(204);
      expect(await app.User.findById(id)).to.equal(null);
    }
  });

  it('names the field that is no string, without a hash (hold 18)', async () => {
    const user = await app.signUp();
    const invalid: [value: unknown, code: string, complaint: string][] = [
      ['', 'required', 'must not be empty.'],
      [5, 'invalid_type', 'must be a string.'],
      [[PASSWORD], 'invalid_type', 'must be a string.'],
      [{ $ne: 'x' }, 'invalid_type', 'must be a string.'],
    ];
    const watch = watchCalls(bcrypt, 'compare');
    try {
      for (const [value, code, complaint] of invalid) {
        const request = app.http.delete('/auth/me').set(bearer(user.access_token));
        expectFaults(await request.send({ password: value }), [
          { code, detail: `The password ${complaint}`, pointer: '#/password' },
        ]);
      }
    } finally {
      watch.restore();
    }
    expect(watch.calls).to.deep.equal([]);
    expect(await isThere(user)).to.equal(true);
  });

  it('refuses who has no good access token, before it reads the body (hold 12)', async () => {
    const user = await app.signUp();
    const send = () => app.http.delete('/auth/me').type('json').send('{"broken');
    expectRefusal(await send(), 'missing_token');
    expectRefusal(await send().set(bearer('nonsense')), 'invalid_token');
    expectRefusal(await leave(user.refresh_token), 'invalid_token');
    expect(await isThere(user)).to.equal(true);
  });

  it('does not take a password in the query string (hold 19)', async () => {
    const user = await app.signUp();
    app.clock.advance(301_000);
    const request = app.http.delete('/auth/me').query({ password: PASSWORD });
    expectNotRecent(await request.set(bearer(user.access_token)));
    expect(await isThere(user)).to.equal(true);
  });

  it('does not delete a user whose password was changed after it was checked (hold 42)', async () => {
    const hold = createHold();
    const hooked = await createTestApp({ hooks: { beforeDelete: () => hold.wait() } });
    try {
      const leaver = await hooked.signUp();
      const leaving = hooked.http
        .delete('/auth/me')
        .set(bearer(leaver.access_token))
        .send({ password: PASSWORD })
        .then((response) => response);
      await hold.reached;
      await hooked.auth.service.setPassword(leaver.id, 'another good one');
      hold.release();
      expectRefusal(await leaving, 'wrong_password');
      await hooked.login({ email: leaver.email, password: 'another good one' });
    } finally {
      await hooked.close();
    }
  });

  it('done twice at once deletes once', async () => {
    const user = await app.signUp();
    const other = await app.login(user);
    const answers = await Promise.all([leave(user.access_token), leave(other.access_token)]);
    const statuses = answers.map(({ status }) => status);
    expect(statuses.filter((status) => status === 204)).to.have.length(1);
    expect(answers.find(({ status }) => status !== 204)?.body.code).to.be.oneOf([
      'wrong_password',
      'invalid_token',
    ]);
  });
});
