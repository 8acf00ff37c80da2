import bcrypt from 'bcrypt';
import { expect } from 'chai';
import { AuthError } from 'express-auth-kit';
import { createHold } from '../conformance/hold-back.js';
import { recordEvents } from '../conformance/record-events.js';
import { expectFaults, expectProblem, expectRefusal } from '../http/expect-refusal.js';
import { isWrite, recordCommands } from '../support/commands.js';
import { bearer, createTestApp, PASSWORD, type TestApp } from '../support/test-app.js';
import { watchCalls } from '../support/watch-calls.js';

const HOUR = 3_600_000;
const OTHER = 'another good one';

/** What `spec/features/register/` does not say: who registers is not told whether the address was free. */
describe('a registration with verification required', () => {
  let app: TestApp;
  let hook: (email: string) => unknown;
  const logged: unknown[][] = [];

  before(async () => {
    app = await createTestApp({
      emailVerification: 'required',
      fields: { badge: { type: String, unique: true, sparse: true }, seats: { type: Number, max: 9 } },
      registerFields: ['badge', 'seats'],
      logger: { error: (...line) => void logged.push(line) },
      hooks: {
        beforeRegister({ input }) {
          if (input.email.startsWith('stranger'))
            throw new AuthError({ status: 403, code: 'no_invitation', detail: 'By invitation only.' });
        },
        afterRegister: ({ user }) => hook(user.email),
      },
    });
  });
  after(() => app.close());
  beforeEach(() => {
    hook = () => undefined;
    logged.length = 0;
  });

  let count = 0;
  const address = () => {
    count += 1;
    return `registrant-${count}@example.com`;
  };
  const register = (email: string, fields: object = {}) =>
    app.http.post('/auth/register').send({ email, password: PASSWORD, ...fields });
  const stored = (email: string) => app.connection.collection('users').findOne({ email });
  /** The subjects of the mails of an address since they were last asked for. */
  const mailed = async (email: string) => {
    await app.auth.service.settled();
    const mails = app.mailbox.messages.filter(({ to }) => to === email);
    app.mailbox.clear();
    return mails.map(({ subject, text }) => ({ subject, token: /token=([\w-]+)/.exec(text)?.[1] }));
  };
  const subjects = async (email: string) => (await mailed(email)).map(({ subject }) => subject);
  const verified = async () => {
    const email = address();
    await register(email).expect(202);
    const [mail] = await mailed(email);
    await app.auth.service.verifyEmail(mail?.token as string);
    return email;
  };
  const unverified = async () => {
    const email = address();
    await register(email, { name: 'First' }).expect(202);
    await mailed(email);
    return email;
  };
  const disabled = async () => {
    const email = await verified();
    await app.auth.service.disableUser((await stored(email))?._id as never);
    return email;
  };

  const KINDS: Record<string, [prepare: () => Promise<string> | string, subjects: string[]]> = {
    'a free address': [address, ['Confirm your email address']],
    'a verified one': [verified, ['You already have an account']],
    'one that is not verified': [unverified, ['Reset your password']],
    'one of a disabled account': [disabled, []],
  };

  it('is answered alike for all addresses, by the same work, and mailed by what they are', async () => {
    const answers: object[] = [];
    for (const [what, [prepare, expected]] of Object.entries(KINDS)) {
      const email = await prepare();
      await app.auth.service.settled();
      const before = await stored(email);
      const hashes = watchCalls(bcrypt, 'hash');
      try {
        let response: Awaited<ReturnType<typeof register>> | undefined;
        const commands = await recordCommands(app.connection, async () => {
          response = await register(` ${email.toUpperCase()} `, { name: 'Second', password: OTHER });
        });
        const { date: _date, ...headers } = response?.headers ?? {};
        answers.push({ status: response?.status, body: response?.body, headers });
        expect(commands.slice(0, 2).map(({ name, collection }) => [name, collection])).to.deep.equal([
          ['insert', 'users'],
          ['find', 'users'],
        ]);
        expect(
          commands
            .slice(2)
            .filter(isWrite)
            .filter(({ collection }) => collection === 'users'),
        ).to.deep.equal([]);
        expect(hashes.calls, what).to.have.length(1);
      } finally {
        hashes.restore();
      }
      if (before) expect(await stored(email), what).to.deep.equal(before);
      expect(await subjects(email), what).to.deep.equal(expected);
    }
    for (const answer of answers) expect(answer).to.deep.equal(answers[0]);
    expect(answers[0]).to.deep.include({
      status: 202,
      body: { message: 'Check your email to complete the registration' },
    });
  });

  it('stores one of 20 of one address at once, and answers all alike (hold 45)', async () => {
    const email = address();
    const answers = await Promise.all(Array.from({ length: 20 }, () => register(email)));
    for (const { status, body } of answers) {
      expect([status, body]).to.deep.equal([202, answers[0]?.body]);
    }
    expect(await app.connection.collection('users').countDocuments({ email })).to.equal(1);
    const told = await subjects(email);
    expect(told.filter((subject) => subject === 'Confirm your email address')).to.have.length(1);
    // One waits.
    expect(told.filter((subject) => subject === 'Reset your password')).to.have.length(1);
  });

  it('tells the owner of a verified address once an hour, however many try at once', async () => {
    const email = await verified();
    await Promise.all(Array.from({ length: 20 }, () => register(email).expect(202)));
    expect(await subjects(email)).to.deep.equal(['You already have an account']);
    app.clock.advance(HOUR - 1);
    await register(email).expect(202);
    expect(await subjects(email)).to.deep.equal([]);
    app.clock.advance(1);
    await register(email).expect(202);
    expect(await subjects(email)).to.deep.equal(['You already have an account']);
    await app.login({ email, password: PASSWORD });
  });

  it('of an address that somebody else took first lets whoever has the mailbox win (hold 57)', async () => {
    const email = address();
    await register(email, { name: 'Attacker' }).expect(202);
    const [attackers] = await mailed(email);
    await register(email, { password: OTHER, name: 'Owner' }).expect(202);
    const [recovery] = await mailed(email);
    expect(await stored(email)).to.include({ name: 'Attacker', emailVerifiedAt: null });
    // Neither of the passwords is worth anything yet.
    expectRefusal(
      await app.http.post('/auth/token').send({ username: email, password: PASSWORD }),
      'email_not_verified',
    );
    expectRefusal(
      await app.http.post('/auth/token').send({ username: email, password: OTHER }),
      'invalid_credentials',
    );
    const reset = { token: recovery?.token, password: 'of the owner alone' };
    await app.http.post('/auth/reset-password').send(reset).expect(200);
    expectRefusal(
      await app.http.post('/auth/verify-email').send({ token: attackers?.token }),
      'invalid_one_time_token',
    );
    expectRefusal(
      await app.http.post('/auth/token').send({ username: email, password: PASSWORD }),
      'invalid_credentials',
    );
    const { access_token } = await app.login({ email, password: reset.password });
    await app.http.get('/protected').set(bearer(access_token)).expect(200);
  });

  for (const [what, prepare] of [
    ['free', address],
    ['taken', verified],
  ] as const) {
    it(`tells the faults of fields, and what the app refuses, for an address that is ${what}`, async () => {
      const email = await prepare();
      expectFaults(await register(email, { password: 'short', seats: 10 }), [
        {
          code: 'too_short',
          detail: 'The password must have at least 8 characters.',
          pointer: '#/password',
        },
        { code: 'too_large', detail: 'This value must be at most 9.', pointer: '#/seats' },
      ]);
      const stranger = `stranger-${email}`;
      const refusal = { status: 403, code: 'no_invitation', detail: 'By invitation only.' };
      expectProblem(await register(stranger), refusal);
      expect(await subjects(email)).to.deep.equal([]);
    });
  }

  it('tells of a unique field that is taken whether or not the address is taken too', async () => {
    await register(address(), { badge: 'b-1' }).expect(202);
    const fault = { code: 'taken', detail: 'This badge is already in use.', pointer: '#/badge' };
    for (const prepare of [address, verified, unverified]) {
      const email = await prepare();
      expectFaults(await register(email, { badge: 'b-1' }), [fault]);
      expect(await subjects(email)).to.deep.equal([]);
      await register(email, { badge: `of ${email}` }).expect(202);
    }
  });

  it('gives the write its time, whether or not there is one', async () => {
    for (const prepare of [address, verified, disabled]) {
      const email = await prepare();
      const start = performance.now();
      await register(email).expect(202);
      expect(performance.now() - start).to.be.at.least(99);
    }
  });

  it('does not wait for afterRegister, and logs what it throws', async () => {
    const hold = createHold();
    const asked: string[] = [];
    const [free, taken] = [address(), await verified()];
    hook = async (email) => {
      asked.push(email);
      await hold.wait();
      throw new Error('the newsletter is down');
    };
    const events = recordEvents(app.auth, ['user.registered']);
    await register(free).expect(202);
    await register(taken).expect(202);
    await hold.reached;
    hold.release();
    expect(await subjects(free)).to.deep.equal(['Confirm your email address']);
    expect(asked).to.deep.equal([free]);
    expect(events.map(([, payload]) => Object(payload).email)).to.deep.equal([free]);
    expect(logged.map(([message]) => message)).to.deep.equal(['an afterRegister hook failed']);
  });

  it('is refused to all while registration is closed', async () => {
    const closed = await createTestApp({ emailVerification: 'required', registration: 'closed' });
    try {
      const { email } = await closed.auth.service.createUser({ email: 'a@example.com', password: PASSWORD });
      for (const each of [email, 'free@example.com']) {
        const body = { email: each, password: PASSWORD };
        expectRefusal(await closed.http.post('/auth/register').send(body), 'registration_closed');
      }
    } finally {
      await closed.close();
    }
  });

  it('is told as 503 while the database is away, for all (hold 67)', async () => {
    const taken = await verified();
    await app.connection.close();
    try {
      const answers = await Promise.all([register(taken), register(address())]);
      for (const answer of answers) expectRefusal(answer, 'unavailable');
    } finally {
      await app.connection.openUri(app.uri);
    }
  });
});

describe('a registration with optional verification', () => {
  it('mails the link though an afterRegister hook throws', async () => {
    const app = await createTestApp({
      emailVerification: 'optional',
      hooks: {
        afterRegister() {
          throw new AuthError({ status: 409, code: 'no_seat', detail: 'No seat is left.' });
        },
      },
    });
    try {
      const account = { email: 'seat@example.com', password: PASSWORD };
      await app.http.post('/auth/register').send(account).expect(409);
      await app.auth.service.settled();
      expect(app.mailbox.messages.map(({ to }) => to)).to.deep.equal(['seat@example.com']);
    } finally {
      await app.close();
    }
  });
});
