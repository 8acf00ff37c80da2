import { expect } from 'chai';
import { AuthError, SecondFactorRequired, type TokenPair } from 'express-auth-kit';
import {
  addWayIn,
  createUser,
  type Kit,
  type Proof,
  signIn,
  type UserDocument,
} from 'express-auth-kit/feature';
import jwt from 'jsonwebtoken';
import { recordEvents } from './conformance/record-events.js';
import { methods } from './own-features/methods.js';
import { failureOf } from './support/failure.js';
import { bearer, createTestApp, PASSWORD, type TestApp } from './support/test-app.js';

describe('the gate', () => {
  let app: TestApp;
  let asked: object[];
  let refuse: unknown;

  before(async () => {
    app = await createTestApp({
      hooks: {
        async beforeSignIn({ user, context }) {
          await Promise.resolve();
          const sessions = await app.connection
            .collection('auth_sessions')
            .countDocuments({ user: user._id });
          asked.push({ email: user.email, context, sessions });
          if (refuse) throw refuse;
        },
      },
      finish: (each) => each.set('env', 'test'),
    });
  });
  after(() => app.close());
  beforeEach(() => {
    asked = [];
    refuse = undefined;
  });

  const sessionsOf = async (id: string) =>
    app.connection
      .collection('auth_sessions')
      .find({ user: (await app.User.findById(id))?._id })
      .toArray();
  const context = { ip: '203.0.113.7', userAgent: 'UA', acceptLanguage: null };
  /** Every way in. */
  const ways: Record<
    string,
    (user: { id: string; email: string }) => Promise<{ access_token: string; status?: number }>
  > = {
    'POST /token in JSON': async ({ email }) => {
      const body = { username: email, password: PASSWORD };
      const response = await app.http.post('/auth/token').set('user-agent', 'UA').send(body);
      return { ...response.body, status: response.status };
    },
    'POST /token as a form': async ({ email }) => {
      const form = { grant_type: 'password', username: email, password: PASSWORD };
      const response = await app.http.post('/auth/token').set('user-agent', 'UA').type('form').send(form);
      return { ...response.body, status: response.status };
    },
    'service.issueTokens': ({ id }) => app.auth.service.issueTokens(id, context),
  };

  describe('with verification required', () => {
    let strict: TestApp;
    let kit: Kit;
    before(async () => {
      const features = [
        methods({ app: {} }, (own) => {
          kit = own;
        }),
      ];
      strict = await createTestApp({ emailVerification: 'required', features });
    });
    after(() => strict.close());

    it('lets nobody in whose address is not verified, whatever was shown, and makes nothing of it', async () => {
      const email = 'unverified@example.com';
      const { id } = await strict.auth.service.createUser({ email, password: PASSWORD });
      const at = strict.clock.now();
      const proofs = (['knowledge', 'mailbox', 'device', 'federated'] as const).map(
        (kind): Proof => ({ method: kind, kinds: [kind], amr: [], at: new Date(at) }),
      );
      for (const shown of [...proofs.map((proof) => [proof]), proofs]) {
        const user = (await kit.users.findById(id, { withCredentials: true })) as UserDocument;
        const entering = () => signIn(kit, user, { proofs: shown, context, bypassSecondFactor: true });
        expect(await failureOf(entering)).to.include({ status: 403, code: 'email_not_verified' });
      }
      expect(await failureOf(() => strict.auth.service.issueTokens(id))).to.include({
        code: 'email_not_verified',
      });
      for (const name of ['auth_sessions', 'auth_pending_sign_ins']) {
        expect(await strict.connection.collection(name).countDocuments()).to.equal(0);
      }
    });
  });

  for (const [way, enter] of Object.entries(ways)) {
    describe(`by ${way}`, () => {
      it('asks beforeSignIn once, before it makes one session', async () => {
        const user = await app.register();
        const { access_token } = await enter(user);
        expect(asked).to.have.length(1);
        expect(asked[0]).to.deep.include({ email: user.email, sessions: 0 });
        expect(asked[0]).to.have.nested.property('context.userAgent', 'UA');
        const [session, ...others] = await sessionsOf(user.id);
        expect(others).to.deep.equal([]);
        expect(session).to.include({ userAgent: 'UA', generation: 0 });
        expect((jwt.decode(access_token) as jwt.JwtPayload).sid).to.equal(String(session?._id));
        await app.http.get('/protected').set(bearer(access_token)).expect(200);
      });

      for (const [what, error] of Object.entries({
        'an AuthError': new AuthError({ status: 403, code: 'closed', detail: 'Not now.' }),
        'any error': new Error('the directory is down'),
      })) {
        it(`makes no session when beforeSignIn throws ${what}, and says no login.succeeded`, async () => {
          const user = await app.register();
          const events = recordEvents(app.auth);
          refuse = error;
          const { access_token, status } = await enter(user).catch((thrown) => {
            expect(thrown).to.equal(error);
            return { access_token: undefined, status: undefined };
          });
          expect(access_token).to.equal(undefined);
          if (status) expect(status).to.be.oneOf(error instanceof AuthError ? [403, 400] : [500]);
          expect(await sessionsOf(user.id)).to.deep.equal([]);
          expect(events).to.deep.equal([]);
        });
      }

      it('says login.succeeded with the session', async () => {
        const user = await app.register();
        const events = recordEvents(app.auth);
        await enter(user);
        const [session] = await sessionsOf(user.id);
        const { ip } = Object(events[0]?.[1]);
        expect(ip).to.be.oneOf(['127.0.0.1', '203.0.113.7']);
        expect(events).to.deep.equal([
          ['login.succeeded', { userId: user.id, sessionId: String(session?._id), ip, userAgent: 'UA' }],
        ]);
      });
    });
  }

  it('is not passed by a refresh: nobody comes in there', async () => {
    const { refresh_token } = await app.signUp();
    asked = [];
    await app.http.post('/auth/refresh').send({ refresh_token }).expect(200);
    expect(asked).to.deep.equal([]);
  });

  it('makes no live session of credentials that were changed since they were checked (hold 42)', async () => {
    const slow = await createTestApp({
      hooks: {
        // The password is changed while the sign-in is on its way.
        beforeSignIn: ({ user }) => slow.auth.service.setPassword(user, 'another good one'),
      },
    });
    try {
      const { email, password } = await slow.register();
      const { access_token, refresh_token } = await slow.login({ email, password });
      await slow.http.get('/protected').set(bearer(access_token)).expect(401);
      await slow.http.post('/auth/refresh').send({ refresh_token }).expect(401);
    } finally {
      await slow.close();
    }
  });

  it('leaves no session of a user who was deleted since, and lets nobody in (hold 42)', async () => {
    const slow = await createTestApp({
      hooks: { beforeSignIn: ({ user }) => slow.auth.service.deleteUser(user) },
    });
    try {
      const { email: username, password } = await slow.register();
      const events = recordEvents(slow.auth);
      const { body } = await slow.http.post('/auth/token').send({ username, password }).expect(401);
      expect(body).to.include({ code: 'invalid_credentials', detail: 'Incorrect email or password' });
      expect(await slow.connection.collection('auth_sessions').countDocuments()).to.equal(0);
      expect(events.map(([name]) => name)).to.deep.equal(['session.ended', 'user.deleted']);
    } finally {
      await slow.close();
    }
  });

  describe('an access token', () => {
    const lifetimeOf = ({ access_token, expires_in }: TokenPair) => {
      const { iat, exp } = jwt.decode(access_token) as { iat: number; exp: number };
      expect(expires_in).to.equal(exp - iat);
      return { iat, seconds: exp - iat };
    };

    for (const minutes of [15, undefined]) {
      it(`lives 900 seconds with ${minutes ?? 'no'} accessTokenExpireMinutes, at whatever moment (hold 3)`, async () => {
        const own = await createTestApp({ accessTokenExpireMinutes: minutes });
        try {
          const { id } = await own.register();
          for (const ms of [0, 1, 998]) {
            own.clock.advance(ms);
            const { iat, seconds } = lifetimeOf(await own.auth.service.issueTokens(id));
            expect(seconds).to.equal(900);
            expect(iat).to.equal(Math.floor(own.clock.now() / 1000));
          }
        } finally {
          await own.close();
        }
      });
    }

    it('lives no longer than its session: claims alone do not tell that it is over (hold 39)', async () => {
      const own = await createTestApp({ refreshTokenExpireDays: 1 });
      try {
        const { refresh_token } = await own.signUp();
        own.clock.advance(86_400_000 - 60_000);
        const { body } = await own.http.post('/auth/refresh').send({ refresh_token }).expect(200);
        expect(lifetimeOf(body).seconds).to.be.within(59, 61);
        expect(jwt.decode(body.access_token)).to.include({
          exp: (jwt.decode(refresh_token) as { exp: number }).exp,
        });
      } finally {
        await own.close();
      }
    });
  });

  it('knows nobody who is not stored', async () => {
    const { code } = await failureOf<AuthError>(() =>
      app.auth.service.issueTokens('ffffffffffffffffffffffff'),
    );
    expect(code).to.equal('not_found');
    expect(asked).to.deep.equal([]);
  });
});

