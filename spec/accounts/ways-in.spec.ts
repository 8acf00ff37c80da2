import { expect } from 'chai';
import { type AuthError, LastWayIn } from 'express-auth-kit';
import jwt from 'jsonwebtoken';
import { Types } from 'mongoose';
import { addWayIn, removeWayIn } from '../../lib/accounts/ways-in.js';
import type { Kit } from '../../lib/kit.js';
import type { UserDocument } from '../../lib/models/user.js';
import { recordEvents } from '../conformance/record-events.js';
import { expectRefusal } from '../http/expect-refusal.js';
import { methods } from '../own-features/methods.js';
import { failureOf } from '../support/failure.js';
import { bearer, createTestApp, PASSWORD, type TestApp } from '../support/test-app.js';

const ORIGIN = { ip: '203.0.113.7', userAgent: 'UA' };
const CONTEXT = { ...ORIGIN, acceptLanguage: null };
const TOTP = { method: 'totp', id: 'a' };
const PASSKEY = { method: 'passkey', id: 'b' };
const GOOGLE = { method: 'google', id: 'c' };

describe('the ways in of a user', () => {
  let app: TestApp;
  let kit: Kit;
  const shown: object[] = [];

  before(async () => {
    // None asks for a second step: these specs are about what is set up.
    const isRequired = () => false;
    const given = {
      totp: { isRequired },
      passkey: { isRequired, letsIn: true },
      google: { isRequired, letsIn: true, kind: 'federated' },
    } as const;
    app = await createTestApp({
      features: [
        methods(given, (own) => {
          kit = own;
        }),
      ],
      hooks: { beforeSignIn: ({ user }) => void shown.push(user.toObject()) },
      finish(each, auth) {
        for (const [path, guard] of [
          ['/required', auth.requireUser],
          ['/optional', auth.optionalUser],
        ] as const) {
          each.get(path, guard, (req, res) => {
            const user = req.user as UserDocument | undefined;
            res.json(user?.toObject({ transform: false }));
          });
        }
      },
    });
  });
  after(() => app.close());

  const idOf = (user: { id: string }) => new Types.ObjectId(user.id);
  const stored = (user: { id: string }) => app.connection.collection('users').findOne({ _id: idOf(user) });
  const waysIn = async (user: { id: string }) => (await stored(user))?.['waysIn'];
  const sid = (token: string) => (jwt.decode(token) as jwt.JwtPayload).sid as string;
  const expectIn = async ({
    access_token,
    refresh_token,
  }: {
    access_token: string;
    refresh_token: string;
  }) => {
    await app.http.get('/protected').set(bearer(access_token)).expect(200);
    await app.http.post('/auth/refresh').send({ refresh_token }).expect(200);
  };
  const expectOut = async ({
    access_token,
    refresh_token,
  }: {
    access_token: string;
    refresh_token: string;
  }) => {
    expectRefusal(await app.http.get('/protected').set(bearer(access_token)), 'invalid_token');
    expectRefusal(await app.http.post('/auth/refresh').send({ refresh_token }), 'invalid_refresh_token');
  };

  /** A user who is signed in and has set these up; unless it is said, without a password. */
  async function userWith(entries: readonly (typeof TOTP)[], { password = false } = {}) {
    const user = await app.signUp();
    const { access_token } = user;
    for (const entry of entries) {
      expect(await addWayIn(kit, idOf(user), entry, { except: sid(access_token) })).to.equal(true);
    }
    if (!password) await app.User.collection.updateOne({ _id: idOf(user) }, { $unset: { password: 1 } });
    return user;
  }

  describe('adding one', () => {
    it('notes it, with the time, and ends the other sessions with both their tokens', async () => {
      const user = await app.signUp();
      const other = await app.login(user);
      const stamp = (await stored(user))?.['securityStamp'];
      const events = recordEvents(app.auth);
      const options = { except: sid(user.access_token), context: CONTEXT };
      expect(await addWayIn(kit, idOf(user), TOTP, options)).to.equal(true);
      expect(await waysIn(user)).to.deep.equal([{ ...TOTP, addedAt: new Date(app.clock.now()) }]);
      expect((await stored(user))?.['securityStamp'])
        .to.be.a('string')
        .and.not.equal(stamp);
      await expectOut(other);
      await expectIn(user);
      const ended = { userId: user.id, sessionId: null, reason: 'way_in_added', ...ORIGIN };
      expect(events).to.deep.equal([['session.ended', ended]]);
    });

    it('ends all sessions where none is to go on', async () => {
      const user = await app.signUp();
      expect(await addWayIn(kit, idOf(user), TOTP)).to.equal(true);
      await expectOut(user);
    });

    it('says false the second time, and changes and ends nothing', async () => {
      const user = await userWith([TOTP], { password: true });
      const [before, other] = [await stored(user), await app.login(user)];
      const events = recordEvents(app.auth);
      app.clock.advance(1000);
      expect(await addWayIn(kit, idOf(user), TOTP, { except: sid(user.access_token) })).to.equal(false);
      expect(await addWayIn(kit, idOf(user), TOTP)).to.equal(false);
      expect(await stored(user)).to.deep.equal(before);
      expect(events).to.deep.equal([]);
      await expectIn(user);
      await expectIn(other);
    });

    it('is done once of ten at once, and who goes on in one of them goes on', async () => {
      const user = await app.signUp();
      const options = { except: sid(user.access_token) };
      const add = () => addWayIn(kit, idOf(user), TOTP, options);
      const added = await Promise.all(Array.from({ length: 10 }, add));
      expect(added.filter(Boolean)).to.have.length(1);
      expect(await waysIn(user)).to.have.length(1);
      await expectIn(user);
    });

    it('says false where there is no such user', async () => {
      expect(await addWayIn(kit, new Types.ObjectId(), TOTP)).to.equal(false);
    });
  });

  describe('removing one', () => {
    it('strikes it out, and ends the other sessions with both their tokens', async () => {
      const user = await userWith([TOTP, PASSKEY], { password: true });
      const other = await app.login(user);
      const events = recordEvents(app.auth);
      const options = { except: sid(user.access_token), context: CONTEXT };
      expect(await removeWayIn(kit, idOf(user), TOTP, options)).to.equal(true);
      expect((await waysIn(user)).map(({ method }: typeof TOTP) => method)).to.deep.equal(['passkey']);
      await expectOut(other);
      await expectIn(user);
      const ended = { userId: user.id, sessionId: null, reason: 'way_in_removed', ...ORIGIN };
      expect(events).to.deep.equal([['session.ended', ended]]);
    });

    it('says false where it is not there, and changes and ends nothing', async () => {
      const user = await userWith([PASSKEY]);
      const before = await stored(user);
      for (const entry of [GOOGLE, { ...PASSKEY, id: 'z' }, { ...TOTP, id: 'b' }, { method: 'x', id: 'b' }]) {
        expect(await removeWayIn(kit, idOf(user), entry)).to.equal(false);
      }
      expect(await stored(user)).to.deep.equal(before);
      await expectIn(user);
    });

    it('says false where there is no such user', async () => {
      expect(await removeWayIn(kit, new Types.ObjectId(), PASSKEY)).to.equal(false);
    });

    for (const [what, entries] of [
      ['the only one', [PASSKEY]],
      ['beside it only what lets nobody in by itself', [TOTP, PASSKEY]],
    ] as const) {
      it(`refuses the last of a user without a password, ${what}, and changes nothing`, async () => {
        const user = await userWith(entries);
        const before = await stored(user);
        const events = recordEvents(app.auth);
        for (const options of [{}, { except: sid(user.access_token) }]) {
          const error = await failureOf<AuthError>(() => removeWayIn(kit, idOf(user), PASSKEY, options));
          expect(error).to.be.an.instanceOf(LastWayIn);
          expect(error).to.include({
            status: 409,
            code: 'last_way_in',
            detail: 'This is the last way to sign in',
            message: 'This is the last way to sign in',
          });
        }
        expect(await stored(user)).to.deep.equal(before);
        expect(events).to.deep.equal([]);
        await expectIn(user);
      });
    }

    it('lets the last one go where there is a password', async () => {
      const user = await userWith([PASSKEY], { password: true });
      expect(await removeWayIn(kit, idOf(user), PASSKEY)).to.equal(true);
      expect(await waysIn(user)).to.deep.equal([]);
    });

    it('lets one of two go, then refuses the other', async () => {
      const user = await userWith([PASSKEY, GOOGLE]);
      expect(await removeWayIn(kit, idOf(user), PASSKEY)).to.equal(true);
      const error = await failureOf<AuthError>(() => removeWayIn(kit, idOf(user), GOOGLE));
      expect(error).to.include({ code: 'last_way_in' });
    });

    it('lets go what lets nobody in by itself, though nothing else is there', async () => {
      const unknown = { method: 'no longer a feature', id: 'a' };
      const user = await userWith([TOTP, unknown]);
      expect(await removeWayIn(kit, idOf(user), TOTP)).to.equal(true);
      expect(await removeWayIn(kit, idOf(user), unknown)).to.equal(true);
      expect(await waysIn(user)).to.deep.equal([]);
    });

    it('keeps one of two that go at once, twenty times', async () => {
      for (let round = 0; round < 20; round += 1) {
        const user = await userWith([PASSKEY, GOOGLE]);
        const remove = (entry: typeof TOTP) =>
          removeWayIn(kit, idOf(user), entry).catch(({ code }: AuthError) => code);
        const outcomes = await Promise.all([remove(PASSKEY), remove(GOOGLE)]);
        expect(outcomes).to.have.members([true, 'last_way_in']);
        expect(await waysIn(user)).to.have.length(1);
      }
    });
  });

  describe('are the kit’s own business', () => {
    it('are in no answer about the user (hold 66)', async () => {
      const user = await userWith([TOTP], { password: true });
      const service = await app.auth.service.verifyAccessToken(user.access_token);
      const bodies = [
        (await app.http.get('/auth/me').set(bearer(user.access_token)).expect(200)).body,
        (await app.http.get('/me').set(bearer(user.access_token)).expect(200)).body,
        JSON.parse(JSON.stringify(service.user)),
        JSON.parse(JSON.stringify(await kit.users.findById(user.id, { withCredentials: true }))),
      ];
      for (const body of bodies) {
        expect(body).to.include({ email: user.email }).and.not.have.any.keys('waysIn');
        expect(JSON.stringify(body)).to.not.include('totp');
      }
    });

    it('are not loaded on req.user, nor on the user that a hook is given', async () => {
      const user = await userWith([TOTP], { password: true });
      for (const path of ['/required', '/optional']) {
        const { body } = await app.http.get(path).set(bearer(user.access_token)).expect(200);
        expect(body).to.include({ email: user.email }).and.not.have.any.keys('waysIn');
      }
      shown.length = 0;
      await app.login(user);
      expect(shown).to.have.length(1);
      expect(shown[0]).to.include({ email: user.email }).and.not.have.any.keys('waysIn');
    });

    it('are not loaded by what the app asks of its own model', async () => {
      const { id, email } = await userWith([TOTP], { password: true });
      for (const user of [await app.User.findById(id), await app.User.findOne({ email }).lean()]) {
        expect(JSON.stringify(user)).to.include(email).and.not.include('waysIn').and.not.include('totp');
      }
    });

    it('cannot be set by a registration', async () => {
      const email = 'chosen-ways-in@example.com';
      const chosen = { ...PASSKEY, addedAt: '2030-01-01T00:00:00.000Z' };
      const body = {
        email,
        password: PASSWORD,
        waysIn: [chosen],
        'waysIn.0': chosen,
        $set: { waysIn: [chosen] },
      };
      const answer = await app.http.post('/auth/register').send(body).expect(201);
      expect(JSON.stringify(answer.body)).to.not.include('waysIn').and.not.include('passkey');
      expect(await app.User.collection.findOne({ email })).to.not.have.any.keys('waysIn');
    });

    for (const option of ['registerFields', 'profileFields']) {
      it(`stop the start when ${option} names them`, async () => {
        const error = await failureOf<TypeError>(async () =>
          (await createTestApp({ [option]: ['phone', 'waysIn'] })).close(),
        );
        expect(error).to.be.an.instanceOf(TypeError);
        expect(error.message).to.equal(
          `${option}: "waysIn" given; allowed: fields of the app's own, not of the base user`,
        );
      });
    }
  });

  it('take an operator in place of an id for data', async () => {
    const user = await userWith([TOTP, PASSKEY], { password: true });
    const operator = { method: 'passkey', id: { $ne: null } } as never;
    expect(await removeWayIn(kit, idOf(user), operator)).to.equal(false);
    const entries = (await waysIn(user)) as (typeof TOTP)[];
    expect(entries.map(({ id }) => id)).to.deep.equal(['a', 'b']);
  });

  it('leave no stamp behind with the session that goes on, where nothing was changed', async () => {
    const user = await userWith([PASSKEY]);
    const except = sid(user.access_token);
    for (let time = 0; time < 3; time += 1) {
      await failureOf(() => removeWayIn(kit, idOf(user), PASSKEY, { except }));
      expect(await addWayIn(kit, idOf(user), PASSKEY, { except })).to.equal(false);
    }
    const session = await app.connection
      .collection('auth_sessions')
      .findOne({ _id: new Types.ObjectId(except) });
    expect(session?.['stamps']).to.have.length(1);
    await expectIn(user);
  });

  it('go by the text of the user’s id too, as the claims have it', async () => {
    const user = await app.signUp();
    const other = await app.login(user);
    expect(await addWayIn(kit, user.id, TOTP, { except: sid(user.access_token) })).to.equal(true);
    await expectOut(other);
    await expectIn(user);
    expect(await removeWayIn(kit, user.id, TOTP, { except: sid(user.access_token) })).to.equal(true);
    expect(await waysIn(user)).to.deep.equal([]);
    expect(await addWayIn(kit, 'nobody', TOTP)).to.equal(false);
  });
});
