import { expect } from 'chai';
import { type AuthError, EmailTaken, ValidationFailed } from 'express-auth-kit';
import { failureOf } from '../support/failure.js';
import { createTestStores, type TestStores } from '../support/test-stores.js';

const HASH = `$2b$04$${'a'.repeat(53)}`;

describe('users as documents', () => {
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

  it('normalises the address, gives a stamp, and stores only when told', async () => {
    const user = stores.users.build({ email: ' Build@Example.com ', name: 'Jean', roles: ['admin'] });
    expect(user).to.include({ email: 'build@example.com', name: 'Jean' });
    expect(user.securityStamp).to.match(/^[\w-]{16}$/);
    expect(await stores.storedUser(user._id)).to.equal(null);
    await stores.users.insert(user);
    expect(await stores.storedUser(user._id)).to.deep.include({
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
});
