import { expect } from 'chai';
import mongoose, { Types } from 'mongoose';
import { draftSession, type Session } from '../../lib/models/session-store.js';
import { isWrite, recordCommands } from '../support/commands.js';
import { bearer, createTestApp } from '../support/test-app.js';
import { createTestStores, type TestStores } from '../support/test-stores.js';
import { after_, DAY, GRACE, START, sessionsIn, storeSession } from './stored-session.js';

describe('the session store', () => {
  let stores: TestStores;
  let user: Types.ObjectId;

  before(async () => {
    stores = await createTestStores();
  });
  after(() => stores.database.drop());
  beforeEach(() => {
    user = new Types.ObjectId();
  });

  const login = (owner = user, stamp = 'stamp', expiresAt = after_(30 * DAY), now = START) =>
    storeSession(stores, { user: owner, stamp, expiresAt, now });
  const collection = () => sessionsIn(stores);
  const stored = (session: Session) => collection().findOne({ _id: session._id });
  const rotate = (session: Session, generation: number, now = START, graceMs = GRACE, owner = user) =>
    stores.sessions.rotate(owner, session._id.toString(), { generation, now, graceMs });

  it('stores a session as the contract says, and nothing else', async () => {
    const draft = { user, stamp: 'stamp', proofs: [], now: START, expiresAt: after_(30 * DAY) };
    const where = { ip: '127.0.0.1', userAgent: 'spec', deviceName: 'Till 3' };
    const { _id } = await stores.sessions.create(draftSession({ ...draft, ...where }));
    const { order, ...session } = (await collection().findOne({ _id })) as unknown as Session;
    expect(order).to.be.an.instanceOf(mongoose.mongo.Timestamp);
    expect(order?.toString()).to.not.equal('0');
    expect(session).to.deep.equal({
      _id,
      user,
      kind: 'users',
      generation: 0,
      proofs: [],
      authTime: START,
      rotatedAt: START,
      shownAt: null,
      stamps: ['stamp'],
      createdAt: START,
      lastUsedAt: START,
      expiresAt: after_(30 * DAY),
      ip: '127.0.0.1',
      userAgent: 'spec',
      deviceName: 'Till 3',
    });
  });

  it('has an index to find a user’s sessions by, and one that only tidies up', async () => {
    await login();
    const indexes = await collection().indexes();
    expect(indexes.map(({ key }) => key)).to.deep.include({ user: 1, kind: 1, _id: 1 });
    expect(indexes.find(({ key }) => 'expiresAt' in key)).to.include({ expireAfterSeconds: 0 });
  });

  it('names the user in every query, so that there is room for a shard key', async () => {
    const session = await login();
    const id = session._id.toString();
    const expectOutcome = async (outcome: string, generation: number, now = START) =>
      expect((await rotate(session, generation, now)).outcome).to.equal(outcome);
    /** With the commands that they may send at most. */
    const operations: [what: string, most: number, run: () => Promise<unknown>][] = [
      ['finding', 1, () => stores.sessions.find(user, id, START)],
      ['listing', 1, () => stores.sessions.list(user, START)],
      ['rotating', 1, () => expectOutcome('rotated', 0)],
      ['repeating', 2, () => expectOutcome('repeated', 0)],
      [
        'noting that one was shown',
        1,
        () => stores.sessions.noteShown(user, id, { generation: 1, now: START }),
      ],
      ['refusing', 3, () => expectOutcome('refused', 5)],
      ['keeping', 1, () => stores.sessions.keep(user, id, { generation: 0, now: START })],
      ['admitting a stamp', 1, () => stores.sessions.admitStamp(user, id, 'next')],
      ['dropping a stamp', 1, () => stores.sessions.dropStamp(user, id, 'next')],
      ['finding a replay', 4, () => expectOutcome('replayed', 0, after_(GRACE))],
      ['ending', 1, () => stores.sessions.end(user, id)],
      ['ending under a stamp', 1, () => stores.sessions.endUnder(user, 'stamp', { except: id })],
    ];
    for (const [what, most, run] of operations) {
      const commands = await recordCommands(stores.database.connection, run);
      expect(commands.length, what).to.be.within(1, most);
      for (const { collection, filters } of commands) {
        expect(collection, what).to.equal('auth_sessions');
        expect(filters, what).to.have.length(1);
        expect(filters[0], what).to.deep.include({ user });
      }
    }
  });

  describe('finding', () => {
    it('gives a session to its user', async () => {
      const session = await login();
      expect(await stores.sessions.find(user, session._id.toString(), START)).to.deep.equal(session);
    });

    it('gives nothing to another user (hold 43)', async () => {
      const session = await login();
      expect(await stores.sessions.find(new Types.ObjectId(), session._id.toString(), START)).to.equal(
        undefined,
      );
    });

    it('gives nothing for a malformed id', async () => {
      for (const id of ['', 'x', 'x'.repeat(12), '0'.repeat(24), '{"$ne":null}']) {
        expect(await stores.sessions.find(user, id, START)).to.equal(undefined);
      }
    });

    it('knows itself when a session is over: the index may be late (hold 39)', async () => {
      const session = await login();
      const id = session._id.toString();
      expect(await stores.sessions.find(user, id, after_(30 * DAY - 1))).to.not.equal(undefined);
      expect(await stores.sessions.find(user, id, after_(30 * DAY))).to.equal(undefined);
      expect(await stored(session)).to.not.equal(null);
    });
  });

  describe('listing', () => {
    const idsOf = (sessions: readonly Session[]) => sessions.map(({ _id }) => _id.toString());

    it('gives a user’s sessions, the newest login first, whatever the clocks and the ids say', async () => {
      const expiresAt = after_(30 * DAY);
      const logins: Session[] = [];
      for (const ms of [DAY, 0, -DAY, 0]) logins.push(await login(user, 'stamp', expiresAt, after_(ms)));
      // Of another process: its ids begin in another way.
      const [first] = logins as [Session];
      const foreign = { ...first, _id: new Types.ObjectId('000000000000000000000001') };
      const { _id } = await stores.sessions.create(foreign);
      const listed = await stores.sessions.list(user, START);
      expect(idsOf(listed)).to.deep.equal([String(_id), ...idsOf(logins.reverse())]);
    });

    it('gives none that are over, and none of another user’s (holds 39, 43)', async () => {
      const session = await login();
      await login(user, 'stamp', START);
      await login(new Types.ObjectId());
      expect(idsOf(await stores.sessions.list(user, START))).to.deep.equal(idsOf([session]));
      expect(await stores.sessions.list(user, after_(30 * DAY))).to.deep.equal([]);
    });

    it('gives all of more than a hundred', async () => {
      const session = await login();
      const others = Array.from({ length: 119 }, () => ({ ...session, _id: new Types.ObjectId() }));
      await collection().insertMany(others as never);
      expect(await stores.sessions.list(user, START)).to.have.length(120);
    });

    it('has those last that were stored before there was an order', async () => {
      const former = await login();
      await collection().updateOne({ _id: former._id }, { $unset: { order: 1, deviceName: 1 } });
      const session = await login();
      expect(idsOf(await stores.sessions.list(user, START))).to.deep.equal(idsOf([session, former]));
    });
  });

  describe('with a time that it may be idle', () => {
    const IDLE = 7 * DAY;
    let idle: TestStores;
    before(async () => {
      idle = await createTestStores({ database: stores.database, idleMs: IDLE });
    });

    it('is over when it was not refreshed for so long, with the document still there', async () => {
      const session = await login();
      const id = session._id.toString();
      const now = after_(IDLE);
      expect(await idle.sessions.find(user, id, after_(IDLE - 1))).to.deep.equal(session);
      expect(await idle.sessions.find(user, id, now)).to.equal(undefined);
      const presented = { generation: 0, now, graceMs: GRACE };
      expect(await idle.sessions.rotate(user, id, presented)).to.deep.equal({ outcome: 'refused' });
      expect(await idle.sessions.keep(user, id, presented)).to.deep.equal({ outcome: 'refused' });
      expect(await stored(session)).to.deep.equal(session);
      // Without that time it lives.
      expect(await stores.sessions.find(user, id, now)).to.deep.equal(session);
    });

    it('lives on by each refresh, with rotation and without, as long as it lives at all (hold 39)', async () => {
      const session = await login();
      const id = session._id.toString();
      const graceMs = GRACE;
      const rotated = await idle.sessions.rotate(user, id, { generation: 0, now: after_(IDLE - 1), graceMs });
      expect(rotated.outcome).to.equal('rotated');
      const now = after_(2 * IDLE - 2);
      expect((await idle.sessions.keep(user, id, { generation: 1, now })).outcome).to.equal('kept');
      const last = await idle.sessions.find(user, id, after_(3 * IDLE - 3));
      expect(last && idle.sessions.endOf(last)).to.deep.equal(after_(3 * IDLE - 2));
      expect(last && stores.sessions.endOf(last)).to.deep.equal(session.expiresAt);
      expect(await idle.sessions.find(user, id, after_(3 * IDLE - 2))).to.equal(undefined);
    });

    it('answers no predecessor within the grace time when it is over', async () => {
      const session = await login();
      const [id, graceMs] = [session._id.toString(), 3 * IDLE];
      await idle.sessions.rotate(user, id, { generation: 0, now: START, graceMs });
      const repeat = (now: Date) => idle.sessions.rotate(user, id, { generation: 0, now, graceMs });
      // That was a use, too.
      expect((await repeat(after_(IDLE - 1))).outcome).to.equal('repeated');
      expect((await repeat(after_(2 * IDLE - 2))).outcome).to.equal('repeated');
      expect((await repeat(after_(3 * IDLE - 2))).outcome).to.equal('refused');
    });
  });

  describe('ending', () => {
    it('ends a session once', async () => {
      const session = await login();
      const id = session._id.toString();
      expect(await stores.sessions.end(user, id)).to.equal(true);
      expect(await stores.sessions.end(user, id)).to.equal(false);
      expect(await stored(session)).to.equal(null);
    });

    it('ends one that is alive, where that is asked for, and none that is over', async () => {
      const session = await login();
      const id = session._id.toString();
      const end = (now: Date, stamp: string) => stores.sessions.end(user, id, { now, stamp });
      expect(await end(after_(30 * DAY), 'stamp')).to.equal(false);
      expect(await end(START, 'another')).to.equal(false);
      expect(await stored(session)).to.not.equal(null);
      const both = await Promise.all([end(START, 'stamp'), end(START, 'stamp')]);
      expect(both.sort()).to.deep.equal([false, true]);
    });

    it('ends none of another user’s, and none by a malformed id (hold 43)', async () => {
      const session = await login();
      expect(await stores.sessions.end(new Types.ObjectId(), session._id.toString())).to.equal(false);
      for (const id of ['', 'x', '0'.repeat(24)]) expect(await stores.sessions.end(user, id)).to.equal(false);
      expect(await stored(session)).to.not.equal(null);
    });

    it('ends all of a user’s, and nobody else’s', async () => {
      const [one, two] = [await login(), await login()];
      const foreign = await login(new Types.ObjectId());
      await stores.collections.removeAllOf(user);
      expect(await Promise.all([one, two].map(stored))).to.deep.equal([null, null]);
      expect(await stored(foreign)).to.deep.equal(foreign);
    });

    it('clears away those under a stamp that is over, but one, and none that was made since (hold 41)', async () => {
      const [one, two, three] = [await login(), await login(), await login()];
      const [since, foreign] = [await login(user, 'next'), await login(new Types.ObjectId())];
      await stores.sessions.endUnder(user, 'stamp', { except: two._id.toString() });
      expect(await Promise.all([one, two, three, since].map(stored))).to.deep.equal([null, two, null, since]);
      await stores.sessions.endUnder(user, 'stamp');
      expect(await Promise.all([two, since].map(stored))).to.deep.equal([null, since]);
      expect(await stored(foreign)).to.deep.equal(foreign);
    });
  });

  it('lets a session live under two stamps while the password changes, then under the new one', async () => {
    const session = await login();
    const id = session._id.toString();
    await stores.sessions.admitStamp(user, id, 'next');
    expect(await stored(session)).to.deep.include({ stamps: ['stamp', 'next'] });
    await stores.sessions.dropStamp(user, id, 'stamp');
    expect(await stored(session)).to.deep.include({ stamps: ['next'] });
    await stores.sessions.admitStamp(new Types.ObjectId(), id, 'foreign');
    expect(await stored(session)).to.deep.include({ stamps: ['next'] });
  });

  for (const [type, id] of [
    ['a text', 'user:1'],
    ['a number', 7],
    ['a UUID', new mongoose.Types.UUID()],
  ] as const) {
    it(`works with user ids that are ${type}`, async () => {
      const owner = id as unknown as Types.ObjectId;
      const session = await login(owner);
      expect((await rotate(session, 0, START, GRACE, owner)).outcome).to.equal('rotated');
      expect(await stores.sessions.end(owner, session._id.toString())).to.equal(true);
    });
  }

  describe('with mongoose’s sanitizeFilter on', () => {
    before(() => mongoose.set('sanitizeFilter', true));
    after(() => mongoose.set('sanitizeFilter', false));

    it('rotates, refuses what is over, and ends all but one', async () => {
      const [session, other] = [await login(), await login()];
      expect((await rotate(session, 0)).outcome).to.equal('rotated');
      expect((await rotate(session, 1, after_(30 * DAY))).outcome).to.equal('refused');
      await stores.sessions.endUnder(user, 'stamp', { except: session._id.toString() });
      expect(await stored(session)).to.include({ generation: 1 });
      expect(await stored(other)).to.equal(null);
    });
  });

  it('writes to the majority, whatever the app’s URI says (hold 71)', async () => {
    const { uri } = stores.database;
    const careless = `${uri}${uri.includes('?') ? '&' : '?'}w=1`;
    const connection = await mongoose.createConnection(careless, { monitorCommands: true }).asPromise();
    try {
      const { sessions } = await createTestStores({ database: { ...stores.database, connection } });
      const session = {
        user,
        stamp: 's',
        proofs: [],
        now: START,
        expiresAt: after_(DAY),
        ip: null,
        userAgent: null,
      };
      let id = '';
      const operations: Record<string, () => Promise<unknown>> = {
        create: async () => {
          id = (await sessions.create(draftSession(session)))._id.toString();
        },
        rotate: () => sessions.rotate(user, id, { generation: 0, now: START, graceMs: GRACE }),
        noteShown: () => sessions.noteShown(user, id, { generation: 1, now: START }),
        admitStamp: () => sessions.admitStamp(user, id, 'next'),
        dropStamp: () => sessions.dropStamp(user, id, 'next'),
        end: () => sessions.end(user, id),
        endUnder: () => sessions.endUnder(user, 's'),
      };
      for (const [what, run] of Object.entries(operations)) {
        const writes = (await recordCommands(connection, run)).filter(isWrite);
        const concerns = writes.map(({ body }) => body['writeConcern']);
        expect(concerns, what).to.deep.equal([{ w: 'majority' }]);
      }
    } finally {
      await connection.close();
    }
  });
});

