import bcrypt from 'bcrypt';
import { expect } from 'chai';
import { AuthError } from 'express-auth-kit';
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
      ['user.registered', { userId: body.id, email: 'event-1@example.com' }],
      ['user.registered', { userId: id, email: 'event-2@example.com' }],
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
});
