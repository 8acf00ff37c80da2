import { expect } from 'chai';
import { Types } from 'mongoose';
import type { UserDocument } from '../../lib/models/user.js';
import { openUserCollection, type UserCollection } from '../../lib/models/user-collection.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { failureOf } from '../support/failure.js';

describe('openUserCollection', () => {
  let database: TestDatabase;
  let users: UserCollection;

  before(async () => {
    database = await createTestDatabase();
    await fill('users', { unique: true });
    users = await openUserCollection(database.uri, 'users');
  });
  after(async () => {
    await users.close();
    await database.drop();
  });

  const stored = (name = 'users') => database.connection.collection(name);
  const EMAILS = [
    'ada@example.com',
    'adam@example.com',
    'a.b@example.com',
    'axb@example.com',
    'bob@example.com',
  ];

  async function fill(name: string, index: object): Promise<void> {
    await stored(name).createIndex({ email: 1 }, index);
    const more = Array.from(
      { length: 200 },
      (_, count) => `user-${String(count).padStart(3, '0')}@example.com`,
    );
    await stored(name).insertMany([...EMAILS, ...more].map((email) => ({ email })));
  }
  const emails = (found: UserDocument[]) => found.map(({ email }) => email);

  it('lists by address, page by page', async () => {
    const first = await users.list({ limit: 3 });
    expect(emails(first)).to.deep.equal(['a.b@example.com', 'ada@example.com', 'adam@example.com']);
    const second = await users.list({ limit: 2, after: 'ADAM@example.com' });
    expect(emails(second)).to.deep.equal(['axb@example.com', 'bob@example.com']);
  });

  it('finds those whose address begins with a text, which is no pattern', async () => {
    const find = async (prefix: string, after?: string) =>
      emails(await users.list({ limit: 10, prefix, after }));
    expect(await find('Ada')).to.deep.equal(['ada@example.com', 'adam@example.com']);
    expect(await find('ada', 'ada@example.com')).to.deep.equal(['adam@example.com']);
    expect(await find('a.b')).to.deep.equal(['a.b@example.com']);
    for (const pattern of ['.*', '^ada', '[a-z]', '(a+)+$', '$ne'])
      expect(await find(pattern)).to.deep.equal([]);
  });

  for (const [what, name, index] of [
    ['the index', 'users', undefined],
    ['an index with a collation', 'people', { unique: true, collation: { locale: 'en', strength: 2 } }],
  ] as const) {
    it(`looks at no more than it finds, by ${what}`, async () => {
      if (index) await fill(name, index);
      const people = index ? await openUserCollection(database.uri, name) : users;
      try {
        await database.connection.db?.command({ profile: 2 });
        expect(emails(await people.list({ limit: 10, prefix: 'ada' }))).to.have.length(2);
        expect(await people.list({ limit: 10, after: 'bob@example.com' })).to.have.length(10);
        await database.connection.db?.command({ profile: 0 });
        const filter = { op: 'query', ns: new RegExp(`\\.${name}$`) };
        const profiles = await stored('system.profile').find(filter).toArray();
        expect(profiles).to.have.length(2);
        for (const { docsExamined, nreturned, hasSortStage } of profiles) {
          expect({ docsExamined, hasSortStage }).to.deep.equal({
            docsExamined: nreturned,
            hasSortStage: undefined,
          });
        }
      } finally {
        if (index) await people.close();
      }
    });
  }

  it("loads the app's own fields, whatever their types are, and no credentials", async () => {
    await stored('members').insertOne({
      email: 'ada@example.com',
      name: { first: 'Ada' },
      phone: '1',
      password: 'geheim',
      securityStamp: 'geheim',
      waysIn: [],
    });
    const members = await openUserCollection(database.uri, 'members');
    const [user] = (await members.list({ limit: 1 })) as [UserDocument];
    expect(user.toObject()).to.deep.include({ name: { first: 'Ada' }, phone: '1' });
    expect(user.toObject()).to.not.have.any.keys('password', 'securityStamp', 'waysIn');
    await members.close();
  });

  it('tells of which kinds the newest users are', async () => {
    const kindsOf = async (name: string, documents: object[]) => {
      if (documents.length > 0) await stored(name).insertMany(documents as never);
      const collection = await openUserCollection(database.uri, name);
      try {
        return await collection.kinds();
      } finally {
        await collection.close();
      }
    };
    expect(await kindsOf('none', [])).to.deep.equal({ discriminators: [], hasOtherIds: false });
    const [one, two] = [
      { email: 'a', __t: 'User' },
      { email: 'b', __t: 'User' },
    ];
    expect(await kindsOf('one-kind', [one, two])).to.deep.equal({
      discriminators: ['User'],
      hasOtherIds: false,
    });
    const mixed = await kindsOf('mixed', [{ email: 'a' }, { _id: 'ada', email: 'b', __t: 'User' }]);
    expect(mixed.discriminators).to.have.members([undefined, 'User']);
    expect(mixed.hasOtherIds).to.equal(true);
  });

  it('removes the pair of passport-local-mongoose, and no other hash', async () => {
    const [pair, alone] = [new Types.ObjectId(), new Types.ObjectId()];
    await stored().insertOne({ _id: pair, email: 'pair@example.com', hash: 'x', salt: 'y', phone: '1' });
    await stored().insertOne({ _id: alone, email: 'alone@example.com', hash: 'of a picture' });
    for (const id of [pair, alone]) await users.dropForeignHash(id);
    expect(await stored().findOne({ _id: pair })).to.deep.equal({
      _id: pair,
      email: 'pair@example.com',
      phone: '1',
    });
    expect(await stored().findOne({ _id: alone })).to.include({ hash: 'of a picture' });
  });

  it('takes off where a user came from, the devices too, and of nobody else', async () => {
    const [gone, other] = [new Types.ObjectId(), new Types.ObjectId()];
    const audit = database.connection.collection('auth_audit');
    const entry = (kind: string, id: Types.ObjectId) => ({
      kind,
      subject: String(id),
      ip: '::1',
      userAgent: 'x',
    });
    const devices = database.connection.collection('auth_known_devices');
    const device = (kind: string, user: Types.ObjectId) => ({ kind, user, device: 'Firefox on Linux' });
    const collection = await openUserCollection(database.uri, 'members');
    try {
      await collection.forgetOrigins(gone);
      const names = (await database.connection.listCollections()).map(({ name }) => name);
      expect(names).not.to.include('auth_audit').and.not.to.include('auth_known_devices');
      await devices.insertMany([device('members', gone), device('members', other), device('users', gone)]);
      await audit.insertMany([entry('members', gone), entry('members', other), entry('users', gone)]);
      await collection.forgetOrigins(gone);
    } finally {
      await collection.close();
    }
    const kept = await audit.find({ ip: '::1', userAgent: 'x' }).toArray();
    expect(kept.map(({ kind, subject }) => [kind, subject])).to.deep.equal([
      ['members', String(other)],
      ['users', String(gone)],
    ]);
    const known = await devices.find().toArray();
    expect(known.map(({ kind, user }) => [kind, String(user)])).to.deep.equal([
      ['members', String(other)],
      ['users', String(gone)],
    ]);
  });

  it('makes no collection and no index by itself', async () => {
    const nobody = await openUserCollection(database.uri, 'nobody');
    expect(await nobody.list({ limit: 1 })).to.deep.equal([]);
    await nobody.close();
    const names = (await database.connection.listCollections()).map(({ name }) => name);
    expect(names).not.to.include('nobody');
  });

  it('fails where no server answers, and where the URI is none', async () => {
    const open = (uri: string) => failureOf(() => openUserCollection(uri, 'users'));
    expect((await open('mongodb://127.0.0.1:1/app')).name).to.equal('MongooseServerSelectionError');
    expect((await open('mongodb:/127.0.0.1')).name).to.equal('MongoParseError');
  });
});