describe('a dump of the database', () => {
  it('has nothing that can be presented as a token (hold 34)', async () => {
    const app = await createTestApp();
    try {
      const { email, access_token, refresh_token, ...user } = await app.signUp();
      await app.http.post('/auth/refresh').send({ refresh_token }).expect(200);
      const resetToken = await app.resetToken(email);

      const texts = new Set<string>();
      for (const { name } of await app.connection.listCollections()) {
        for (const document of await app.connection.collection(name).find().toArray())
          collect(document, texts);
      }
      expect(texts).to.include(user.id);
      expect([...texts].filter((text) => /^\$2b\$/.test(text))).to.have.length(1);
      // The tokens are nowhere, not even a part of one.
      const whole = [...texts].join('\n');
      for (const token of [access_token, refresh_token, resetToken]) {
        for (const part of token.split('.')) expect(whole).to.not.include(part);
      }

      // What is there opens nothing, by whichever door.
      for (const text of texts) {
        await app.http.post('/auth/refresh').send({ refresh_token: text }).expect(401);
        await app.http.post('/auth/forgot-password/validate').send({ token: text }).expect(400);
        await app.http.post('/auth/reset-password').send({ token: text, password: 'zqxjkvbw 1' }).expect(400);
        await app.http.post('/auth/token').send({ username: email, password: text }).expect(401);
        if (/^[\x21-\x7e]+$/.test(text)) await app.http.get('/protected').set(bearer(text)).expect(401);
      }
      // And the real ones still do.
      await app.http.get('/protected').set(bearer(access_token)).expect(200);
      await app.http.post('/auth/forgot-password/validate').send({ token: resetToken }).expect(200);
    } finally {
      await app.close();
    }
  });
});

/** Every value of a document, as text. */
function collect(value: unknown, into: Set<string>): void {
  if (
    value instanceof Date ||
    value instanceof Types.ObjectId ||
    typeof value !== 'object' ||
    value === null
  ) {
    const text = value instanceof Date ? value.toISOString() : String(value);
    if (text !== '') into.add(text);
  } else {
    for (const inner of Object.values(value)) collect(inner, into);
  }
}
