import bcrypt from 'bcrypt';
import { expect } from 'chai';
import { type UserModel as AnyModel, BaseUser, baseUserPlugin, baseUserSchema } from 'express-auth-kit';
import mongoose, { Error as MongooseErrors, Schema } from 'mongoose';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { expectStartRefused, failureOf } from '../support/failure.js';

describe('the base user', () => {
  let database: TestDatabase;
  let Plugged: AnyModel;
  let Plain: AnyModel;

  before(async () => {
    database = await createTestDatabase();
    const schema = new Schema({ phone: String });
    schema.plugin(baseUserPlugin);
    Plugged = database.connection.model('Plugged', schema);
    Plain = database.connection.model('Plain', baseUserSchema, 'plain_users');
    await Promise.all([Plugged.createIndexes(), Plain.createIndexes()]);
  });
  after(() => database.drop());

  it('leaves no trace in the database of who has users of another model', async () => {
    const untouched = await createTestDatabase();
    try {
      await mongoose.connect(untouched.uri);
      await BaseUser.init();
      expect(await untouched.connection.listCollections()).to.deep.equal([]);
    } finally {
      await mongoose.connection.close();
      await untouched.drop();
    }
  });

  it('is a model on the default connection, in the collection users', () => {
    expect(BaseUser.modelName).to.equal('BaseUser');
    expect(BaseUser.collection.collectionName).to.equal('users');
    expect(Object.keys(BaseUser.schema.paths)).to.deep.equal(Object.keys(baseUserSchema.paths));
  });

  for (const [how, model] of [
    ['by the schema', () => Plain],
    ['by the plugin', () => Plugged],
  ] as const) {
    describe(how, () => {
      it('starts with no name, no roles, neither verified nor disabled', async () => {
        const user = await model().create({ email: 'start@example.com' });
        const { roles, name, emailVerifiedAt, disabledAt, createdAt, updatedAt } = user.toObject();
        expect({ roles, name, emailVerifiedAt, disabledAt }).to.deep.equal({
          roles: [],
          name: null,
          emailVerifiedAt: null,
          disabledAt: null,
        });
        expect([createdAt, updatedAt].every((date) => date instanceof Date)).to.equal(true);
      });

      it('gives each user roles of its own', () => {
        const [one, other] = [new (model())({}), new (model())({})];
        one.roles.push('admin');
        expect([...other.roles]).to.deep.equal([]);
      });

      it('stores the address normalised, whichever way it is set (hold 46)', async () => {
        const user = await model().create({ email: '  Am\u0065\u0301lie@Example.COM ' });
        expect(user.email).to.equal('am\u00e9lie@example.com');
        user.email = ' OTHER@example.com';
        await user.save();
        expect(await model().countDocuments({ _id: user._id, email: 'other@example.com' })).to.equal(1);
        await model().updateOne({ _id: user._id }, { $set: { email: ' THIRD@example.com' } });
        expect((await model().findById(user._id)).email).to.equal('third@example.com');
      });

      it('trims the name, and takes blanks alone for none', async () => {
        const { _id, name } = await model().create({ email: 'named@example.com', name: ' Ada ' });
        expect(name).to.equal('Ada');
        for (const none of ['', ' \t']) {
          await model().updateOne({ _id }, { $set: { name: none } });
          expect(await model().findById(_id).lean()).to.include({ name: null });
        }
      });

      for (const email of ['"a,b"@example.com', 'no address', 'a@example.com,b@example.com', 'a@b\0.com']) {
        it(`refuses ${JSON.stringify(email)} as an address`, async () => {
          const error = await failureOf<MongooseErrors.ValidationError>(() => model().create({ email }));
          expect(error).to.be.an.instanceOf(MongooseErrors.ValidationError);
          expect(error.errors['email']?.message).to.equal('This is not an email address that can be used.');
        });
      }

      it('needs an address, one string', async () => {
        for (const email of [undefined, null, '', { $ne: null }, ['a@example.com', 'b@example.com']]) {
          const error = await failureOf<MongooseErrors.ValidationError>(() => model().create({ email }));
          expect(Object.keys(error.errors)).to.deep.equal(['email']);
        }
        expect(await model().countDocuments({ email: { $in: [null, ''] } })).to.equal(0);
      });

      it('keeps addresses unique by an index', async () => {
        const indexes = await model().collection.indexes();
        expect(indexes.find(({ key }) => key['email'] === 1)).to.include({ unique: true });
        await model().create({ email: 'unique@example.com' });
        const error = await failureOf<Error & { code: number }>(() =>
          model().create({ email: 'Unique@example.com' }),
        );
        expect(error.code).to.equal(11000);
      });

      it('cannot be saved with a password in plain text', async () => {
        const email = 'plain-text@example.com';
        for (const password of ['correct horse battery', '$2b$12$', `x$2b$04$${'.'.repeat(53)}`]) {
          const error = await failureOf<MongooseErrors.ValidationError>(() =>
            model().create({ email, password }),
          );
          expect(error.errors['password']?.message).to.equal('The password must be stored as a bcrypt hash.');
          expect(error.message).to.not.include('correct horse');
        }
        expect(await model().countDocuments({ email })).to.equal(0);
      });

      it('takes a hash from elsewhere, and neither it nor the stamp is loaded unasked', async () => {
        const password = await bcrypt.hash('correct horse battery', 4);
        const { _id } = await model().create({ email: 'hash@example.com', password, securityStamp: 'stamp' });
        expect((await model().findById(_id)).toObject()).to.not.have.any.keys('password', 'securityStamp');
        const whole = await model().findById(_id).select('+password +securityStamp');
        expect(whole).to.include({ password, securityStamp: 'stamp' });
      });

      it('trims a name, and bounds it', async () => {
        const user = await model().create({ email: 'name@example.com', name: '  Jean  ' });
        expect(user.name).to.equal('Jean');
        const error = await failureOf<MongooseErrors.ValidationError>(() =>
          model().create({ email: 'long@example.com', name: 'x'.repeat(201) }),
        );
        expect(Object.keys(error.errors)).to.deep.equal(['name']);
      });

      it('is shown as the public user, never with the hash (hold 66)', async () => {
        const user = new (model())({
          email: 'json@example.com',
          name: 'Jean',
          password: 'hash',
          securityStamp: 's',
        });
        const json = JSON.parse(JSON.stringify(user));
        expect(json).to.include({
          email: 'json@example.com',
          name: 'Jean',
          displayName: 'Jean',
          initials: 'JE',
        });
        expect(json).to.not.have.any.keys('password', 'securityStamp', '_id', '__v', 'disabledAt');
      });

      const NAMES: [name: string | null | undefined, email: string, displayName: string, initials: string][] =
        [
          ['Jean Paul Dupont', 'a@example.com', 'Jean Paul Dupont', 'JD'],
          ['jean dupont', 'a@example.com', 'jean dupont', 'JD'],
          ['  Jean \t Dupont ', 'a@example.com', 'Jean \t Dupont', 'JD'],
          ['Madonna', 'a@example.com', 'Madonna', 'MA'],
          ['X', 'a@example.com', 'X', 'X'],
          ['\u00e9lodie \u00e5gren', 'a@example.com', '\u00e9lodie \u00e5gren', '\u00c9\u00c5'],
          ['E\u0301lodie', 'a@example.com', 'E\u0301lodie', 'E\u0301L'],
          ['\u674e\u5c0f\u9f99', 'a@example.com', '\u674e\u5c0f\u9f99', '\u674e\u5c0f'],
          ['\u{1f600} Smiley', 'a@example.com', '\u{1f600} Smiley', '\u{1f600}S'],
          [
            '\u{1f600}\u{1f601}\u{1f602}',
            'a@example.com',
            '\u{1f600}\u{1f601}\u{1f602}',
            '\u{1f600}\u{1f601}',
          ],
          [
            '\u{1f469}\u200d\u{1f4bb} Coder',
            'a@example.com',
            '\u{1f469}\u200d\u{1f4bb} Coder',
            '\u{1f469}\u200d\u{1f4bb}C',
          ],
          ['', 'jean.dupont@example.com', 'jean.dupont@example.com', 'JD'],
          ['   ', 'jean.dupont@example.com', 'jean.dupont@example.com', 'JD'],
          [null, 'jean.dupont@example.com', 'jean.dupont@example.com', 'JD'],
          [undefined, 'francois@example.com', 'francois@example.com', 'FR'],
          [undefined, 'jean.paul.dupont@example.com', 'jean.paul.dupont@example.com', 'JD'],
          [undefined, 'jean_dupont@example.com', 'jean_dupont@example.com', 'JD'],
          [undefined, 'jean-dupont@example.com', 'jean-dupont@example.com', 'JD'],
          [undefined, 'x@example.com', 'x@example.com', 'X'],
        ];
      for (const [name, email, displayName, initials] of NAMES) {
        it(`shows ${JSON.stringify(name)}, ${email} as ${initials}`, () => {
          const user = new (model())({ email, name });
          expect({ displayName: user.displayName, initials: user.initials }).to.deep.equal({
            displayName,
            initials,
          });
        });
      }
    });
  }

  describe('as a plugin', () => {
    it('may be applied twice', () => {
      const schema = new Schema({ phone: String });
      schema.plugin(baseUserPlugin);
      const paths = Object.keys(schema.paths);
      schema.plugin(baseUserPlugin);
      expect(Object.keys(schema.paths)).to.deep.equal(paths);
      expect(paths).to.include.members(['phone', 'email', 'password', 'roles', 'securityStamp', 'createdAt']);
    });

    it('may be applied to the base schema, and to what is made from a schema that has it', () => {
      const clone = baseUserSchema.clone();
      expect(() => clone.plugin(baseUserPlugin)).to.not.throw();
      expect(Object.keys(clone.paths)).to.deep.equal(Object.keys(baseUserSchema.paths));
    });

    for (const [field, definition] of [
      ['email', { email: String }],
      ['password', { password: { type: String } }],
      ['roles', { roles: [String] }],
      ['emailVerifiedAt', { emailVerifiedAt: Date }],
      ['disabledAt', { disabledAt: Boolean }],
      ['securityStamp', { securityStamp: String }],
      ['displayName', { displayName: String }],
      ['initials', { initials: String }],
      ['email', { email: { address: String, verified: Boolean } }],
    ] as [string, object][]) {
      it(`refuses a schema with ${JSON.stringify(definition, (_, value) => value.name ?? value)} of its own`, () => {
        const message = expectStartRefused(() => new Schema(definition).plugin(baseUserPlugin));
        expect(message).to.equal(
          `baseUserPlugin: the schema defines ${field} itself; leave it to the plugin`,
        );
      });
    }

    it('refuses a schema with a virtual of a base field', () => {
      const schema = new Schema({ phone: String });
      schema.virtual('displayName').get(() => 'own');
      expect(expectStartRefused(() => schema.plugin(baseUserPlugin))).to.equal(
        'baseUserPlugin: the schema defines displayName itself; leave it to the plugin',
      );
    });

    it('keeps a name of the app’s own', () => {
      const schema = new Schema({ name: { type: String, required: true, maxlength: 5 } });
      schema.plugin(baseUserPlugin);
      expect(schema.path('name').options).to.include({ required: true, maxlength: 5 });
    });

    it('shows the address where the app’s own name is no text', () => {
      const schema = new Schema({ name: { first: String, last: String } });
      schema.plugin(baseUserPlugin);
      const model: AnyModel = database.connection.model('Named', schema);
      const user = new model({ email: 'jean.dupont@example.com', name: { first: 'Jean', last: 'Dupont' } });
      expect(user).to.include({ displayName: 'jean.dupont@example.com', initials: 'JD' });
    });

    it('keeps timestamps and toJSON of the app’s own', () => {
      const toJSON = { transform: () => ({ own: true }) };
      const schema = new Schema({}, { timestamps: { createdAt: 'created' }, toJSON });
      schema.plugin(baseUserPlugin);
      expect(schema.get('timestamps')).to.deep.equal({ createdAt: 'created' });
      expect(schema.get('toJSON')).to.deep.equal(toJSON);
    });

    it('shows nothing internal where the app has a toJSON without a transform (hold 66)', () => {
      const schema = new Schema({}, { toJSON: { virtuals: true } });
      schema.plugin(baseUserPlugin);
      const model: AnyModel = database.connection.model('Virtual', schema);
      const shown = new model({
        email: 'a@example.com',
        securityStamp: 'stamp',
        disabledAt: new Date(),
      }).toJSON();
      expect(shown).to.include({ email: 'a@example.com' });
      expect(shown).to.not.have.any.keys('securityStamp', 'disabledAt', '_id', '__v');
    });
  });
});