describe('what the gate asks for (hold 90)', () => {
  let app: TestApp;
  let kit: Kit;
  let begun: unknown[];

  before(async () => {
    const own = methods(
      {
        totp: {},
        mail_code: { kind: 'mailbox', amr: 'email' },
        // Serves where another asks, as recovery codes and a lone passkey do.
        spare: { isRequired: () => false },
        // A rule of the app's: whoever has a phone number needs a second step, set up or not.
        policy: { isSetUp: () => false, isRequired: (user) => Boolean(Object(user).phone) },
        telling: {
          async begin({ email }) {
            begun.push(email);
            return { for: email };
          },
        },
      },
      (given) => {
        kit = given;
      },
    );
    app = await createTestApp({ features: [own] });
  });
  after(() => app.close());
  beforeEach(() => {
    begun = [];
  });

  async function userWith(waysIn: string[], fields: object = {}): Promise<UserDocument> {
    const { id } = await app.register({ ...fields });
    for (const method of waysIn)
      await addWayIn(kit, (await app.User.findById(id))?._id, { method, id: 'one' });
    return (await kit.users.findById(id, { withCredentials: true })) as UserDocument;
  }
  const context = { ip: null, userAgent: null, acceptLanguage: null };
  const proof = (method: string, ...kinds: Proof['kinds']): Proof => ({
    method,
    kinds,
    amr: [method],
    at: kit.now(),
  });
  const PROOFS = {
    password: ['knowledge'],
    link: ['mailbox'],
    provider: ['federated'],
    device: ['device'],
    passkey: ['device', 'knowledge'],
  } as const;
  const password = () => proof('password', 'knowledge');

  /** The methods that are asked for; undefined when nothing is. */
  async function asked(user: UserDocument, ...proofs: Proof[]): Promise<unknown> {
    try {
      await signIn(kit, user, { proofs, context });
      return undefined;
    } catch (error) {
      if (!(error instanceof SecondFactorRequired)) throw error;
      return error.extensions['methods'];
    }
  }

  const table: [waysIn: string[], shown: (keyof typeof PROOFS)[], expected: string[] | undefined][] = [
    [[], ['password'], undefined],
    [[], ['link'], undefined],
    [['spare'], ['password'], undefined],
    [['totp'], ['password'], ['totp']],
    [['totp'], ['link'], ['totp']],
    [['totp'], ['provider'], ['totp']],
    [['totp', 'spare'], ['password'], ['totp', 'spare']],
    [['totp', 'mail_code'], ['password'], ['totp', 'mail_code']],
    [['totp', 'mail_code'], ['link'], ['totp']],
    [['totp'], ['password', 'link'], undefined],
    [['totp'], ['password', 'password'], ['totp']],
    [['totp'], ['passkey'], undefined],
    // Two of one kind are one factor: nobody gets in.
    [['totp'], ['device'], []],
    [['mail_code'], ['link'], []],
    [['mail_code'], ['link', 'link'], []],
  ];
  for (const [waysIn, shown, expected] of table) {
    const what = expected === undefined ? 'nothing' : expected.join(' or ') || 'what is not there';
    it(`is ${what}, of who has set up ${waysIn.join(', ') || 'nothing'} and shows ${shown.join(', ')}`, async () => {
      const user = await userWith(waysIn);
      const proofs = shown.map((name) => proof(name, ...PROOFS[name]));
      expect(await asked(user, ...proofs)).to.deep.equal(expected);
      const sessions = app.connection.collection('auth_sessions');
      expect(await sessions.countDocuments({ user: user._id })).to.equal(expected ? 0 : 1);
    });
  }

  it('may be asked for by a rule, of who has nothing set up: then nobody gets in', async () => {
    expect(await asked(await userWith([], { phone: '1' }), password())).to.deep.equal([]);
    expect(await asked(await userWith(['totp'], { phone: '1' }), password())).to.deep.equal(['totp']);
  });

  it('is begun by the method, which tells the client what it needs', async () => {
    const user = await userWith(['telling']);
    const refused = await failureOf<SecondFactorRequired>(() =>
      signIn(kit, user, { proofs: [password()], context }),
    );
    expect(refused.extensions).to.deep.include({ telling: { for: user.email }, methods: ['telling'] });
    expect(begun).to.deep.equal([user.email]);
  });

  it('is decided on a user whose ways in are loaded, and on no other (hold 89)', async () => {
    const bare = (await kit.users.findById((await app.register()).id)) as UserDocument;
    // Handed to the app: what sign-in goes by was taken off it.
    const made = await createUser(kit, { email: 'made@example.com', password: PASSWORD, context });
    const used = await userWith(['totp']);
    await signIn(kit, used, { proofs: [password()], context, bypassSecondFactor: true });
    for (const user of [bare, made, used]) {
      for (const bypassSecondFactor of [false, true]) {
        const signingIn = () => signIn(kit, user, { proofs: [password()], context, bypassSecondFactor });
        expect((await failureOf(signingIn)).message).to.equal('signIn: load the user with its credentials');
      }
    }
  });

  it('is not the question for a disabled user, whoever forgot to look', async () => {
    const { id } = await app.register();
    await app.auth.service.disableUser(id);
    const user = (await kit.users.findById(id, { withCredentials: true })) as UserDocument;
    for (const bypassSecondFactor of [false, true]) {
      const signingIn = () => signIn(kit, user, { proofs: [password()], context, bypassSecondFactor });
      expect((await failureOf<AuthError>(signingIn)).code).to.equal('invalid_credentials');
    }
  });

  it('is not the question where nothing was shown', async () => {
    const user = await userWith([]);
    const error = await failureOf(() => signIn(kit, user, { proofs: [], context }));
    expect(error.message).to.equal('signIn: nothing was shown');
  });
});

describe('how long a sign-in lasts', () => {
  it('is rounded to whole seconds', async () => {
    const app = await createTestApp({ refreshTokenExpireDays: 0.7, accessTokenExpireMinutes: 1 / 60 });
    try {
      const { refresh_token, expires_in } = await app.signUp();
      const { iat = 0, exp } = jwt.decode(refresh_token) as jwt.JwtPayload;
      expect([expires_in, exp]).to.deep.equal([1, iat + 60_480]);
    } finally {
      await app.close();
    }
  });
});
