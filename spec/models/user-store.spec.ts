import { expect } from 'chai';
import { type AuthError, EmailTaken, ValidationFailed } from 'express-auth-kit';
import mongoose, { Types } from 'mongoose';
import { isWrite, recordCommands } from '../support/commands.js';
import { failureOf } from '../support/failure.js';
import { createTestStores, type TestStores } from '../support/test-stores.js';

const HASH = `$2b$04$${'a'.repeat(53)}`;
const OTHER = `$2b$04$${'b'.repeat(53)}`;
const NOW = new Date('2030-01-01T00:00:00.000Z');

describe('the user store', () => {
  let stores: TestStores;

  before(async () => {
    stores = await createTestStores({
      fields: {
        phone: {
          type: String,
          unique: true,
          sparse: true,
          maxlength: [20, 'This phone number is too long.'],
        },
        age: Number,
        address: { city: { type: String, unique: true, sparse: true } },
      },
    });
  });
  after(() => stores.database.drop());

  const stored = (id: unknown) =>
    stores.database.connection.collection('users').findOne({ _id: id as never });
  const setUnder = async (id: unknown) => {
    const user = await stored(id);
    return { password: user?.['password'], stamp: user?.['securityStamp'] };
  };

  describe('building and storing', () => {
    it('normalises the address, gives a stamp, and stores only when told', async () => {
      const user = stores.users.build({ email: ' Build@Example.com ', name: 'Jean', roles: ['admin'] });
      expect(user).to.include({ email: 'build@example.com', name: 'Jean' });
      expect(user.securityStamp).to.match(/^[\w-]{16}$/);
      expect(await stored(user._id)).to.equal(null);
      await stores.users.insert(user);
      expect(await stored(user._id)).to.deep.include({
        email: 'build@example.com',
        roles: ['admin'],
        name: 'Jean',
      });
    });

    it('never lets the app’s fields win over the base fields (hold 44)', async () => {
      const fields = { email: 'evil@example.com', roles: ['admin'], securityStamp: 'mine', name: 'Evil' };
      const user = stores.users.build({ email: 'own@example.com', fields });
      expect(user.toObject()).to.deep.include({ email: 'own@example.com', roles: [], name: null });
      expect(user.securityStamp).to.not.equal('mine');
    });

    it('tells what the app’s schema refuses, field by field', async () => {
      const fields = { phone: '0'.repeat(21), age: 'old', address: { city: { $gt: '' } } };
      const error = await failureOf<ValidationFailed>(() =>
        stores.users.validate(stores.users.build({ email: 'no address', name: 'x'.repeat(201), fields })),
      );
      expect(error).to.be.an.instanceOf(ValidationFailed);
      expect(error).to.include({ status: 422, code: 'validation_failed' });
      expect(error.errors).to.have.deep.members([
        {
          code: 'invalid_email',
          detail: 'This is not an email address that can be used.',
          pointer: '#/email',
        },
        { code: 'too_long', detail: 'This value must have at most 200 characters.', pointer: '#/name' },
        { code: 'too_long', detail: 'This phone number is too long.', pointer: '#/phone' },
        { code: 'invalid_type', detail: 'This value is of the wrong type.', pointer: '#/age' },
        { code: 'invalid_type', detail: 'This value is of the wrong type.', pointer: '#/address/city' },
      ]);
    });

    it('takes no credentials from fields of the app’s own (hold 44)', async () => {
      const fields = {
        password: HASH,
        passwordStamp: 'mine',
        securityStamp: 'mine',
        waysIn: [{ method: 'm' }],
      };
      const user = stores.users.build({ email: 'fields@example.com', fields });
      const { password, passwordStamp, securityStamp, waysIn } = user;
      expect({ password, passwordStamp, waysIn }).to.deep.equal({
        password: undefined,
        passwordStamp: undefined,
        waysIn: undefined,
      });
      expect(securityStamp).to.match(/^[\w-]{16}$/);
    });

    it('never repeats a password in a message (hold 63)', async () => {
      const user = stores.users.build({ email: 'leak@example.com' });
      user.set('password', 'correct horse battery');
      const error = await failureOf<AuthError>(() => stores.users.insert(user));
      expect(error).to.include({
        code: 'validation_failed',
        detail: 'The password must be stored as a bcrypt hash.',
      });
      expect(`${error.message} ${error.stack} ${JSON.stringify(error)}`).to.not.include('correct horse');
      expect(error.cause).to.equal(undefined);
    });

    it('stores one of 50 with the same address at once, on a fresh database (hold 45)', async () => {
      const fresh = await createTestStores();
      try {
        const writings = ['same@example.com', 'SAME@example.com', ' Same@Example.COM '];
        const attempts = Array.from({ length: 50 }, (_, index) =>
          fresh
            .addUser({ email: writings[index % 3] as string })
            .then(() => 'stored')
            .catch((error: AuthError) => error),
        );
        const outcomes = await Promise.all(attempts);
        expect(outcomes.filter((outcome) => outcome === 'stored')).to.have.length(1);
        const refusals = outcomes.filter((outcome) => outcome !== 'stored') as AuthError[];
        expect(refusals.every((error) => error instanceof EmailTaken)).to.equal(true);
        const [refusal] = refusals;
        expect(refusal).to.include({ status: 400, code: 'email_taken', detail: 'Email already registered' });
        expect(await fresh.model.countDocuments()).to.equal(1);
      } finally {
        await fresh.database.drop();
      }
    });

    it('says validation_failed where another unique field is taken', async () => {
      await stores.addUser({ fields: { phone: '+33 1', address: { city: 'Paris' } } });
      for (const [fields, fault] of [
        [{ phone: '+33 1' }, { code: 'taken', pointer: '#/phone', detail: 'This phone is already in use.' }],
        [
          { address: { city: 'Paris' } },
          { code: 'taken', pointer: '#/address/city', detail: 'This address.city is already in use.' },
        ],
      ] as const) {
        const email = 'second@example.com';
        const error = await failureOf<ValidationFailed>(() => stores.addUser({ email, fields }));
        expect(error).to.include({ status: 422, code: 'validation_failed' });
        expect(error.errors).to.deep.equal([fault]);
        expect(await stores.model.countDocuments({ email })).to.equal(0);
      }
    });
  });

  describe('finding', () => {
    it('finds by the address, in whichever form it is typed, with hash and stamp', async () => {
      const { _id } = await stores.addUser({ email: 'am\u00e9lie@example.com', password: HASH });
      for (const typed of ['am\u00e9lie@example.com', ' AME\u0301LIE@Example.com\n']) {
        const user = await stores.users.findByEmail(typed);
        expect(user?._id).to.deep.equal(_id);
        expect(user).to.include({ password: HASH });
        expect(user?.securityStamp).to.be.a('string');
      }
    });

    it('does not take one address for another that only looks like it (hold 46)', async () => {
      await stores.addUser({ email: 'mike@example.com' });
      for (const typed of [
        'm\u0131ke@example.com',
        'mi\u212ae@example.org',
        'mike@example.com.',
        'm*ke@example.com',
        '',
      ]) {
        expect(await stores.users.findByEmail(typed)).to.equal(undefined);
      }
    });

    it('finds by the id, with the hash only when asked', async () => {
      const { _id } = await stores.addUser({ password: HASH });
      for (const id of [_id, _id.toString()]) {
        const user = await stores.users.findById(id);
        expect(user?.toObject()).to.include.keys('securityStamp').and.not.have.any.keys('password');
        expect(await stores.users.findById(id, { withCredentials: true })).to.include({ password: HASH });
      }
    });

    it('finds nobody by what is no id', async () => {
      for (const id of [
        undefined,
        null,
        '',
        'x',
        {},
        { $ne: null },
        [],
        5,
        true,
        '0'.repeat(24),
        'x'.repeat(12),
      ]) {
        expect(await stores.users.findById(id)).to.equal(undefined);
      }
    });

    it('makes an id of the model’s own type, or none', async () => {
      const id = new Types.ObjectId();
      expect(stores.users.castId(id.toString())).to.deep.equal(id);
      expect(stores.users.castId(id)).to.deep.equal(id);
      for (const garbage of [
        undefined,
        null,
        '',
        'x',
        {},
        { $gt: '' },
        [],
        5,
        true,
        Symbol('id'),
        '0'.repeat(25),
      ]) {
        expect(stores.users.castId(garbage)).to.equal(undefined);
      }
    });

    for (const [type, definition, own, garbage] of [
      ['texts', String, 'user:1', [undefined, null, {}, { $gt: '' }]],
      ['numbers', Number, 7, [undefined, null, '', 'x', {}, { $gt: 0 }]],
    ] as const) {
      it(`works with ids that are ${type}`, async () => {
        const { users, database, addUser } = await createTestStores({ fields: { _id: definition } });
        try {
          await addUser({ fields: { _id: own }, email: 'own@example.com' });
          expect(users.castId(String(own))).to.equal(own);
          expect(await users.findById(String(own))).to.include({ email: 'own@example.com' });
          expect(await users.setStamp(own, 's')).to.not.equal(undefined);
          for (const id of garbage) {
            expect(users.castId(id)).to.equal(undefined);
            expect(await users.findById(id)).to.equal(undefined);
          }
        } finally {
          await database.drop();
        }
      });
    }
  });

  describe('looking what is taken beside the address', () => {
    const draft = (fields: object) => stores.users.build({ email: 'draft@example.com', fields } as never);

    it('tells it as storing would, of nested fields too', async () => {
      const fields = { phone: '0123', address: { city: 'Ys' } };
      await stores.users.insert(stores.users.build({ email: 'settled@example.com', fields }));
      for (const [taken, pointer] of [
        [{ phone: '0123' }, '#/phone'],
        [{ address: { city: 'Ys' } }, '#/address/city'],
      ] as const) {
        const looked = await failureOf<ValidationFailed>(() => stores.users.requireUnique(draft(taken)));
        const written = await failureOf<ValidationFailed>(() => stores.users.insert(draft(taken)));
        expect(looked.errors.map((fault) => fault.pointer)).to.deep.equal([pointer]);
        expect(looked.errors).to.deep.equal(written.errors);
      }
    });

    it('finds nothing in what is free or not there, and does not look at the address', async () => {
      const { email } = await stores.addUser({ password: HASH });
      await stores.users.requireUnique(stores.users.build({ email, fields: { phone: '0124' } }));
      await stores.users.requireUnique(draft({}));
    });
  });

  describe('verifying an address', () => {
    it('notes when, once, and leaves stamps and password as they are', async () => {
      const user = await stores.addUser({ password: HASH });
      const before = await stored(user._id);
      expect(await stores.users.verifyEmail(user, NOW)).to.equal(true);
      const { updatedAt, ...now } = { ...(await stored(user._id)) };
      expect(updatedAt).to.be.a('date');
      expect({ ...now, updatedAt: before?.updatedAt }).to.deep.equal({ ...before, emailVerifiedAt: NOW });
      expect(await stores.users.verifyEmail(user, new Date(NOW.getTime() + 1))).to.equal(false);
      expect(await stored(user._id)).to.deep.include({ emailVerifiedAt: NOW });
      expect((await stores.users.findRecipient(user.email))?.emailVerifiedAt).to.deep.equal(NOW);
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
        const before = await stored(user._id);
        expect(await stores.users.verifyEmail(user, NOW)).to.equal(false);
        expect(await stored(user._id)).to.deep.equal(before);
      });
    }

    it('tells one of 50 at once that it was the one', async () => {
      const user = await stores.addUser({ password: HASH });
      const told = await Promise.all(Array.from({ length: 50 }, () => stores.users.verifyEmail(user, NOW)));
      expect(told.filter(Boolean)).to.have.length(1);
    });
  });

  describe('changing a password', () => {
    it('brings a new hash and a new stamp in one write', async () => {
      const { _id, securityStamp } = await stores.addUser({ password: HASH });
      const change = { passwordHash: OTHER, stamp: 'next', emailVerifiedAt: NOW };
      const written = await stores.users.changePassword(_id, change);
      expect(written?.replacedStamp).to.equal(securityStamp);
      // The user as stored now, without hash and stamps.
      const { updatedAt, ...shown } = JSON.parse(
        JSON.stringify(written?.user.toObject({ transform: false })),
      );
      const now = JSON.parse(JSON.stringify(await stored(_id)));
      const { password, securityStamp: _stamp, passwordStamp, ...rest } = now;
      expect({ ...shown, updatedAt }).to.deep.equal(rest);
      expect(written?.user.modifiedPaths()).to.deep.equal([]);
      expect(passwordStamp).to.match(/^[\w-]{16}$/);
      expect(password).to.equal(OTHER);
      expect(await setUnder(_id)).to.deep.equal({ password: OTHER, stamp: 'next' });
    });

    it('does nothing when the credentials are others by now', async () => {
      const user = await stores.addUser({ password: HASH });
      const change = { passwordHash: OTHER, stamp: 'next', ifUnchangedSince: user };
      await stores.users.setStamp(user._id, 'other');
      const before = await stored(user._id);
      expect(await stores.users.changePassword(user._id, change)).to.equal(undefined);
      expect(await stored(user._id)).to.deep.equal(before);
      const ifUnchangedSince = await stores.users.findById(user._id);
      expect(await stores.users.changePassword(user._id, { ...change, ifUnchangedSince })).to.not.equal(
        undefined,
      );
      expect(await setUnder(user._id)).to.deep.equal({ password: OTHER, stamp: 'next' });
    });

    it('changes those of a user who has no stamp yet, stored by other means than the kit, once', async () => {
      const { insertedId } = await stores.model.collection.insertOne({ email: 'elsewhere@example.com' });
      const ifUnchangedSince = await stores.users.findById(insertedId);
      const change = { passwordHash: OTHER, stamp: 'next', ifUnchangedSince };
      expect(await stores.users.changePassword(insertedId, change)).to.not.equal(undefined);
      expect(await stores.users.changePassword(insertedId, change)).to.equal(undefined);
    });

    const recoveries: [what: string, meanwhile: (id: unknown) => Promise<unknown>][] = [
      ['the address is another', (_id) => stores.model.updateOne({ _id }, { email: `${_id}@example.org` })],
      [
        'the password is another',
        (id) => stores.users.changePassword(id, { passwordHash: HASH, stamp: 'x' }),
      ],
      ['the user is disabled', (id) => stores.users.disable(id, NOW, 'x')],
    ];
    for (const [what, meanwhile] of recoveries) {
      it(`recovers nothing when ${what} by now (holds 50, 56)`, async () => {
        const user = await stores.addUser({ password: HASH });
        const change = { passwordHash: OTHER, stamp: 'next', emailVerifiedAt: NOW, ifRecoverableAs: user };
        await meanwhile(user._id);
        const before = await stored(user._id);
        expect(await stores.users.changePassword(user._id, change)).to.equal(undefined);
        expect(await stored(user._id)).to.deep.equal(before);
      });
    }

    it('recovers though all sessions were ended meanwhile, and says that the address is verified', async () => {
      const user = await stores.addUser({ password: HASH });
      await stores.users.setStamp(user._id, 'other');
      const change = { passwordHash: OTHER, stamp: 'next', emailVerifiedAt: NOW, ifRecoverableAs: user };
      expect(await stores.users.changePassword(user._id, change)).to.not.equal(undefined);
      expect(await stored(user._id)).to.deep.include({ emailVerifiedAt: NOW, password: OTHER });
      expect(await stores.users.changePassword(user._id, change)).to.equal(undefined);
    });

    it('lets one of 50 changes at once of the same credentials win (hold 50)', async () => {
      const user = await stores.addUser({ password: HASH });
      const { _id } = user;
      const changes = await Promise.all(
        Array.from({ length: 50 }, (_, index) => {
          const change = { passwordHash: OTHER, stamp: `stamp-${index}`, ifUnchangedSince: user };
          return stores.users.changePassword(_id, change);
        }),
      );
      const winner = changes.findIndex((changed) => changed !== undefined);
      expect(changes.filter((changed) => changed !== undefined)).to.have.length(1);
      expect(await setUnder(_id)).to.deep.equal({ password: OTHER, stamp: `stamp-${winner}` });
    });

    it('changes nobody who is not there', async () => {
      const nobody = new Types.ObjectId();
      expect(await stores.users.changePassword(nobody, { passwordHash: OTHER, stamp: 's' })).to.equal(
        undefined,
      );
      expect(await stores.users.setStamp(nobody, 's')).to.equal(undefined);
      expect(await stores.users.disable(nobody, NOW, 's')).to.equal(undefined);
      expect(await stores.users.enable(nobody)).to.equal(false);
      expect(await stored(nobody)).to.equal(null);
    });
  });

  it('upgrades a hash only if the credentials are the same still, and changes nothing else (hold 27)', async () => {
    const user = await stores.addUser({ password: HASH });
    const before = await stored(user._id);
    await stores.users.upgradeHash(user, OTHER);
    expect(await stored(user._id)).to.deep.equal({ ...before, password: OTHER });
    await stores.users.changePassword(user._id, { passwordHash: HASH, stamp: 'next' });
    const changed = await stored(user._id);
    await stores.users.upgradeHash(user, OTHER);
    expect(await stored(user._id)).to.deep.equal(changed);
  });

  it('renews the security stamp, and nothing else that matters', async () => {
    const { _id } = await stores.addUser({ password: HASH });
    const before = await stored(_id);
    expect((await stores.users.setStamp(_id, 'next'))?.replacedStamp).to.equal(before?.['securityStamp']);
    const { updatedAt, ...after } = (await stored(_id)) as Record<string, unknown>;
    expect(updatedAt).to.be.an.instanceOf(Date);
    expect({ ...after, updatedAt: before?.['updatedAt'] }).to.deep.equal({
      ...before,
      securityStamp: 'next',
    });
  });

  it('disables under a new stamp, and enables under the same one (hold 40)', async () => {
    const { _id } = await stores.addUser();
    expect((await stores.users.disable(_id, NOW, 'next'))?.user.disabledAt).to.deep.equal(NOW);
    expect(await stored(_id)).to.deep.include({ disabledAt: NOW, securityStamp: 'next' });
    expect(await stores.users.enable(_id)).to.equal(true);
    expect(await stored(_id)).to.deep.include({ disabledAt: null, securityStamp: 'next' });
  });

  describe('keeping what a user has set up', () => {
    const TOTP = { method: 'totp', id: 'a' };
    const PASSKEY = { method: 'passkey', id: 'b' };
    const GOOGLE = { method: 'google', id: 'c' };
    /** Those that let a user in by themselves. */
    const unlessLastOf = ['passkey', 'google'];

    const add = (id: unknown, entry: object, stamp = 'next') =>
      stores.users.addWayIn(id, { ...(entry as typeof TOTP), addedAt: NOW }, stamp);
    const remove = (id: unknown, entry: typeof TOTP, lettingIn?: readonly string[]) =>
      stores.users.removeWayIn(id, entry, 'next', { unlessLastOf: lettingIn });
    const waysIn = async (id: unknown) => (await stored(id))?.['waysIn'];
    /** A user with these entries. */
    async function userWith(entries: readonly (typeof TOTP)[], password?: string) {
      const { _id } = await stores.addUser({ password });
      for (const entry of entries) await add(_id, entry, 'before');
      return _id;
    }

    it('adds an entry and a new stamp in one write, and gives the stamp of before', async () => {
      const { _id, securityStamp } = await stores.addUser({ password: HASH });
      const before = await stored(_id);
      let written: Awaited<ReturnType<typeof add>>;
      const commands = await recordCommands(stores.database.connection, async () => {
        written = await add(_id, TOTP);
      });
      expect(commands.map(({ name }) => name)).to.deep.equal(['findAndModify']);
      expect(written?.replacedStamp).to.equal(securityStamp).and.not.equal('next');
      const { updatedAt, ...after } = (await stored(_id)) as Record<string, unknown>;
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
      const before = await stored(id);
      const later = { ...TOTP, addedAt: new Date(NOW.getTime() + 1) };
      expect(await add(id, TOTP)).to.equal(undefined);
      expect(await stores.users.addWayIn(id, later, 'next')).to.equal(undefined);
      expect(await stored(id)).to.deep.equal(before);
    });

    it('adds an entry once, of 20 at once', async () => {
      const { _id } = await stores.addUser();
      const written = await Promise.all(Array.from({ length: 20 }, (_, at) => add(_id, TOTP, `stamp-${at}`)));
      const winner = written.findIndex((each) => each !== undefined);
      expect(written.filter((each) => each !== undefined)).to.have.length(1);
      expect(await stored(_id)).to.deep.include({
        securityStamp: `stamp-${winner}`,
        waysIn: [{ ...TOTP, addedAt: NOW }],
      });
    });

    it('removes an entry and brings a new stamp in one write, and gives the stamp of before', async () => {
      const id = await userWith([TOTP, { ...TOTP, id: 'z' }, { ...PASSKEY, id: 'a' }]);
      const written = await remove(id, TOTP);
      expect(written?.replacedStamp).to.equal('before');
      expect(await stored(id)).to.deep.include({
        securityStamp: 'next',
        waysIn: [
          { method: 'totp', id: 'z', addedAt: NOW },
          { method: 'passkey', id: 'a', addedAt: NOW },
        ],
      });
    });

    it('removes nothing that is not there, and changes nothing', async () => {
      const id = await userWith([TOTP, PASSKEY], HASH);
      const before = await stored(id);
      for (const entry of [GOOGLE, { ...TOTP, id: 'b' }, { method: 'passkey', id: 'a' }]) {
        expect(await remove(id, entry)).to.equal(undefined);
        expect(await remove(id, entry, unlessLastOf)).to.equal(undefined);
      }
      expect(await stored(id)).to.deep.equal(before);
    });

    it('gives the user as stored, without what is for the kit alone', async () => {
      const { _id } = await stores.addUser({ password: HASH });
      for (const write of [add, remove]) {
        const written = await write(_id, TOTP);
        const user = written?.user.toObject() ?? {};
        expect(user).to.include.keys('email').and.not.have.any.keys('password', 'securityStamp');
        expect(user).to.not.have.any.keys('passwordStamp', 'waysIn');
        expect(written?.user.modifiedPaths()).to.deep.equal([]);
        expect(written?.user.updatedAt).to.deep.equal((await stored(_id))?.['updatedAt']);
      }
    });

    it('leaves the list as it is when such a user is saved by the app', async () => {
      const id = await userWith([TOTP], HASH);
      const written = await add(id, PASSKEY);
      await written?.user.set('name', 'Jean').save();
      expect(await stored(id)).to.include({ name: 'Jean', password: HASH, securityStamp: 'next' });
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
      expect(await stored(nobody)).to.equal(null);
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
          const before = await stored(id);
          expect(await remove(id, PASSKEY, unlessLastOf)).to.equal(undefined);
          expect(await stored(id)).to.deep.equal(before);
        });

        it('does not count what lets nobody in by itself', async () => {
          const id = await userWith([TOTP, { ...TOTP, id: 'b' }, PASSKEY]);
          const before = await stored(id);
          expect(await remove(id, PASSKEY, unlessLastOf)).to.equal(undefined);
          expect(await stored(id)).to.deep.equal(before);
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

  it('removes a user, once, and only while the credentials are those that were checked (hold 40)', async () => {
    const [user, other] = [await stores.addUser({ password: HASH }), await stores.addUser()];
    await stores.users.setStamp(user._id, 'other');
    expect(await stores.users.remove(user._id, { ifUnchangedSince: user })).to.equal(false);
    expect(await stored(user._id)).to.not.equal(null);
    const current = await stores.users.findById(user._id);
    expect(await stores.users.remove(user._id, { ifUnchangedSince: current })).to.equal(true);
    expect(await stored(user._id)).to.equal(null);
    expect(await stores.users.remove(user._id)).to.equal(false);
    expect(await stored(other._id)).to.not.equal(null);
  });

  describe('with mongoose’s sanitizeFilter on', () => {
    before(() => mongoose.set('sanitizeFilter', true));
    after(() => mongoose.set('sanitizeFilter', false));

    it('finds, changes, disables and removes', async () => {
      const user = await stores.addUser({ password: HASH });
      const { _id, email } = user;
      expect(await stores.users.findByEmail(email)).to.include({ password: HASH });
      const conditions = { ifUnchangedSince: user, ifRecoverableAs: user };
      const change = { passwordHash: OTHER, stamp: 's', ...conditions };
      expect(await stores.users.changePassword(_id, change)).to.not.equal(undefined);
      expect(await stores.users.disable(_id, NOW, 't')).to.not.equal(undefined);
      expect(await stores.users.remove(_id, { ifUnchangedSince: user })).to.equal(false);
      expect(await stores.users.remove(_id)).to.equal(true);
    });
  });

  it('writes what ends something to the majority, whatever the app’s URI says (hold 71)', async () => {
    const { uri } = stores.database;
    const careless = `${uri}${uri.includes('?') ? '&' : '?'}w=1`;
    const connection = await mongoose.createConnection(careless, { monitorCommands: true }).asPromise();
    try {
      const { users, addUser } = await createTestStores({ database: { ...stores.database, connection } });
      let id: unknown;
      const operations: Record<string, () => Promise<unknown>> = {
        insert: async () => {
          id = (await addUser({ password: HASH }))._id;
        },
        changePassword: () => users.changePassword(id, { passwordHash: OTHER, stamp: 's' }),
        setStamp: () => users.setStamp(id, 't'),
        disable: () => users.disable(id, NOW, 'u'),
        enable: () => users.enable(id),
        addWayIn: () => users.addWayIn(id, { method: 'totp', id: 'a', addedAt: NOW }, 'v'),
        removeWayIn: () => users.removeWayIn(id, { method: 'totp', id: 'a' }, 'w'),
        remove: () => users.remove(id),
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
