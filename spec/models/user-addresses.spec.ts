import { expect } from 'chai';
import { EmailTaken } from 'express-auth-kit';
import { failureOf } from '../support/failure.js';
import { createTestStores, type TestStores } from '../support/test-stores.js';

const HASH = `$2b$04$${'a'.repeat(53)}`;
const NOW = new Date('2030-01-01T00:00:00.000Z');

describe('the addresses of users', () => {
  let stores: TestStores;

  before(async () => {
    stores = await createTestStores();
  });
  after(() => stores.database.drop());

  describe('verifying an address', () => {
    it('notes when, once, and leaves stamps and password as they are', async () => {
      const user = await stores.addUser({ password: HASH });
      const before = await stores.storedUser(user._id);
      expect(await stores.users.verifyEmail(user, NOW)).to.equal(true);
      const { updatedAt, ...now } = { ...(await stores.storedUser(user._id)) };
      expect(updatedAt).to.be.a('date');
      expect({ ...now, updatedAt: before?.updatedAt }).to.deep.equal({ ...before, emailVerifiedAt: NOW });
      expect(await stores.users.verifyEmail(user, new Date(NOW.getTime() + 1))).to.equal(false);
      expect(await stores.storedUser(user._id)).to.deep.include({ emailVerifiedAt: NOW });
      expect((await stores.users.findRecipient(user.email)).user?.emailVerifiedAt).to.deep.equal(NOW);
    });

    const hindrances: [what: string, meanwhile: (id: unknown) => Promise<unknown>][] = [
      ['the address is another', (_id) => stores.model.updateOne({ _id }, { email: `${_id}@example.net` })],
      ['the user is disabled', (id) => stores.users.disable(id, NOW, 'x')],
      ['the user is gone', (id) => stores.users.remove(id)],
    ];
    for (const [what, meanwhile] of hindrances) {
      it(`notes nothing when ${what} by now (hold 56)`, async () => {
        const user = await stores.addUser({ password: HASH });
        await meanwhile(user._id);
        const before = await stores.storedUser(user._id);
        expect(await stores.users.verifyEmail(user, NOW)).to.equal(false);
        expect(await stores.storedUser(user._id)).to.deep.equal(before);
      });
    }

    it('tells one of 50 at once that it was the one', async () => {
      const user = await stores.addUser({ password: HASH });
      const told = await Promise.all(Array.from({ length: 50 }, () => stores.users.verifyEmail(user, NOW)));
      expect(told.filter(Boolean)).to.have.length(1);
    });
  });

  it('replaces an address, which is verified by that, and leaves stamps and password as they are', async () => {
    const user = await stores.addUser({ password: HASH });
    const before = await stores.storedUser(user._id);
    const change = { email: 'replaced@example.com', at: NOW };
    expect(await stores.users.changeEmail(user, change)).to.equal(true);
    const now = { ...(await stores.storedUser(user._id)), updatedAt: before?.['updatedAt'] };
    expect(now).to.deep.equal({ ...before, email: 'replaced@example.com', emailVerifiedAt: NOW });
    // The address is another than was read.
    expect(await stores.users.changeEmail(user, { ...change, email: 'once-more@example.com' })).to.equal(
      false,
    );
  });

  it('puts an earlier address back, without the password and what was set up since', async () => {
    const user = await stores.addUser({ password: HASH });
    const [early, late] = [new Date(NOW.getTime() - 1), NOW].map((addedAt) => ({ method: 'm', addedAt }));
    const waysIn = [
      { ...early, id: 'early' },
      { ...late, id: 'late' },
    ];
    await stores.model.collection.updateOne({ _id: user._id }, { $set: { waysIn } });
    const change = { email: 'earlier@example.com', at: NOW, since: NOW, securityStamp: 'next' };
    expect((await stores.users.restoreEmail(user, change))?.replacedStamp).to.equal(user.securityStamp);
    const now = await stores.storedUser(user._id);
    expect(now).to.deep.include({
      email: 'earlier@example.com',
      emailVerifiedAt: NOW,
      securityStamp: 'next',
    });
    expect(now).to.not.have.any.keys('password');
    expect(now?.['waysIn']).to.deep.equal([waysIn[0]]);
    // The credentials are others than were read.
    expect(await stores.users.restoreEmail(user, change)).to.equal(undefined);
  });

  it('puts no address in force that somebody else has', async () => {
    const [user, { email }] = [await stores.addUser({ password: HASH }), await stores.addUser()];
    const before = await stores.storedUser(user._id);
    const change = { email, at: NOW, since: NOW, securityStamp: 'next' };
    for (const attempt of [
      () => stores.users.changeEmail(user, change),
      () => stores.users.restoreEmail(user, change),
    ]) {
      expect(await failureOf(attempt)).to.be.an.instanceOf(EmailTaken);
    }
    expect(await stores.storedUser(user._id)).to.deep.equal(before);
  });
});
