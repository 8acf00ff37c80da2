import { expect } from 'chai';
import mongoose, { Types } from 'mongoose';
import { recordCommands } from '../support/commands.js';
import { createTestStores, type TestStores } from '../support/test-stores.js';

const HASH = `$2b$04$${'a'.repeat(53)}`;
const NOW = new Date('2030-01-01T00:00:00.000Z');

describe('the ways in of users', () => {
  let stores: TestStores;

  before(async () => {
    stores = await createTestStores();
  });
  after(() => stores.database.drop());

  const TOTP = { method: 'totp', id: 'a' };
  const PASSKEY = { method: 'passkey', id: 'b' };
  const GOOGLE = { method: 'google', id: 'c' };
  /** Those that let a user in by themselves. */
  const unlessLastOf = ['passkey', 'google'];

  const add = (id: unknown, entry: object, stamp = 'next') =>
    stores.users.addWayIn(id, { ...(entry as typeof TOTP), addedAt: NOW }, stamp);
  const remove = (id: unknown, entry: typeof TOTP, lettingIn?: readonly string[]) =>
    stores.users.removeWayIn(id, entry, 'next', { unlessLastOf: lettingIn });
  const waysIn = async (id: unknown) => (await stores.storedUser(id))?.['waysIn'];
  /** A user with these entries. */
  async function userWith(entries: readonly (typeof TOTP)[], password?: string) {
    const { _id } = await stores.addUser({ password });
    for (const entry of entries) await add(_id, entry, 'before');
    return _id;
  }

  it('adds an entry and a new stamp in one write, and gives the stamp of before', async () => {
    const { _id, securityStamp } = await stores.addUser({ password: HASH });
    const before = await stores.storedUser(_id);
    let written: Awaited<ReturnType<typeof add>>;
    const commands = await recordCommands(stores.database.connection, async () => {
      written = await add(_id, TOTP);
    });
    expect(commands.map(({ name }) => name)).to.deep.equal(['findAndModify']);
    expect(written?.replacedStamp).to.equal(securityStamp).and.not.equal('next');
    const { updatedAt, ...after } = (await stores.storedUser(_id)) as Record<string, unknown>;
    expect(updatedAt).to.be.an.instanceOf(Date);
    expect({ ...after, updatedAt: before?.['updatedAt'] }).to.deep.equal({
      ...before,
      securityStamp: 'next',
      waysIn: [{ ...TOTP, addedAt: NOW }],
    });
  });

  it('adds further ones behind it, of the same method too', async () => {
    const id = await userWith([TOTP, PASSKEY, { ...TOTP, id: 'z' }, { ...PASSKEY, id: 'a' }]);
    expect(await waysIn(id)).to.deep.equal(
      [TOTP, PASSKEY, { ...TOTP, id: 'z' }, { ...PASSKEY, id: 'a' }].map((entry) => ({
        ...entry,
        addedAt: NOW,
      })),
    );
  });

  it('adds an entry once, and changes nothing the second time, whenever it was added', async () => {
    const id = await userWith([TOTP, PASSKEY]);
    const before = await stores.storedUser(id);
    const later = { ...TOTP, addedAt: new Date(NOW.getTime() + 1) };
    expect(await add(id, TOTP)).to.equal(undefined);
    expect(await stores.users.addWayIn(id, later, 'next')).to.equal(undefined);
    expect(await stores.storedUser(id)).to.deep.equal(before);
  });

  it('adds an entry once, of 20 at once', async () => {
    const { _id } = await stores.addUser();
    const written = await Promise.all(Array.from({ length: 20 }, (_, at) => add(_id, TOTP, `stamp-${at}`)));
    const winner = written.findIndex((each) => each !== undefined);
    expect(written.filter((each) => each !== undefined)).to.have.length(1);
    expect(await stores.storedUser(_id)).to.deep.include({
      securityStamp: `stamp-${winner}`,
      waysIn: [{ ...TOTP, addedAt: NOW }],
    });
  });

  it('removes an entry and brings a new stamp in one write, and gives the stamp of before', async () => {
    const id = await userWith([TOTP, { ...TOTP, id: 'z' }, { ...PASSKEY, id: 'a' }]);
    const written = await remove(id, TOTP);
    expect(written?.replacedStamp).to.equal('before');
    expect(await stores.storedUser(id)).to.deep.include({
      securityStamp: 'next',
      waysIn: [
        { method: 'totp', id: 'z', addedAt: NOW },
        { method: 'passkey', id: 'a', addedAt: NOW },
      ],
    });
  });

  it('removes nothing that is not there, and changes nothing', async () => {
    const id = await userWith([TOTP, PASSKEY], HASH);
    const before = await stores.storedUser(id);
    for (const entry of [GOOGLE, { ...TOTP, id: 'b' }, { method: 'passkey', id: 'a' }]) {
      expect(await remove(id, entry)).to.equal(undefined);
      expect(await remove(id, entry, unlessLastOf)).to.equal(undefined);
    }
    expect(await stores.storedUser(id)).to.deep.equal(before);
  });

  it('gives the user as stored, without what is for the kit alone', async () => {
    const { _id } = await stores.addUser({ password: HASH });
    for (const write of [add, remove]) {
      const written = await write(_id, TOTP);
      const user = written?.user.toObject() ?? {};
      expect(user).to.include.keys('email').and.not.have.any.keys('password', 'securityStamp');
      expect(user).to.not.have.any.keys('passwordStamp', 'waysIn');
      expect(written?.user.modifiedPaths()).to.deep.equal([]);
      expect(written?.user.updatedAt).to.deep.equal((await stores.storedUser(_id))?.['updatedAt']);
    }
  });

  it('leaves the list as it is when such a user is saved by the app', async () => {
    const id = await userWith([TOTP], HASH);
    const written = await add(id, PASSKEY);
    await written?.user.set('name', 'Jean').save();
    expect(await stores.storedUser(id)).to.include({ name: 'Jean', password: HASH, securityStamp: 'next' });
    expect(await waysIn(id)).to.have.length(2);
  });

  it('is loaded with the credentials, and not without', async () => {
    const id = await userWith([TOTP]);
    const withCredentials = await stores.users.findById(id, { withCredentials: true });
    expect(withCredentials?.toObject().waysIn).to.deep.equal([{ ...TOTP, addedAt: NOW }]);
    expect((await stores.users.findById(id))?.toObject()).to.not.have.any.keys('waysIn');
  });

  it('is the same for a user who was stored by other means than the kit', async () => {
    const { insertedId } = await stores.model.collection.insertOne({ email: 'by-hand@example.com' });
    expect((await add(insertedId, TOTP))?.replacedStamp).to.equal('');
    expect(await add(insertedId, TOTP)).to.equal(undefined);
    expect(await remove(insertedId, TOTP)).to.not.equal(undefined);
  });

  it('knows nobody who is not there', async () => {
    const nobody = new Types.ObjectId();
    expect(await add(nobody, TOTP)).to.equal(undefined);
    expect(await remove(nobody, TOTP)).to.equal(undefined);
    expect(await remove(nobody, PASSKEY, unlessLastOf)).to.equal(undefined);
    expect(await stores.storedUser(nobody)).to.equal(null);
  });

  for (const [setting, value] of [
    ['off', false],
    ['on', true],
  ] as const) {
    describe(`unless it is the last way in, with mongoose’s sanitizeFilter ${setting}`, () => {
      before(() => mongoose.set('sanitizeFilter', value));
      after(() => mongoose.set('sanitizeFilter', false));

      it('leaves the last one where it is, and everything else too', async () => {
        const id = await userWith([PASSKEY]);
        const before = await stores.storedUser(id);
        expect(await remove(id, PASSKEY, unlessLastOf)).to.equal(undefined);
        expect(await stores.storedUser(id)).to.deep.equal(before);
      });

      it('does not count what lets nobody in by itself', async () => {
        const id = await userWith([TOTP, { ...TOTP, id: 'b' }, PASSKEY]);
        const before = await stores.storedUser(id);
        expect(await remove(id, PASSKEY, unlessLastOf)).to.equal(undefined);
        expect(await stores.storedUser(id)).to.deep.equal(before);
      });

      it('counts another one of the same method, and one of another method', async () => {
        for (const other of [
          { ...PASSKEY, id: 'z' },
          { ...GOOGLE, id: PASSKEY.id },
        ]) {
          const id = await userWith([other, PASSKEY]);
          expect(await remove(id, PASSKEY, unlessLastOf)).to.not.equal(undefined);
          expect(await waysIn(id)).to.deep.equal([{ ...other, addedAt: NOW }]);
        }
      });

      it('counts a password, and none that is not there', async () => {
        const id = await userWith([PASSKEY], HASH);
        expect(await remove(id, PASSKEY, unlessLastOf)).to.not.equal(undefined);
        expect(await waysIn(id)).to.deep.equal([]);
        const without = await userWith([PASSKEY]);
        await stores.model.collection.updateOne({ _id: without }, { $set: { password: null } });
        expect(await remove(without, PASSKEY, unlessLastOf)).to.equal(undefined);
      });

      it('keeps one of two that are removed at once, twenty times', async () => {
        for (let round = 0; round < 20; round += 1) {
          const id = await userWith([PASSKEY, GOOGLE]);
          const written = await Promise.all([
            remove(id, PASSKEY, unlessLastOf),
            remove(id, GOOGLE, unlessLastOf),
          ]);
          expect(written.filter((each) => each !== undefined)).to.have.length(1);
          expect(await waysIn(id)).to.have.length(1);
        }
      });
    });
  }
});
