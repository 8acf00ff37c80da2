import { expect } from 'chai';
import { Types } from 'mongoose';
import {
  createPendingSignInStore,
  PENDING_SIGN_INS,
  type PendingSignInStore,
} from '../../lib/models/pending-sign-in-store.js';
import { createOneTimeSecret, hashOneTimeSecret } from '../../lib/security/one-time-secret.js';
import { methods } from '../own-features/methods.js';
import { createTestApp, PASSWORD } from '../support/test-app.js';
import { createTestStores, type TestStores } from '../support/test-stores.js';

const START = new Date('2030-01-01T00:00:00.000Z');
const TEN_MINUTES = 600_000;
const PROOF = { method: 'password', kinds: ['knowledge'], amr: ['pwd'], at: START } as const;

function after_(milliseconds: number): Date {
  return new Date(START.getTime() + milliseconds);
}

describe('the store of sign-ins that wait for a second step', () => {
  let stores: TestStores;
  let pending: PendingSignInStore;
  let user: Types.ObjectId;

  before(async () => {
    stores = await createTestStores();
    pending = createPendingSignInStore(stores.collections.open(PENDING_SIGN_INS));
  });
  after(() => stores.database.drop());
  beforeEach(() => {
    user = new Types.ObjectId();
  });

  const collection = () => stores.database.connection.collection('auth_pending_sign_ins');
  const stored = (hash: string) => collection().findOne({ hash });

  /** Keeps a sign-in for ten minutes. @returns the hash of its handle */
  async function suspend(attemptsLeft = 5, owner: unknown = user): Promise<string> {
    const { hash } = createOneTimeSecret();
    const proofs = [PROOF];
    const expiresAt = after_(TEN_MINUTES);
    const deviceName = 'Till 3';
    const said = { deviceName, remember: true };
    await pending.create({ user: owner, hash, stamp: 'stamp', proofs, ...said, attemptsLeft, expiresAt });
    return hash;
  }

  it('keeps whose it is, what was shown and how often it may be tried, and nothing else', async () => {
    const hash = await suspend();
    const { _id, ...row } = (await stored(hash)) ?? {};
    expect(row).to.deep.equal({
      user,
      kind: 'users',
      hash,
      stamp: 'stamp',
      proofs: [PROOF],
      deviceName: 'Till 3',
      remember: true,
      attemptsLeft: 5,
      expiresAt: after_(TEN_MINUTES),
    });
  });

  it('has the indexes that it rests on, and one that only tidies up', async () => {
    await suspend();
    const indexes = await collection().indexes();
    const indexOn = (fields: object) =>
      indexes.find(({ key }) => JSON.stringify(key) === JSON.stringify(fields));
    expect(indexOn({ hash: 1 })).to.include({ unique: true });
    expect(indexOn({ user: 1, kind: 1, _id: 1 })).to.not.equal(undefined);
    expect(indexOn({ expiresAt: 1 })).to.include({ expireAfterSeconds: 0 });
  });

  it('is nowhere in the database what the client was given (hold 34)', async () => {
    const app = await createTestApp({ features: [methods({ code: { isSetUp: () => true } })] });
    try {
      const { email } = await app.register();
      const login = await app.http.post('/auth/token').send({ username: email, password: PASSWORD });
      const handle = login.body.challenge as string;
      expect(login.body).to.include({ status: 403, code: 'second_factor_required' });
      expect(handle).to.match(/^[\w-]{43}$/);
      const names = (await app.connection.listCollections()).map(({ name }) => name);
      const dump = await Promise.all(names.map((name) => app.connection.collection(name).find({}).toArray()));
      expect(JSON.stringify(dump)).to.include(hashOneTimeSecret(handle)).and.not.include(handle);
    } finally {
      await app.close();
    }
  });

  describe('counting attempts', () => {
    it('gives the sign-in as it is after this one', async () => {
      const hash = await suspend();
      for (const left of [4, 3]) {
        const attempt = await pending.attempt(hash, START);
        expect(attempt).to.deep.equal(await stored(hash));
        expect(attempt).to.deep.include({ user, stamp: 'stamp', proofs: [PROOF], attemptsLeft: left });
      }
    });

    it('lets exactly 5 of 50 at once be made, where 5 are left', async () => {
      const hash = await suspend(5);
      const attempts = await Promise.all(Array.from({ length: 50 }, () => pending.attempt(hash, START)));
      const made = attempts.filter((attempt) => attempt !== undefined);
      expect(made.map(({ attemptsLeft }) => attemptsLeft).sort()).to.deep.equal([0, 1, 2, 3, 4]);
      expect(await stored(hash)).to.include({ attemptsLeft: 0 });
      expect(await pending.attempt(hash, START)).to.equal(undefined);
    });

    it('lets none be made from the moment on at which it is over: the index may be late', async () => {
      const hash = await suspend();
      expect(await pending.attempt(hash, after_(TEN_MINUTES))).to.equal(undefined);
      expect(await stored(hash)).to.include({ attemptsLeft: 5 });
      expect(await pending.attempt(hash, after_(TEN_MINUTES - 1))).to.include({ attemptsLeft: 4 });
    });

    it('counts each sign-in by itself, though they are of one user', async () => {
      const [one, other] = [await suspend(1), await suspend(1)];
      expect(await pending.attempt(one, START)).to.include({ hash: one });
      expect(await pending.attempt(other, START)).to.include({ hash: other });
    });

    it('knows no sign-in by what is no handle of one', async () => {
      const hash = await suspend();
      for (const unknown of ['', 'x', createOneTimeSecret().hash, hash.slice(1)]) {
        expect(await pending.attempt(unknown, START)).to.equal(undefined);
      }
      expect(await stored(hash)).to.include({ attemptsLeft: 5 });
    });
  });

  describe('spending', () => {
    it('lets one of 50 at once spend it', async () => {
      const [hash, other] = [await suspend(), await suspend()];
      const finished = await Promise.all(Array.from({ length: 50 }, () => pending.finish(hash)));
      expect(finished.filter(Boolean)).to.have.length(1);
      expect(await pending.attempt(hash, START)).to.equal(undefined);
      expect(await stored(hash)).to.equal(null);
      expect(await stored(other)).to.not.equal(null);
    });

    it('says that there was nothing to spend', async () => {
      expect(await pending.finish(createOneTimeSecret().hash)).to.equal(false);
    });
  });

  it('forgets all of a user’s, and nobody else’s', async () => {
    const [own, foreign] = [await suspend(), await suspend(5, new Types.ObjectId())];
    await stores.collections.removeAllOf(user);
    expect(await pending.attempt(own, START)).to.equal(undefined);
    expect(await pending.attempt(foreign, START)).to.include({ hash: foreign });
  });
});
