import { expect } from 'chai';
import { Types } from 'mongoose';
import { linesOf, viewOf } from '../../lib/cli/user-view.js';
import type { UserDocument } from '../../lib/models/user.js';
import { openUserCollection, type UserCollection } from '../../lib/models/user-collection.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';

const BCRYPT = `$2b$10$${'a'.repeat(53)}`;

describe('viewOf', () => {
  let database: TestDatabase;
  let users: UserCollection;

  before(async () => {
    database = await createTestDatabase();
    users = await openUserCollection(database.uri, 'users');
  });
  after(async () => {
    await users.close();
    await database.drop();
  });

  const load = async (stored: object) => {
    await database.connection.collection('users').deleteMany({});
    await database.connection.collection('users').insertOne({ email: 'ada@example.com', ...stored });
    const [user] = await users.list({ limit: 1 });
    return user as UserDocument;
  };

  it("shows the public user, whether it is disabled, and the app's own fields", async () => {
    const team = new Types.ObjectId();
    const at = new Date(0);
    const view = viewOf(
      await load({
        name: 'Ada',
        roles: ['admin'],
        disabledAt: at,
        phone: '1',
        team,
        address: { city: 'London' },
      }),
    );
    expect(JSON.parse(JSON.stringify(view))).to.deep.include({
      email: 'ada@example.com',
      name: 'Ada',
      displayName: 'Ada',
      initials: 'AD',
      roles: ['admin'],
      emailVerifiedAt: null,
      disabledAt: at.toJSON(),
      phone: '1',
      team: String(team),
      address: { city: 'London' },
    });
    expect(view['id']).to.be.a('string');
    expect(view).to.not.have.any.keys('_id', '__v', '__t');
  });

  it('shows no hash, no stamp, and nothing that looks like a secret', async () => {
    const secret = 'geheim';
    const stored = {
      password: BCRYPT,
      securityStamp: secret,
      passwordStamp: secret,
      waysIn: [{ method: secret }],
      hash: secret,
      salt: secret,
      resetPasswordToken: secret,
      totpSecret: secret,
      services: { github: { accessToken: secret, login: 'ada' } },
      devices: [{ pushToken: secret, name: 'phone' }],
      former: BCRYPT,
      older: [BCRYPT, '$argon2id$v=19$m=65536,t=3,p=4$c2FsdA$aGFzaA', 'kept'],
      __t: 'User',
    };
    const text = JSON.stringify(viewOf(await load(stored)));
    expect(text).not.to.include(secret).and.not.include('$2b$').and.not.include('$argon2');
    expect(JSON.parse(text)).to.deep.include({
      services: { github: { login: 'ada' } },
      devices: [{ name: 'phone' }],
      older: ['kept'],
    });
  });

  it('shows users whose name is no text, and who have next to nothing', async () => {
    expect(viewOf(await load({ name: { first: 'Ada' } }))).to.deep.include({ name: { first: 'Ada' } });
    expect(viewOf(await load({}))).to.deep.include({ name: null, roles: [], createdAt: null });
  });

  it('is lines for a person, which a terminal cannot take for commands', async () => {
    const lines = linesOf(
      viewOf(await load({ roles: ['a', 'b'], note: 'x\u001b[2J\ny', address: { city: 'London' } })),
    );
    expect(lines).to.include.members([
      'email: ada@example.com',
      'roles: a, b',
      'note: x [2J y',
      'address: {"city":"London"}',
    ]);
    expect(lines.join()).not.to.include('null');
  });
});
