import { randomBytes } from 'node:crypto';
import { expect } from 'chai';
import { type AuthEvents, createAuthRouter, type TokenPair, Unavailable } from 'express-auth-kit';
import { createClock } from 'express-auth-kit/testing';
import jwt from 'jsonwebtoken';
import mongoose from 'mongoose';
import { createEvents } from '../../lib/core/events.js';
import { createSessionLimit } from '../../lib/core/session-limit.js';
import { stampOf } from '../../lib/models/security-stamp.js';
import { draftSession } from '../../lib/models/session-store.js';
import { holdCommands, holdOne } from '../conformance/hold-back.js';
import { recordEvents } from '../conformance/record-events.js';
import { type Command, isWrite, recordCommands } from '../support/commands.js';
import { failureOf } from '../support/failure.js';
import { failCommands } from '../support/intercept-commands.js';
import { createTestApp, PASSWORD, type TestApp } from '../support/test-app.js';
import { createTestStores } from '../support/test-stores.js';

const AT_ONCE = 50;
const HOUR = 3_600_000;
const secretKey = randomBytes(32).toString('base64');

function sid({ access_token }: TokenPair): string {
  return (jwt.decode(access_token) as jwt.JwtPayload).sid;
}

describe('the number of sessions of a user', () => {
  let app: TestApp;
  before(async () => {
    app = await createTestApp({ sessionsPerUser: 3, secretKey });
  });
  after(() => app.close());

  const refresh = (refresh_token: string) => app.http.post('/auth/refresh').send({ refresh_token });
  const alive = async (id: string) => (await app.auth.service.listSessions(id)).map((session) => session.id);
  const ended = () => {
    const events = recordEvents(app.auth, ['session.ended']);
    return () => events.map(([, event]) => event as AuthEvents['session.ended']);
  };

  it('is kept by a login: the session that was used least recently goes', async () => {
    const user = await app.register();
    const logins: TokenPair[] = [];
    for (let count = 0; count < 3; count += 1) {
      logins.push(await app.login(user));
      app.clock.advance(1000);
    }
    const [first, second, third] = logins as [TokenPair, TokenPair, TokenPair];
    const { body } = await refresh(first.refresh_token).expect(200);
    const events = ended();
    const where = { ip: '203.0.113.7', userAgent: 'Firefox' };
    const fourth = await app.auth.service.issueTokens(user.id, where);
    expect(await alive(user.id)).to.deep.equal([fourth, third, first].map(sid));
    const event = { userId: user.id, sessionId: sid(second), reason: 'displaced', ...where };
    expect(events()).to.deep.equal([event]);
    await refresh(second.refresh_token).expect(401);
    await refresh(body.refresh_token).expect(200);
  });

  it('leaves alone who has fewer, for one more question to the database and no write', async () => {
    const user = await app.register();
    for (let count = 0; count < 3; count += 1) {
      const commands = await recordCommands(app.connection, () => app.login(user));
      expect(commands.filter(isWrite).map(({ name }) => name)).to.deep.equal(['insert']);
    }
    expect(await alive(user.id)).to.have.length(3);
  });

  it('does not count what is over, nor what is another’s', async () => {
    const user = await app.register();
    const other = await app.signUp();
    const pairs = [await app.login(user), await app.login(user), await app.login(user)];
    await app.http.post('/auth/logout').send({ refresh_token: pairs[0]?.refresh_token }).expect(204);
    const events = ended();
    await app.login(user);
    expect(events()).to.deep.equal([]);
    // Ended by a stamp, and not cleared away.
    const sweep = failCommands(({ name, collection }) => name === 'delete' && collection === 'auth_sessions');
    try {
      await app.auth.service.revokeSessions(user.id);
    } finally {
      sweep.heal();
    }
    for (let count = 0; count < 3; count += 1) await app.login(user);
    expect(events().map(({ reason }) => reason)).to.deep.equal(['revoked']);
    expect(await alive(user.id)).to.have.length(3);
    expect(await alive(other.id)).to.have.length(1);
  });

  it('is come down to at the next login where it was higher before', async () => {
    const user = await app.register();
    const many = createAuthRouter({ User: app.User, secretKey, clock: app.clock, logger: { warn() {} } });
    for (let count = 0; count < 10; count += 1) await many.service.issueTokens(user.id);
    const newest = await app.login(user);
    expect(await alive(user.id)).to.have.length(3);
    expect((await alive(user.id))[0]).to.equal(sid(newest));
  });

  it('is no matter of a new password: the session that takes the place of the others displaces none', async () => {
    const user = await app.register();
    const pairs = [await app.login(user), await app.login(user), await app.login(user)];
    const events = ended();
    const body = { current_password: PASSWORD, new_password: 'another good one' };
    const authorization = `Bearer ${pairs[0]?.access_token}`;
    await app.http.post('/auth/change-password').set({ authorization }).send(body).expect(200);
    expect(events().map(({ reason }) => reason)).to.deep.equal(['password_changed']);
    expect(await alive(user.id)).to.have.length(1);
  });

  it('fails a login where it cannot be kept, and the next one makes up for it', async () => {
    const user = await app.register();
    for (let count = 0; count < 3; count += 1) await app.login(user);
    const isEnding = ({ name, collection }: { name: string; collection: string }) =>
      name === 'delete' && collection === 'auth_sessions';
    const login = () => app.auth.service.issueTokens(user.id);
    const cut = failCommands(isEnding);
    try {
      expect((await failureOf(login)).message).to.equal('cut off');
      expect(cut.failed).to.have.length(1);
    } finally {
      cut.heal();
    }
    const pair = await login();
    const left = await alive(user.id);
    expect(left).to.have.length(3);
    expect(left[0]).to.equal(sid(pair));
  });

  for (const [what, ms] of [
    ['ahead', HOUR],
    ['behind', -HOUR],
  ] as const) {
    it(`lets the newest login stay, though the clock of its process is ${what}`, async () => {
      const clock = createClock(new Date(app.clock.now() + ms));
      const options = { User: app.User, secretKey, clock, sessionsPerUser: 3, logger: { warn() {} } };
      const { service } = createAuthRouter(options);
      const user = await app.register();
      for (let count = 0; count < 4; count += 1) {
        for (const each of [app.auth.service, service]) {
          const pair = await each.issueTokens(user.id);
          expect((await alive(user.id))[0]).to.equal(sid(pair));
        }
      }
      expect(await alive(user.id)).to.have.length(3);
    });
  }

  it('lets a login that finds newer ones in all the places end its own session, and none of theirs', async () => {
    const stores = await createTestStores();
    try {
      const events = createEvents({});
      const told: object[] = [];
      events.on('session.ended', (event) => void told.push(event));
      const [now, expiresAt] = [new Date(0), new Date(HOUR)];
      const limit = createSessionLimit({ ...stores, events, now: () => now, most: 2 });
      const user = await stores.addUser();
      const store = () => {
        const opening = { proofs: [], now, expiresAt, ip: null, userAgent: null };
        return stores.sessions.create(draftSession({ user: user._id, stamp: stampOf(user), ...opening }));
      };
      const [first, second, third] = [await store(), await store(), await store()];
      const context = { ip: '203.0.113.7', userAgent: 'UA', acceptLanguage: null };
      await limit({ session: first, context });
      const left = await stores.sessions.list(user._id, now);
      expect(left.map(({ _id }) => _id)).to.deep.equal([third._id, second._id]);
      const event = { userId: user.id, sessionId: String(first._id), reason: 'displaced' };
      expect(told).to.deep.equal([{ ...event, ip: '203.0.113.7', userAgent: 'UA' }]);
      // Nothing is left to be done, for whichever of them it is asked.
      for (const session of [first, second, third]) await limit({ session, context });
      expect(told).to.have.length(1);
    } finally {
      await stores.database.drop();
    }
  });

  it('lets a login that is overtaken by a newer one leave that alone', async () => {
    const options = { User: app.User, secretKey, clock: app.clock, logger: { warn() {} } };
    const [slow, fast] = [0, 1].map(() => createAuthRouter({ ...options, sessionsPerUser: 1 }).service);
    const { id } = await app.register();
    // The first has stored its session and is slow to look: by then there is a newer one.
    const hold = holdOne(
      ({ name, collection }) => name === 'find' && collection === 'auth_sessions',
      'question',
    );
    const overtaken = slow?.issueTokens(id);
    await hold.reached;
    const pair = await fast?.issueTokens(id);
    hold.release();
    expect((await overtaken)?.refresh_token).to.be.a('string');
    expect(await alive(id)).to.deep.equal([sid(pair as TokenPair)]);
  });

  it('lets a login that is over before it begins take no place, and leaves nothing of it (hold 41)', async () => {
    const options = { User: app.User, secretKey, clock: app.clock, logger: { warn() {} } };
    const { service } = createAuthRouter({ ...options, sessionsPerUser: 1 });
    const { id } = await app.register();
    const kept = sid(await service.issueTokens(id));
    const ofSessions = ({ collection }: Command) => collection === 'auth_sessions';
    // The login has found the user, and stores its session when the others have been ended but not cleared away.
    const storing = holdCommands((command) => ofSessions(command) && command.name === 'insert');
    const tidying = holdCommands(
      (command) =>
        ofSessions(command) &&
        (JSON.stringify(command.body).includes('$pull') || 'stamps' in (command.filters[0] ?? {})),
    );
    try {
      const login = service.issueTokens(id);
      await storing.reached;
      const ending = service.revokeSessions(id, { except: kept });
      await tidying.reached;
      storing.release();
      const late = sid(await login);
      const stored = await app.connection.collection('auth_sessions').find({}).toArray();
      const ids = stored.map(({ _id }) => String(_id));
      expect([ids.includes(kept), ids.includes(late)]).to.deep.equal([true, false]);
      tidying.release();
      await ending;
      expect(await alive(id)).to.deep.equal([kept]);
    } finally {
      storing.release();
      tidying.release();
    }
  });

  describe('at once', () => {
    let connections: mongoose.Connection[];
    before(async () => {
      connections = await Promise.all(
        [0, 1].map(() => mongoose.createConnection(app.uri, { maxPoolSize: 10 }).asPromise()),
      );
      for (const connection of connections) connection.model('User', app.User.schema);
    });
    after(() => Promise.all(connections.map((connection) => connection.close())));

    /** On a busy machine some may be refused; who repeats them gets in. */
    const insist = async <T>(login: () => Promise<T>): Promise<T> => {
      for (;;) {
        try {
          return await login();
        } catch (error) {
          if (!(error instanceof Unavailable)) throw error;
        }
      }
    };

    for (const cap of [1, 5]) {
      for (const [what, clocks] of [
        ['one process', [0]],
        ['two', [0, 0]],
        ['two whose clocks differ', [0, -HOUR]],
      ] as const) {
        it(`is never more than ${cap} after ${AT_ONCE} logins in ${what}, and all are answered`, async () => {
          const routers = clocks.map((ms, index) =>
            createAuthRouter({
              User: connections[index]?.models['User'] as unknown as typeof app.User,
              secretKey,
              clock: createClock(new Date(app.clock.now() + ms)),
              sessionsPerUser: cap,
              logger: { warn() {} },
            }),
          );
          const { id } = await app.register();
          const events = routers.map((router) => recordEvents(router, ['session.ended']));
          // Not by a password: of so many hashes at once most would have to wait.
          const logins = Array.from(
            { length: AT_ONCE },
            (_, index) => routers[index % routers.length]?.service,
          ).map((service) => insist(async () => service?.issueTokens(id)));
          expect((await Promise.all(logins)).filter(Boolean)).to.have.length(AT_ONCE);
          const left = await alive(id);
          // By one clock it is known who was used least recently: then no place is left empty.
          expect(left.length).to.be.within(clocks.length === 1 ? cap : 1, cap);
          const ended = events.flat().map(([, event]) => (event as AuthEvents['session.ended']).sessionId);
          expect(new Set(ended).size).to.equal(ended.length);
          expect(ended.length).to.be.at.least(AT_ONCE - left.length);
          // Who logs in now, by whichever process, is in.
          for (const { service } of routers) {
            const pair = await insist(() => service.issueTokens(id));
            expect((await alive(id))[0]).to.equal(sid(pair));
          }
        });
      }
    }
  });
});
