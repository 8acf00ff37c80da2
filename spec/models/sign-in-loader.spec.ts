import { expect } from 'chai';
import { Types } from 'mongoose';
import { stampOf } from '../../lib/models/security-stamp.js';
import type { Session } from '../../lib/models/session-store.js';
import type { UserDocument } from '../../lib/models/user-store.js';
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

  function login(owner: UserDocument): Promise<Session> {
    const where = { ip: null, userAgent: null };
    return stores.sessions.create({
      user: owner._id,
      stamp: stampOf(owner),
      now: NOW,
      expiresAt: LATER,
      ...where,
    });
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

  it('takes a user without a stamp, stored by other means than the kit', async () => {
    const { insertedId } = await stores.model.collection.insertOne({ email: 'elsewhere@example.com' });
    const elsewhere = (await stores.users.findById(insertedId)) as UserDocument;
    const { _id } = await login(elsewhere);
    expect(await load(elsewhere.id, _id.toString())).to.not.equal(undefined);
    await stores.users.setStamp(elsewhere._id, 'other');
    expect(await load(elsewhere.id, _id.toString())).to.equal(undefined);
  });
});
