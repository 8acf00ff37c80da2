import { expect } from 'chai';
import { baseUserPlugin, baseUserSchema } from 'express-auth-kit';
import { Schema, type SchemaDefinition } from 'mongoose';
import { checkUserModel } from '../../lib/models/check-user-model.js';
import type { UserModel } from '../../lib/models/user.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { expectStartRefused } from '../support/failure.js';

describe('the check of the user model', () => {
  let database: TestDatabase;
  let model: UserModel;

  before(async () => {
    database = await createTestDatabase();
    const fields = { phone: String, address: { city: String }, tags: [String] };
    const schema = new Schema(fields, { discriminatorKey: 'kind' });
    schema.plugin(baseUserPlugin);
    model = database.connection.model('User', schema);
  });
  after(() => database.drop());

  it('takes a model with the base fields, and fields of the app’s own', () => {
    const fields = { registerFields: ['phone', 'address'], profileFields: ['tags'] };
    expect(checkUserModel(model, { own: fields })).to.equal(model);
  });

  it('takes a discriminator', () => {
    const base = database.connection.model('Base', baseUserSchema.clone(), 'base');
    const member = base.discriminator('Member', new Schema({ company: String }));
    expect(checkUserModel(member, { own: { registerFields: ['company'] } })).to.equal(member);
  });

  it('refuses what is no model', () => {
    for (const candidate of [
      undefined,
      null,
      'User',
      {},
      class User {},
      new Schema({}),
      { schema: new Schema({}) },
    ]) {
      expect(expectStartRefused(() => checkUserModel(candidate))).to.equal(
        'User: not a mongoose model; allowed: a discriminator of BaseUser or a model of a schema with baseUserPlugin',
      );
    }
  });

  it('refuses a model without the base fields', () => {
    const plain = database.connection.model('Plain', new Schema({ email: String, password: String }));
    expect(expectStartRefused(() => checkUserModel(plain))).to.equal(
      'User: the model Plain lacks the base fields; use BaseUser.discriminator(...) or schema.plugin(baseUserPlugin)',
    );
  });

  const redefinitions: [what: string, fields: SchemaDefinition, told: string][] = [
    ['a hash that is loaded', { password: String }, 'password'],
    ['a hash that may be plain text', { password: { type: String, select: false } }, 'password'],
    [
      'a hash of any form',
      {
        password: {
          type: String,
          select: false,
          match: [/.*/, 'The password must be stored as a bcrypt hash.'],
        },
      },
      'password',
    ],
    [
      'users who are verified from the start',
      { emailVerifiedAt: { type: Date, default: Date.now } },
      'emailVerifiedAt',
    ],
    ['an address that is not normalised', { email: { type: String, required: true, unique: true } }, 'email'],
    [
      'stamps that are loaded',
      {
        securityStamp: { type: String, select: true },
        passwordStamp: { type: String, select: true },
      },
      'securityStamp, passwordStamp',
    ],
    ['roles of another type', { roles: String }, 'roles'],
  ];
  for (const [what, fields, told] of redefinitions) {
    it(`refuses a discriminator with ${what} (holds 46, 66)`, () => {
      const base = database.connection.model(`Base ${what}`, baseUserSchema.clone(), 'base');
      const member = base.discriminator(`Member ${what}`, new Schema(fields));
      expect(expectStartRefused(() => checkUserModel(member))).to.equal(
        `User: the model Member ${what} defines ${told} anew; leave the base fields as they are`,
      );
    });
  }

  it('takes a name of the app’s own', () => {
    const schema = new Schema({ name: { first: String, last: String } });
    schema.plugin(baseUserPlugin);
    const Named = database.connection.model('Named', schema);
    expect(checkUserModel(Named)).to.equal(Named);
  });

  for (const [type, definition] of Object.entries({ Date, Buffer, Mixed: Schema.Types.Mixed })) {
    it(`refuses an _id of type ${type}, which a token cannot name`, () => {
      const schema = new Schema({ _id: definition });
      schema.plugin(baseUserPlugin);
      const Odd = database.connection.model(`Odd ${type}`, schema);
      expect(expectStartRefused(() => checkUserModel(Odd))).to.equal(
        `User: the model Odd ${type} has an _id of type ${type}; allowed: ObjectId, String, Number, UUID, BigInt, Decimal128`,
      );
    });
  }

  for (const [type, definition] of Object.entries({ String, Number, UUID: Schema.Types.UUID, BigInt })) {
    it(`takes an _id of type ${type}`, () => {
      const schema = new Schema({ _id: definition as typeof String });
      schema.plugin(baseUserPlugin);
      const model = database.connection.model(`With ${type}`, schema);
      expect(checkUserModel(model)).to.equal(model);
    });
  }

  for (const name of [
    'email',
    'name',
    'password',
    'roles',
    'emailVerifiedAt',
    'disabledAt',
    'securityStamp',
    'passwordStamp',
    'createdAt',
    'updatedAt',
    'displayName',
    'initials',
    'id',
    '_id',
    '__v',
    '__proto__',
    'kind',
  ]) {
    it(`refuses ${name} as a field that a body may set (hold 44)`, () => {
      for (const option of ['registerFields', 'profileFields']) {
        expect(
          expectStartRefused(() => checkUserModel(model, { own: { [option]: ['phone', name] } })),
        ).to.equal(`${option}: "${name}" given; allowed: fields of the app's own, not of the base user`);
      }
    });
  }

  for (const name of ['fone', 'constructor', 'toString', '$where', 'address.city', 'phone.0', '', ' phone']) {
    it(`refuses ${JSON.stringify(name)}, which is no field`, () => {
      expect(expectStartRefused(() => checkUserModel(model, { own: { registerFields: [name] } }))).to.equal(
        `registerFields: ${JSON.stringify(name)} is no field of User; allowed: phone, address, tags`,
      );
    });
  }

  it('says so when the model has no fields of its own', () => {
    const bare = new Schema({});
    bare.plugin(baseUserPlugin);
    const Bare = database.connection.model('Bare', bare);
    expect(expectStartRefused(() => checkUserModel(Bare, { own: { profileFields: ['phone'] } }))).to.equal(
      'profileFields: "phone" is no field of Bare; allowed: none, Bare has no fields of its own',
    );
  });

  describe('with login fields', () => {
    const modelWith = (fields: SchemaDefinition) => {
      const schema = new Schema(fields, { autoIndex: false, autoCreate: false });
      schema.plugin(baseUserPlugin);
      return database.connection.model(`Login${Object.keys(database.connection.models).length}`, schema);
    };
    it('takes texts with a unique index, the address among them', () => {
      const Named = modelWith({ username: { type: String, unique: true } });
      expect(checkUserModel(Named, { loginFields: ['email', 'username'] })).to.equal(Named);
    });
    it('takes one of a discriminator\u2019s own', () => {
      const base = database.connection.model('LoginBase', baseUserSchema.clone(), 'login-base');
      const Member = base.discriminator(
        'LoginMember',
        new Schema({ username: { type: String, unique: true } }),
      );
      expect(checkUserModel(Member, { loginFields: ['username'] })).to.equal(Member);
    });
    for (const [what, fields] of [
      ['one that is not there', {}],
      ['one that two may have', { username: String }],
      ['one that is indexed and not unique', { username: { type: String, index: true } }],
      ['one that is no text', { username: { type: Number, unique: true } }],
      ['a list of texts', { username: { type: [String], unique: true } }],
    ] as [string, SchemaDefinition][]) {
      it(`refuses ${what}`, () => {
        const Odd = modelWith(fields);
        expect(expectStartRefused(() => checkUserModel(Odd, { loginFields: ['username'] }))).to.equal(
          `loginFields: "username" given; allowed: texts of ${Odd.modelName} with a unique index, as username: { type: String, unique: true }`,
        );
      });
    }
  });

  describe('with hashes in fields of their own', () => {
    const modelWith = (hash: unknown) => {
      const schema = new Schema(hash ? { hash } : {}, { autoIndex: false, autoCreate: false });
      schema.plugin(baseUserPlugin);
      return database.connection.model(`Hash${Object.keys(database.connection.models).length}`, schema);
    };
    it('takes texts that are not loaded, and keeps them from bodies', () => {
      const Hashed = modelWith({ type: String, select: false });
      expect(checkUserModel(Hashed, { hashFields: ['hash'] })).to.equal(Hashed);
      expect(
        expectStartRefused(() =>
          checkUserModel(Hashed, { hashFields: ['hash'], own: { registerFields: ['hash'] } }),
        ),
      ).to.equal(
        'registerFields: "hash" given; allowed: fields of the app\u2019s own, not of the base user'.replace(
          '\u2019',
          "'",
        ),
      );
    });
    it('keeps the object that they are in from bodies (hold 44)', () => {
      const schema = new Schema(
        { legacy: { hash: { type: String, select: false } }, legacyPlan: String },
        { autoIndex: false, autoCreate: false },
      );
      schema.plugin(baseUserPlugin);
      const Hashed = database.connection.model('HashedWithin', schema);
      const check = (...registerFields: string[]) =>
        checkUserModel(Hashed, { hashFields: ['legacy.hash'], own: { registerFields } });
      expect(expectStartRefused(() => check('legacy'))).to.equal(
        `registerFields: "legacy" given; allowed: fields of the app's own, not of the base user`,
      );
      expect(check('legacyPlan')).to.equal(Hashed);
    });
    for (const [what, hash] of [
      ['that are not declared', undefined],
      ['that are loaded', String],
      ['that are no text', { type: Buffer, select: false }],
    ]) {
      it(`refuses those ${what}`, () => {
        const Odd = modelWith(hash);
        expect(expectStartRefused(() => checkUserModel(Odd, { hashFields: ['hash'] }))).to.equal(
          `password.verifiers: a hash is in the field hash; declare it in ${Odd.modelName}: hash: { type: String, select: false }`,
        );
      });
    }
  });
});
