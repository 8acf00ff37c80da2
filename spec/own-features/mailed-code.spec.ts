import { expect } from 'chai';
import jwt from 'jsonwebtoken';
import type { Response } from 'supertest';
import { databaseContents } from '../conformance/database-contents.js';
import { recordEvents } from '../conformance/record-events.js';
import { expectProblem, expectRefusal } from '../http/expect-refusal.js';
import { failureOf } from '../support/failure.js';
import { bearer, createTestApp, PASSWORD, type TestApp } from '../support/test-app.js';
import { mailedCode } from './mailed-code.js';

type Account = Awaited<ReturnType<TestApp['signUp']>>;

const SECOND_STEP = {
  status: 403,
  code: 'second_factor_required',
  detail: 'A second step is required to sign in',
};

describe('a feature of an app’s own that makes sign-in a two-step one', () => {
  let app: TestApp;
  before(async () => {
    app = await createTestApp({
      features: [mailedCode()],
      finish(each, auth) {
        each.get('/claims', auth.requireClaims, (_req, res) => void res.json({}));
        each.get('/optional', auth.optionalUser, (req, res) => void res.json({ user: req.user ?? null }));
      },
    });
  });
  after(() => app.close());

  /** A user for whom the second step is on, and who is still signed in. */
  async function enrolled(): Promise<Account> {
    const account = await app.signUp();
    await app.http.post('/auth/mailed-code').set(bearer(account.access_token)).expect(202);
    return account;
  }
  const password = ({ email }: Account, typed = PASSWORD) =>
    app.http.post('/auth/token').send({ username: email, password: typed });
  async function mailedTo({ email }: Account): Promise<string> {
    await app.auth.service.settled();
    return app.mailbox.messages.findLast(({ to }) => to === email)?.text as string;
  }
  /** The first step. */
  async function begin(account: Account): Promise<{ challenge: string; code: string }> {
    const { body } = await password(account).expect(403);
    return { challenge: body.challenge, code: await mailedTo(account) };
  }
  const finish = (body: object) => app.http.post('/auth/challenge').send({ method: 'mailed_code', ...body });
  const outcome = ({ status, body }: Response) => [status, body.code ?? 'a pair'];

  it('asks nothing more of who has not set it up', async () => {
    const { access_token } = await app.signUp();
    await app.http.get('/protected').set(bearer(access_token)).expect(200);
  });

  it('keeps the session that set it up, and ends the others', async () => {
    const account = await app.signUp();
    const other = await app.login(account);
    await app.http.post('/auth/mailed-code').set(bearer(account.access_token)).expect(202);
    await app.http.get('/protected').set(bearer(account.access_token)).expect(200);
    expectRefusal(await app.http.get('/protected').set(bearer(other.access_token)), 'invalid_token');
  });

  it('answers the right password with a challenge, and with no session and no token of any kind', async () => {
    const account = await enrolled();
    const sessions = async () => (await databaseContents(app.connection))['auth_sessions']?.length;
    const before = await sessions();
    const response = await password(account);
    const { challenge, ...problem } = response.body;
    const told = { challenge, methods: ['mailed_code'], expires_in: 600 };
    expectProblem(response, { ...SECOND_STEP, ...told });
    expect(challenge).to.match(/^[\w-]{43}$/);
    expect(JSON.stringify(problem)).to.not.include('eyJ');
    expect(await sessions()).to.equal(before);
    expect(JSON.stringify(await databaseContents(app.connection))).to.not.include(challenge);
  });

  it('lets nothing of a challenge pass a guard, nor a refresh (hold 89)', async () => {
    const { challenge } = await begin(await enrolled());
    for (const path of ['/protected', '/claims', '/auth/me']) {
      expectRefusal(await app.http.get(path).set(bearer(challenge)), 'invalid_token');
    }
    await app.http.get('/optional').set(bearer(challenge)).expect(200, { user: null });
    const refresh = await app.http.post('/auth/refresh').send({ refresh_token: challenge });
    expectRefusal(refresh, 'invalid_refresh_token');
    await failureOf(() => app.auth.service.verifyAccessToken(challenge));
  });

  it('signs in with the code, once, by both kinds of proof', async () => {
    const account = await enrolled();
    const { challenge, code } = await begin(account);
    const { body } = await finish({ challenge, code }).expect(200);
    await app.http.get('/protected').set(bearer(body.access_token)).expect(200);
    const { amr, auth_time } = jwt.decode(body.access_token) as jwt.JwtPayload;
    expect(amr).to.deep.equal(['pwd', 'email', 'mfa']);
    expect(auth_time).to.equal(Math.floor(app.clock.now() / 1000));
    const renewed = await app.http.post('/auth/refresh').send({ refresh_token: body.refresh_token });
    expect(jwt.decode(renewed.body.access_token)).to.deep.include({ amr, auth_time });
    expect(outcome(await finish({ challenge, code }))).to.deep.equal([401, 'invalid_challenge']);
  });

  it('takes a code that two use at once, once', async () => {
    const account = await enrolled();
    for (let round = 0; round < 10; round += 1) {
      const { challenge, code } = await begin(account);
      const answers = await Promise.all([1, 2, 3].map(() => finish({ challenge, code })));
      expect(answers.filter(({ status }) => status === 200)).to.have.length(1);
    }
  });

  it('takes a code once over two challenges too', async () => {
    const account = await enrolled();
    const first = await begin(account);
    const second = await begin(account);
    const answers = await Promise.all(
      [first, second].map(({ challenge }) => finish({ challenge, code: second.code })),
    );
    expect(answers.map(outcome).sort()).to.deep.equal([
      [200, 'a pair'],
      [401, 'invalid_code'],
    ]);
  });

  it('counts five attempts a challenge, those at once too (hold 91)', async () => {
    const account = await enrolled();
    const { challenge, code } = await begin(account);
    const wrong = code === '000000' ? '000001' : '000000';
    const answers = await Promise.all(Array.from({ length: 20 }, () => finish({ challenge, code: wrong })));
    const codes = answers.map(({ body }) => body.code);
    expect(codes.filter((each) => each === 'invalid_code').length).to.be.at.most(5);
    expect(outcome(await finish({ challenge, code }))).to.deep.equal([401, 'invalid_challenge']);
  });

  it('refuses a code of another user, a method that is not asked for, and input of any shape', async () => {
    const [account, other] = [await enrolled(), await enrolled()];
    const { code: foreign } = await begin(other);
    const { challenge, code } = await begin(account);
    const inputs = [{ code: foreign }, { code: [code] }, { code: { $ne: '' } }, { method: 'password', code }];
    const answers = [];
    for (const input of inputs) answers.push(outcome(await finish({ challenge, ...input })));
    // By chance two codes may be the same.
    if (foreign === code) answers[0] = [401, 'invalid_code'];
    expect(answers).to.deep.equal(inputs.map(() => [401, 'invalid_code']));
  });

  it('is over after ten minutes, and with whatever ends sessions', async () => {
    const { service } = app.auth;
    const endings: Record<string, (account: Account) => Promise<unknown>> = {
      'ten minutes': async () => app.clock.advance(600_000),
      'a new password': ({ id }) => service.setPassword(id, 'another long password'),
      'a logout everywhere': ({ id }) => service.revokeSessions(id),
      'a disabled user': ({ id }) => service.disableUser(id),
      'a deleted user': ({ id }) => service.deleteUser(id),
    };
    for (const [what, end] of Object.entries(endings)) {
      const account = await enrolled();
      const { challenge, code } = await begin(account);
      await end(account);
      expect(outcome(await finish({ challenge, code })), what).to.deep.equal([401, 'invalid_challenge']);
    }
  });

  it('tells an OAuth client in its own words', async () => {
    const account = await enrolled();
    const form = { grant_type: 'password', username: account.email, password: PASSWORD };
    const { status, body } = await app.http.post('/auth/token').type('form').send(form);
    const { mfa_token, ...rest } = body;
    expect([status, rest]).to.deep.equal([
      403,
      {
        error: 'mfa_required',
        error_description: SECOND_STEP.detail,
        methods: ['mailed_code'],
        expires_in: 600,
      },
    ]);
    const code = await mailedTo(account);
    expect(outcome(await finish({ challenge: mfa_token, code }))).to.deep.equal([200, 'a pair']);
  });

  it('asks whoever the app vouches for as well, unless the app answers for that too', async () => {
    const account = await enrolled();
    const refused = await failureOf<Error & { code: string; extensions: { challenge: string } }>(() =>
      app.auth.service.issueTokens(account.id),
    );
    expect(refused.code).to.equal('second_factor_required');
    const { challenge } = refused.extensions;
    const code = await mailedTo(account);
    expect(outcome(await finish({ challenge, code }))).to.deep.equal([200, 'a pair']);
    const { access_token } = await app.auth.service.issueTokens(account.id, { bypassSecondFactor: true });
    await app.http.get('/protected').set(bearer(access_token)).expect(200);
  });

  it('bounds the guesses at a password, wherever one is asked for, and gives the right ones their place back', async () => {
    const account = await app.signUp();
    for (let time = 0; time < 5; time += 1) await password(account).expect(200);
    await password(account, 'wrong').expect(401);
    const change = { current_password: 'wrong', new_password: 'another long password' };
    const changed = await app.http
      .post('/auth/change-password')
      .set(bearer(account.access_token))
      .send(change);
    expectRefusal(changed, 'wrong_password');
    await password(account, 'wrong').expect(401);
    const events = recordEvents(app.auth);
    expectRefusal(await password(account), 'invalid_credentials');
    expect(events.map(([name, event]) => [name, Object(event).reason])).to.deep.equal([
      ['login.failed', 'limited'],
    ]);
    const deletion = app.http.delete('/auth/me').set(bearer(account.access_token));
    expectRefusal(await deletion.send({ password: PASSWORD }), 'wrong_password');
  });

  it('stores its rows beside the kit’s, indexed, and they go with the user', async () => {
    const account = await enrolled();
    await begin(account);
    const rows = () => app.connection.collection('app_codes').countDocuments({ kind: 'users' });
    const before = await rows();
    await app.auth.service.deleteUser(account.id);
    expect(await rows()).to.equal(before - 1);
    const contents = await databaseContents(app.connection);
    expect(JSON.stringify(contents)).to.not.include(account.id);
    const indexes = await app.connection.collection('app_codes').indexes();
    expect(indexes.map(({ key }) => Object.keys(key).join())).to.have.members([
      '_id',
      'user,kind',
      'expiresAt',
    ]);
  });

  it('is absent where it is not given: no route, no collection, no challenge', async () => {
    const plain = await createTestApp();
    try {
      await plain.signUp();
      for (const path of ['/auth/mailed-code', '/auth/challenge']) {
        await plain.http.post(path).send({}).expect(404);
      }
      const collections = await plain.connection.listCollections();
      expect(collections.map(({ name }) => name)).to.have.members([
        'users',
        'auth_sessions',
        'auth_one_time_tokens',
        'auth_outbox',
      ]);
    } finally {
      await plain.close();
    }
  });
});
