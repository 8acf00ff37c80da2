import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { Schema, Types } from 'mongoose';
import { stampOf } from '../../lib/models/security-stamp.js';
import { draftSession, type Session } from '../../lib/models/session-store.js';
import type { SignedIn } from '../../lib/models/sign-in-loader.js';
import type { UserDocument } from '../../lib/models/user.js';
import { recordCommands } from '../support/commands.js';
import { createTestStores, type TestStores } from '../support/test-stores.js';

const NOW = new Date('2030-01-01T00:00:00.000Z');
const LATER = new Date('2030-01-31T00:00:00.000Z');

describe('the sign-in loader', () => {
  let stores: TestStores;
  let user: UserDocument;
  let session: Session;

  before(async () => {
    stores = await createTestStores();
  });
  after(() => stores.database.drop());
  beforeEach(async () => {
    user = await stores.addUser();
    session = await login(user);
  });

  async function login(owner: UserDocument): Promise<Session> {
    const where = { ip: null, userAgent: null };
    const { _id } = await stores.sessions.create(
      draftSession({
        user: owner._id,
        stamp: stampOf(owner),
        proofs: [],
        now: NOW,
        expiresAt: LATER,
        ...where,
      }),
    );
    return (await stores.sessions.find(owner._id, _id.toString(), NOW)) as Session;
  }
  const load = (userId: string = user.id, sessionId: string = session._id.toString(), now = NOW) =>
    stores.loadSignIn(userId, sessionId, now);

  it('gives user and session, the user without hash and stamps (hold 66)', async () => {
    const signedIn = await load();
    expect(signedIn?.user._id).to.deep.equal(user._id);
    const plain = signedIn?.user.toObject({ transform: false });
    expect(JSON.parse(JSON.stringify(plain))).to.not.have.any.keys(
      'password',
      'securityStamp',
      'passwordStamp',
    );
    expect(signedIn?.session).to.deep.equal(session);
  });

  it('gives nobody when the session is over (hold 40)', async () => {
    await stores.sessions.end(user._id, session._id.toString());
    expect(await load()).to.equal(undefined);
  });

  it('gives nobody when the session has expired (hold 39)', async () => {
    expect(await load(user.id, session._id.toString(), LATER)).to.equal(undefined);
  });

  it('gives nobody when the user is disabled, though the session is there (hold 40)', async () => {
    await stores.model.updateOne({ _id: user._id }, { $set: { disabledAt: NOW } });
    expect(await load()).to.equal(undefined);
    await stores.model.updateOne({ _id: user._id }, { $set: { disabledAt: null } });
    expect(await load()).to.not.equal(undefined);
  });

  it('gives nobody when the user is gone (hold 40)', async () => {
    await stores.model.deleteOne({ _id: user._id });
    expect(await load()).to.equal(undefined);
  });

  it('gives nobody under another stamp: the credentials have changed (hold 41)', async () => {
    await stores.users.setStamp(user._id, 'other');
    expect(await load()).to.equal(undefined);
    const fresh = await login((await stores.users.findById(user._id)) as UserDocument);
    expect(await load(user.id, fresh._id.toString())).to.not.equal(undefined);
  });

  it('gives who is signed in by a session that was told the new stamp (hold 41)', async () => {
    const id = session._id.toString();
    await stores.sessions.admitStamp(user._id, id, 'next');
    expect(await load()).to.not.equal(undefined);
    await stores.users.changePassword(user._id, {
      passwordHash: `$2b$04$${'a'.repeat(53)}`,
      stamp: 'next',
    });
    expect(await load()).to.not.equal(undefined);
    await stores.sessions.dropStamp(user._id, id, session.stamps[0] as string);
    expect(await load()).to.not.equal(undefined);
  });

  it('gives nobody by the session of another user (hold 10)', async () => {
    const other = await stores.addUser();
    expect(await load(other.id)).to.equal(undefined);
    expect(await load(user.id, (await login(other))._id.toString())).to.equal(undefined);
  });

  it('goes by the id, whoever has the address now (hold 10)', async () => {
    const former = user.email;
    await stores.model.updateOne({ _id: user._id }, { $set: { email: `moved-${former}` } });
    const newcomer = await stores.addUser({ email: former });
    const signedIn = await load();
    expect(signedIn?.user.email).to.equal(`moved-${former}`);
    expect(signedIn?.user.id).to.not.equal(newcomer.id);
  });

  it('gives nobody for malformed ids', async () => {
    for (const id of ['', 'x', '0'.repeat(24), 'x'.repeat(12), new Types.ObjectId().toString()]) {
      expect(await load(id)).to.equal(undefined);
      expect(await load(user.id, id)).to.equal(undefined);
    }
  });

  it('gives every sign-in that is asked for at once by two queries, to each its own (hold 40)', async () => {
    const others = await Promise.all(
      Array.from({ length: 20 }, async () => {
        const owner = await stores.addUser();
        return [owner.id as string, (await login(owner))._id.toString()] as const;
      }),
    );
    const ended = others[7] as readonly [string, string];
    await stores.sessions.end(stores.users.castId(ended[0]), ended[1]);
    const asked = [...others, [user.id, session._id.toString()], ['x', 'x'], [user.id, others[0]?.[1]]];
    let loaded: (SignedIn | undefined)[] = [];
    const commands = await recordCommands(stores.database.connection, async () => {
      loaded = await Promise.all(asked.map(([owner, id]) => load(owner, id)));
    });
    expect(commands.map(({ name, collection }) => `${name} ${collection}`)).to.have.members([
      'find users',
      'find auth_sessions',
    ]);
    const expected = others.map(([owner]) => (owner === ended[0] ? undefined : owner));
    expect(loaded.map((each) => each?.user.id)).to.deep.equal([...expected, user.id, undefined, undefined]);
  });

  const ids: Record<string, [type: unknown, ids: unknown[]]> = {
    String: [String, ['ada', 'grace', '1', 'é']],
    Number: [Number, [1, 2, 10, -1.5]],
    UUID: [Schema.Types.UUID, [randomUUID(), randomUUID()]],
    BigInt: [Schema.Types.BigInt, [1n, 9_007_199_254_740_993n]],
    Decimal128: [Schema.Types.Decimal128, ['1.5', '2.5']],
  };
  for (const [name, [type, values]] of Object.entries(ids)) {
    it(`gives users their own sessions, whose ids are of the type ${name}`, async () => {
      const of = await createTestStores({ fields: { _id: type as never } });
      try {
        const asked = await Promise.all(
          values.map(async (_id) => {
            const owner = await of.addUser({ fields: { _id } });
            const opening = { proofs: [], now: NOW, expiresAt: LATER, ip: null, userAgent: null };
            const draft = draftSession({ user: owner._id, stamp: stampOf(owner), ...opening });
            return { id: String(owner._id), session: String((await of.sessions.create(draft))._id) };
          }),
        );
        const loaded = await Promise.all(asked.map(({ id, session }) => of.loadSignIn(id, session, NOW)));
        expect(loaded.map((each) => String(each?.user._id))).to.deep.equal(asked.map(({ id }) => id));
        const [first, second] = asked;
        expect(await of.loadSignIn(first?.id ?? '', second?.session ?? '', NOW)).to.equal(undefined);
      } finally {
        await of.database.drop();
      }
    });
  }

  it('gives everyone who asks a document of one’s own, though it is the same user', async () => {
    const loaded = await Promise.all([load(), load(), load()]);
    const users = loaded.map((each) => each?.user as UserDocument);
    expect(new Set(users).size).to.equal(3);
    users[0]?.set('name', 'Changed');
    expect(users.map(({ name }) => name)).to.deep.equal(['Changed', null, null]);
    for (const each of users) {
      expect(each).to.be.an.instanceOf(stores.model);
      expect(each.isNew).to.equal(false);
      expect(Object.keys(each.toObject({ transform: false }))).to.not.include.members(['securityStamp']);
    }
    users[1]?.set('name', 'Stored');
    await users[1]?.save();
    expect((await stores.users.findById(user.id))?.name).to.equal('Stored');
  });

  it('takes a user without a stamp, stored by other means than the kit', async () => {
    const { insertedId } = await stores.model.collection.insertOne({ email: 'elsewhere@example.com' });
    const elsewhere = (await stores.users.findById(insertedId)) as UserDocument;
    const { _id } = await login(elsewhere);
    expect(await load(elsewhere.id, _id.toString())).to.not.equal(undefined);
    await stores.users.setStamp(elsewhere._id, 'other');
    expect(await load(elsewhere.id, _id.toString())).to.equal(undefined);
  });
});
