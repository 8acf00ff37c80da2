import { expect } from 'chai';
import { baseUserPlugin, baseUserSchema } from 'express-auth-kit';
import mongoose, { Schema, type SchemaOptions } from 'mongoose';
import { publicUser } from '../../lib/models/public-user.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';

const HASH = `$2b$04$${'.'.repeat(53)}`;
const BASE = [
  'id',
  'email',
  'name',
  'displayName',
  'initials',
  'roles',
  'emailVerifiedAt',
  'createdAt',
  'updatedAt',
];

describe('the public user', () => {
  let database: TestDatabase;
  let models = 0;

  before(async () => {
    database = await createTestDatabase();
  });
  after(() => database.drop());

  /** Stores a user of a model of its own, and loads it with everything there is. */
  async function stored(definition: object, values: object, options: SchemaOptions = {}) {
    const schema = new Schema(definition, options as object);
    schema.plugin(baseUserPlugin);
    models += 1;
    // biome-ignore lint/suspicious/noExplicitAny: a plugged-in schema, which mongoose does not type
    const model = database.connection.model<any>(`User${models}`, schema);
    const secrets = { password: HASH, securityStamp: 'a stamp', disabledAt: new Date(0) };
    const { _id } = await model.create({ email: `user-${models}@example.com`, ...secrets, ...values });
    const hidden = Object.entries(schema.paths).filter(([, type]) => type.options.select === false);
    const everything = hidden.map(([path]) => `+${path}`).join(' ');
    const user = await model.findById(_id).select(everything);
    return { user, shown: publicUser(user), model };
  }

  it('has the base fields, null when unset, and the app’s own (hold 66)', async () => {
    const { user, shown } = await stored({ phone: String, city: String }, { phone: '+33 1' });
    expect(shown).to.deep.equal({
      id: user._id.toString(),
      email: user.email,
      name: null,
      displayName: user.email,
      initials: 'U1',
      roles: [],
      emailVerifiedAt: null,
      createdAt: user.createdAt,
      updatedAt: user.updatedAt,
      phone: '+33 1',
      city: null,
    });
    expect(Object.keys(shown).slice(0, BASE.length)).to.deep.equal(BASE);
  });

  it('has null where a document from elsewhere has nothing', async () => {
    const { model } = await stored({ city: String }, {});
    await model.collection.insertOne({ email: 'bare@example.com' });
    const user = await model.findOne({ email: 'bare@example.com' });
    expect(publicUser(user)).to.deep.include({
      email: 'bare@example.com',
      name: null,
      roles: [],
      emailVerifiedAt: null,
      createdAt: null,
      updatedAt: null,
      city: null,
    });
  });

  it('has none of what is internal, loaded or not (hold 66)', async () => {
    const { user, shown } = await stored({ phone: String }, {});
    expect(user.toObject()).to.include.keys('_id', '__v', 'password', 'securityStamp', 'disabledAt');
    expect(shown).to.have.all.keys(...BASE, 'phone');
    expect(JSON.stringify(shown)).to.not.include(HASH).and.not.include('a stamp');
  });

  it('has neither hash nor stamp where the app’s schema selects them (hold 66)', async () => {
    const schema = new Schema({ phone: String });
    schema.plugin(baseUserPlugin);
    for (const path of ['password', 'securityStamp']) {
      schema.path(path).select(true);
      schema.path(path).options.select = true;
    }
    // biome-ignore lint/suspicious/noExplicitAny: a plugged-in schema, which mongoose does not type
    const model = database.connection.model<any>('Careless', schema);
    const email = 'careless@example.com';
    await model.create({ email, password: HASH, securityStamp: 'a stamp' });
    const user = await model.findOne({ email });
    expect(user).to.include({ password: HASH, securityStamp: 'a stamp' });
    expect(publicUser(user)).to.have.all.keys(...BASE, 'phone');
  });

  it('has no field that is select: false, on whichever level (hold 66)', async () => {
    const part = new Schema({ label: String, pin: { type: String, select: false } }, { _id: false });
    const definition = {
      pin: { type: String, select: false },
      nested: {
        label: String,
        pin: { type: String, select: false },
        deeper: { pin: { type: String, select: false } },
      },
      one: part,
      many: [part],
      grid: [[part]],
      inline: [{ _id: false, label: String, pin: { type: String, select: false } }],
      whole: { type: [part], select: false },
      map: { type: Map, of: String, select: false },
    };
    const secret = { label: 'shown', pin: 'SECRET' };
    const values = {
      pin: 'SECRET',
      nested: { ...secret, deeper: { pin: 'SECRET' } },
      one: secret,
      many: [secret, secret],
      grid: [[secret], [secret]],
      inline: [secret],
      whole: [secret],
      map: { key: 'SECRET' },
    };
    const { user } = await stored(definition, values);
    // As after a registration: the document at hand has all that was set.
    user.set(values);
    const shown = publicUser(user);
    expect(JSON.stringify(user.toObject())).to.include('SECRET');
    expect(JSON.stringify(shown)).to.not.include('SECRET');
    const [label] = [{ label: 'shown' }];
    expect(shown).to.deep.include({
      one: label,
      many: [label, label],
      grid: [[label], [label]],
      inline: [label],
    });
    expect(shown['nested']).to.deep.include(label);
    expect(shown).to.not.have.any.keys('pin', 'whole', 'map');
  });

  it('shows maps as objects', async () => {
    const { shown } = await stored({ labels: { type: Map, of: String } }, { labels: { one: 'first' } });
    expect(JSON.parse(JSON.stringify(shown)).labels).to.deep.equal({ one: 'first' });
  });

  it('has no fields that the schema does not know', async () => {
    const { model } = await stored({ phone: String }, {}, { strict: false });
    await model.collection.insertOne({ email: 'strange@example.com', legacyHash: 'SECRET' });
    const user = await model.findOne({ email: 'strange@example.com' });
    expect(publicUser(user)).to.not.have.any.keys('legacyHash');
  });

  it('has an id where it is a text of the app’s own', async () => {
    const { shown } = await stored({ _id: String, phone: String }, { _id: 'user:1' });
    expect(shown).to.include({ id: 'user:1' }).and.not.have.any.keys('_id');
  });

  it('has a name of the app’s own making as it is', async () => {
    const { shown } = await stored({ name: { first: String, last: String } }, { name: { first: 'Jean' } });
    expect(JSON.parse(JSON.stringify(shown.name))).to.deep.equal({ first: 'Jean' });
  });

  it('has no version key of another name', async () => {
    const { user, shown } = await stored({ phone: String }, {}, { versionKey: 'revision' });
    expect(user.toObject()).to.include.keys('revision');
    expect(shown).to.have.all.keys(...BASE, 'phone');
  });

  it('is fine without a version key', async () => {
    const { shown } = await stored({ phone: String }, {}, { versionKey: false });
    expect(shown).to.have.all.keys(...BASE, 'phone');
  });

  describe('of a discriminator', () => {
    for (const [what, options, key] of [
      ['__t', {}, '__t'],
      ['a key of another name', { discriminatorKey: 'kind' }, 'kind'],
    ] as const) {
      it(`has the fields of both, and not ${what}`, async () => {
        const schema = new Schema({ phone: String }, options);
        schema.plugin(baseUserPlugin);
        models += 1;
        // biome-ignore lint/suspicious/noExplicitAny: a plugged-in schema, which mongoose does not type
        const base = database.connection.model<any>(`Base${models}`, schema);
        const member = base.discriminator(`Member${models}`, new Schema({ company: String }));
        const { _id } = await member.create({ email: `member-${models}@example.com`, company: 'Example' });
        for (const user of [await base.findById(_id), await member.findById(_id)]) {
          expect(user.toObject()).to.include.keys(key);
          expect(publicUser(user)).to.have.all.keys(...BASE, 'phone', 'company');
        }
      });
    }

    it('is the same on the base schema itself', async () => {
      const base = database.connection.model('Base', baseUserSchema.clone(), 'base_users');
      const member = base.discriminator('Member', new Schema({ company: String }));
      const user = await member.create({ email: 'member@example.com', company: 'Example' });
      expect(publicUser(user)).to.have.all.keys(...BASE, 'company');
      expect(publicUser(user)).to.include({ company: 'Example' });
    });
  });

  it('is what JSON.stringify makes of a user, subdocuments and all', async () => {
    const definition = {
      parts: [new Schema({ label: String }, { _id: false })],
      owner: mongoose.Schema.Types.ObjectId,
    };
    const { user, shown } = await stored(definition, { parts: [{ label: 'one' }] });
    expect(JSON.parse(JSON.stringify(user))).to.deep.equal(JSON.parse(JSON.stringify(shown)));
    expect(JSON.parse(JSON.stringify(user)).parts).to.deep.equal([{ label: 'one' }]);
  });

  it('writes integers of any size as text, however deep, and leaves other values as they are', async () => {
    const definition = { big: BigInt, limits: [{ max: BigInt }], any: Schema.Types.Mixed };
    const at = new Date(0);
    const values = { big: 2n ** 60n, limits: [{ max: 7n }], any: { deep: { count: 5n, at } } };
    const { shown } = await stored(definition, values);
    const { big, limits, any } = JSON.parse(JSON.stringify(shown));
    expect({ big, max: limits[0].max, any }).to.deep.equal({
      big: '1152921504606846976',
      max: '7',
      // MongoDB has one kind of integer of that size, and gives it back as a number where nobody asks for another.
      any: { deep: { count: 5, at: at.toISOString() } },
    });
  });

  it('can be changed without changing the user', async () => {
    const { user, shown } = await stored({ tags: [String] }, { roles: ['admin'], tags: ['a'] });
    shown.roles.push('root');
    (shown['tags'] as string[]).push('b');
    expect([...user.roles]).to.deep.equal(['admin']);
    expect([...user.tags]).to.deep.equal(['a']);
  });

  it('hides what a discriminator of subdocuments hides (hold 66)', async () => {
    const items = new Schema({ name: String }, { discriminatorKey: 'kind' });
    const definition = { items: [items] };
    const schema = new Schema(definition);
    (schema.path('items') as unknown as { discriminator(name: string, schema: Schema): void }).discriminator(
      'secretive',
      new Schema({ secret: { type: String, select: false } }),
    );
    schema.plugin(baseUserPlugin);
    // biome-ignore lint/suspicious/noExplicitAny: a plugged-in schema, which mongoose does not type
    const model = database.connection.model<any>('WithItems', schema);
    const user = new model({
      email: 'a@example.com',
      items: [{ kind: 'secretive', name: 'n', secret: 'hush' }],
    });
    expect(JSON.stringify(publicUser(user)))
      .to.include('"name":"n"')
      .and.not.include('hush');
  });
});
