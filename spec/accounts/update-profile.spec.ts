import { randomBytes } from 'node:crypto';
import { expect } from 'chai';
import {
  type AuthError,
  type AuthEvents,
  baseUserPlugin,
  createAuthRouter,
  type ValidationFailed,
} from 'express-auth-kit';
import { Schema } from 'mongoose';
import { createTestDatabase } from '../support/database.js';
import { failureOf } from '../support/failure.js';
import { createTestApp, type TestApp } from '../support/test-app.js';

describe('updateProfile, by the service', () => {
  let app: TestApp;

  before(async () => {
    app = await createTestApp({
      fields: {
        handle: { type: String, unique: true, sparse: true },
        age: { type: Number, min: 0 },
        address: { city: String, street: String },
        plan: { type: String, required: true, default: 'free' },
      },
    });
  });
  after(() => app.close());

  const update = (id: string, change: object) => app.auth.service.updateUser(id, change as never);
  const stored = (id: string) => app.User.findById(id).lean<Record<string, unknown>>();
  const faultsOf = async (run: () => Promise<unknown>) =>
    (await failureOf<ValidationFailed>(run)).errors.map(({ code, pointer }) => [code, pointer]);

  it('writes what is given and nothing else', async () => {
    const { id } = await app.register({ name: 'Ada', phone: '1' });
    const user = await update(id, { name: 'Ada Lovelace', handle: 'ada' });
    expect([user.name, user.phone]).to.deep.equal(['Ada Lovelace', '1']);
    expect(await stored(id)).to.deep.include({ name: 'Ada Lovelace', handle: 'ada', phone: '1' });
  });

  it('lets two that change different fields at once both succeed, twenty times', async () => {
    const { id } = await app.register();
    for (let round = 0; round < 20; round += 1) {
      const changes = [{ name: `N${round}` }, { phone: `${round}` }, { age: round }];
      await Promise.all(changes.map((change) => update(id, change)));
      expect(await stored(id)).to.deep.include(Object.assign({}, ...changes));
    }
  });

  it('leaves the password, the sessions and the roles as they are', async () => {
    const user = await app.signUp();
    await app.auth.service.setRoles(user.id, ['editor']);
    await update(user.id, { name: 'Ada' });
    await app.login(user);
    const { user: known } = await app.auth.service.verifyAccessToken(user.access_token);
    expect(known.roles).to.deep.equal(['editor']);
  });

  it('refuses a value of another type, with the faults of the other fields, and writes nothing', async () => {
    const { id } = await app.register({ name: 'Ada', phone: '1' });
    await update(id, { address: { city: 'London' } });
    const before = await stored(id);
    for (const phone of [[], ['1'], {}, { toString: '2' }, { length: 1 }, [[]], [null]]) {
      const faults = await faultsOf(() => update(id, { name: 'Grace', phone }));
      expect(faults, JSON.stringify(phone)).to.deep.equal([['invalid_type', '#/phone']]);
    }
    const faults = await faultsOf(() => update(id, { phone: {}, age: -1 }));
    expect(faults).to.have.deep.members([
      ['invalid_type', '#/phone'],
      ['too_small', '#/age'],
    ]);
    expect(await faultsOf(() => update(id, { age: 'old' }))).to.deep.equal([['invalid_type', '#/age']]);
    const nested = await faultsOf(() => update(id, { address: { city: {} } }));
    expect(nested).to.deep.equal([['invalid_type', '#/address/city']]);
    expect(await stored(id)).to.deep.equal(before);
  });

  it('clears a field by null, so that a unique one is free for others', async () => {
    const [one, two] = [await app.register(), await app.register()];
    await update(one.id, { handle: 'mine', name: 'One' });
    expect(await faultsOf(() => update(two.id, { handle: 'mine' }))).to.deep.equal([['taken', '#/handle']]);
    await update(one.id, { handle: null, name: null });
    await update(two.id, { handle: null });
    expect(await stored(one.id)).to.not.have.property('handle');
    expect((await stored(one.id))?.['name'] ?? null).to.equal(null);
    await update(two.id, { handle: 'mine' });
  });

  it('tells all faults of the schema at once', async () => {
    const { id } = await app.register();
    const faults = await faultsOf(() => update(id, { age: -1, plan: null }));
    expect(faults).to.have.deep.members([
      ['too_small', '#/age'],
      ['required', '#/plan'],
    ]);
  });

  it('refuses a name with invisible characters', async () => {
    const { id } = await app.register();
    const faults = await faultsOf(() => update(id, { name: 'A\u202Eda' }));
    expect(faults).to.deep.equal([['invalid_characters', '#/name']]);
  });

  it('tells the app which fields, and not what is in them', async () => {
    const { id } = await app.register();
    const events: AuthEvents['user.updated'][] = [];
    const stop = app.auth.on('user.updated', (event) => events.push(event));
    await update(id, { name: 'Ada', phone: '5' });
    await update(id, {});
    stop();
    const nobody = { ip: null, userAgent: null };
    expect(events).to.deep.equal([{ userId: id, fields: ['phone', 'name'], ...nobody }]);
  });

  it("runs the schema's own hooks", async () => {
    const { connection, drop } = await createTestDatabase();
    try {
      const schema = new Schema({ city: String, searchable: String });
      schema.plugin(baseUserPlugin);
      schema.pre('save', function () {
        if (this.isModified('city')) this.set('searchable', this.city?.toLowerCase());
      });
      const User = connection.model('User', schema);
      const { service } = createAuthRouter({
        User,
        secretKey: randomBytes(32).toString('base64'),
        logger: { warn() {} },
      });
      const { _id } = await service.createUser({ email: 'ada@example.com' });
      const user = await service.updateUser(String(_id), { city: 'Paris' });
      expect(user.searchable).to.equal('paris');
      expect(await User.findById(_id).lean()).to.include({ city: 'Paris', searchable: 'paris' });
    } finally {
      await drop();
    }
  });

  it('takes base fields, and fields that there are not, for slips of the app', async () => {
    const { id } = await app.register();
    for (const field of ['password', 'roles', 'email', 'emailVerifiedAt', 'securityStamp', '_id', 'phnoe']) {
      const error = await failureOf<TypeError>(() => update(id, { [field]: 'x' }));
      expect(error, field).to.be.instanceOf(TypeError);
      expect(error.message).to.match(new RegExp(`^${field}: `));
    }
  });

  it('says that there is no such user', async () => {
    const { id } = await app.register();
    await app.auth.service.deleteUser(id);
    expect((await failureOf<AuthError>(() => update(id, { name: 'x' }))).code).to.equal('not_found');
  });
});
