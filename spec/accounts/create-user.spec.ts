import bcrypt from 'bcrypt';
import { expect } from 'chai';
import { AuthError, type ValidationFailed } from 'express-auth-kit';
import { recordEvents } from '../conformance/record-events.js';
import { expectProblem } from '../http/expect-refusal.js';
import { failureOf } from '../support/failure.js';
import { createTestApp, PASSWORD, type TestApp } from '../support/test-app.js';
import { watchCalls } from '../support/watch-calls.js';

describe('createUser', () => {
  let app: TestApp;
  let registered: string[];
  let refuse: AuthError | undefined;

  before(async () => {
    app = await createTestApp({
      fields: { seats: { type: Number, max: [9, 'At most nine.'] } },
      registerFields: ['seats'],
      hooks: {
        async afterRegister({ user }) {
          const stored = await app.connection.collection('users').countDocuments({ email: user.email });
          registered.push(`${user.email}: ${stored} stored`);
          if (refuse) throw refuse;
        },
      },
    });
  });
  after(() => app.close());
  beforeEach(() => {
    registered = [];
    refuse = undefined;
  });

  const register = (body: object) => app.http.post('/auth/register').send({ password: PASSWORD, ...body });

  it('costs one hash, and none where anything is refused before', async () => {
    const watch = watchCalls(bcrypt, 'hash');
    try {
      await register({ email: 'no-seat@example.com', seats: 10 }).expect(422);
      await register({ email: 'short@example.com', password: 'short' }).expect(422);
      await register({ email: 'no address' }).expect(422);
      expect(watch.calls).to.have.length(0);
      await register({ email: 'one-hash@example.com' }).expect(201);
      expect(watch.calls).to.have.length(1);
      expect(watch.calls[0]?.[1]).to.equal(4);
    } finally {
      watch.restore();
    }
  });

  it('runs afterRegister once the user is stored, and answers after it', async () => {
    await register({ email: 'hooked@example.com' }).expect(201);
    expect(registered).to.deep.equal(['hooked@example.com: 1 stored']);
    await app.auth.service.createUser({ email: 'hooked-too@example.com', password: PASSWORD });
    expect(registered).to.have.length(2);
  });

  it('does not run it for who is refused', async () => {
    await register({ email: 'twice@example.com' }).expect(201);
    await register({ email: 'twice@example.com' }).expect(400);
    expect(registered).to.have.length(1);
  });

  it('answers what afterRegister throws', async () => {
    refuse = new AuthError({ status: 409, code: 'no_seat', detail: 'No seat left.' });
    const response = await register({ email: 'refused@example.com' });
    expectProblem(response, { status: 409, code: 'no_seat', detail: 'No seat left.' });
    const error = await failureOf(() =>
      app.auth.service.createUser({ email: 'refused-too@example.com', password: PASSWORD }),
    );
    expect(error).to.equal(refuse);
  });

  it('says user.registered, whoever stored the user', async () => {
    const events = recordEvents(app.auth);
    const { body } = await register({ email: 'event-1@example.com' }).expect(201);
    const { id } = await app.auth.service.createUser({ email: 'event-2@example.com', password: PASSWORD });
    expect(events).to.deep.equal([
      [
        'user.registered',
        { userId: body.id, email: 'event-1@example.com', ip: '127.0.0.1', userAgent: null },
      ],
      ['user.registered', { userId: id, email: 'event-2@example.com', ip: null, userAgent: null }],
    ]);
  });

  it('gives every user a stamp of their own', async () => {
    await register({ email: 'stamp-1@example.com' }).expect(201);
    await register({ email: 'stamp-2@example.com' }).expect(201);
    const users = await app.connection
      .collection('users')
      .find({ email: /^stamp-/ })
      .toArray();
    const [first, second] = users.map(({ securityStamp }) => securityStamp);
    expect(first).to.match(/^[\w-]{16}$/);
    expect(second)
      .to.match(/^[\w-]{16}$/)
      .and.not.equal(first);
  });

  describe('with the hash of a password', () => {
    const create = (fields: object) =>
      app.auth.service.createUser({ email: `hashed-${Math.random()}@example.com`, ...fields });

    for (const version of ['2a', '2b', '2y']) {
      it(`stores $${version}$ as it is, for no hash of its own, and its owner logs in`, async () => {
        const passwordHash = (await bcrypt.hash(PASSWORD, 4)).replace('$2b$', () => `$${version}$`);
        const watch = watchCalls(bcrypt, 'hash');
        let user: Awaited<ReturnType<typeof create>>;
        try {
          user = await create({ passwordHash });
        } finally {
          watch.restore();
        }
        expect(watch.calls).to.deep.equal([]);
        expect(JSON.stringify(user)).to.not.include(passwordHash);
        const stored = await app.connection.collection('users').findOne({ email: user.email });
        expect(stored).to.include({ password: passwordHash });
        await app.login({ email: user.email, password: PASSWORD });
      });
    }

    const good = `$2b$04$${'a'.repeat(53)}`;
    const refused: [what: string, fields: object, code: string][] = [
      ['plain text', { passwordHash: PASSWORD }, 'invalid_format'],
      ['a hash that no verifier knows', { passwordHash: `$argon2id$${'a'.repeat(40)}` }, 'invalid_format'],
      [
        'a hash that would cost a day',
        { passwordHash: good.replace('$04$', () => '$31$') },
        'invalid_format',
      ],
      ['a hash with something after it', { passwordHash: `${good}\n` }, 'invalid_format'],
      ['nothing', { passwordHash: '' }, 'invalid_format'],
      ['null', { passwordHash: null }, 'invalid_format'],
      ['no string', { passwordHash: { $ne: 1 } }, 'invalid_format'],
      ['a password beside it', { passwordHash: good, password: PASSWORD }, 'invalid'],
    ];
    for (const [what, fields, code] of refused) {
      it(`refuses ${what}, repeats nothing of it, and stores nobody`, async () => {
        const before = await app.User.countDocuments();
        const error = await failureOf<ValidationFailed>(() => create(fields));
        expect(error).to.include({ status: 422, code: 'validation_failed' });
        const { detail } = error;
        expect(error.errors).to.deep.equal([{ detail, pointer: '#/passwordHash', code }]);
        expect(`${error.message} ${detail}`).to.not.match(/horse|\$/);
        expect(await app.User.countDocuments()).to.equal(before);
      });
    }

    it('is not taken from a body (hold 44)', async () => {
      const email = 'body@example.com';
      await register({ email, passwordHash: good, emailVerified: true }).expect(201);
      const stored = await app.connection.collection('users').findOne({ email });
      expect(stored).to.include({ emailVerifiedAt: null }).and.not.have.property('passwordHash');
      await app.login({ email, password: PASSWORD });
    });
  });

  it('counts the address as verified where the app says so', async () => {
    const user = await app.auth.service.createUser({ email: 'known@example.com', emailVerified: true });
    expect(user.emailVerifiedAt?.getTime()).to.equal(app.clock.now());
    const other = await app.auth.service.createUser({ email: 'unknown@example.com', emailVerified: false });
    expect(other.emailVerifiedAt).to.equal(null);
  });
});
