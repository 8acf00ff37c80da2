import { expect } from 'chai';
import { Types } from 'mongoose';
import { createHashForms } from '../../lib/cli/hash-forms.js';
import { readImportLine } from '../../lib/cli/import-line.js';

const BCRYPT = `$2b$10$${'a'.repeat(53)}`;

describe('readImportLine', () => {
  const hashes = createHashForms();
  const read = (row: object | string) =>
    readImportLine(typeof row === 'string' ? row : JSON.stringify(row), hashes);

  it('reads what there can be of a user', () => {
    const given = { email: 'Ada@example.com', name: 'Ada', roles: ['admin'], emailVerified: true };
    expect(read({ ...given, passwordHash: BCRYPT, fields: { phone: '1' } })).to.deep.equal({
      account: { ...given, passwordHash: BCRYPT, phone: '1' },
      hashForm: 'bcrypt',
    });
    const { account, hashForm } = read({ email: 'ada@example.com' });
    expect(account.email).to.equal('ada@example.com');
    expect(account).not.to.have.property('passwordHash');
    expect(hashForm).to.equal(undefined);
  });

  it('reads a document of mongoexport, with its id, its dates and its own fields', () => {
    const id = new Types.ObjectId();
    const document = {
      _id: { $oid: String(id) },
      username: 'ada',
      email: 'ada@example.com',
      createdAt: { $date: '2020-01-02T03:04:05.000Z' },
      logins: { $numberLong: '3' },
      salt: 'the salt',
      hash: 'ab'.repeat(512),
      securityStamp: 'of another database',
      __v: 0,
    };
    const { account, hashForm } = read(document);
    expect(account).to.deep.include({
      username: 'ada',
      createdAt: new Date('2020-01-02T03:04:05.000Z'),
      logins: 3,
      passwordHash: `passport-local-mongoose$the salt$${'ab'.repeat(512)}`,
    });
    expect(String(account['_id'])).to.equal(String(id));
    expect(account['_id']).to.be.instanceOf(Types.ObjectId);
    expect(account).to.not.have.any.keys('hash', 'salt', 'securityStamp', '__v');
    expect(hashForm).to.equal('passportLocalMongoose()');
  });

  it("takes a hash by the kit's own name of the field too, or by hash alone", () => {
    for (const field of ['passwordHash', 'password', 'hash']) {
      expect(read({ email: 'ada@example.com', [field]: BCRYPT }).account.passwordHash, field).to.equal(
        BCRYPT,
      );
    }
    expect(read({ email: 'a@example.com', password: BCRYPT, hash: 'x', salt: 'y' }).hashForm).to.equal(
      'bcrypt',
    );
    expect(read({ email: 'a@example.com', passwordHash: null }).account).not.to.have.property('passwordHash');
  });

  const email = 'ada@example.com';
  for (const [what, row, reason] of [
    ['what is no JSON', '{"passwordHash": "geheim', 'this is no JSON'],
    ['a malformed id', '{"email":"a@example.com","_id":{"$oid":"geheim"}}', 'this is no JSON'],
    ['a list', '[{"email":"a@example.com"}', 'this is no JSON'],
    ['a whole list', '[{"email":"a@example.com"}]', 'not a list'],
    ['a text', '"geheim"', 'a JSON object is expected'],
    ['a missing address', {}, 'the address is missing'],
    ['an empty address', { email: ' ' }, 'the address is missing'],
    ['an address that is no text', { email: ['geheim'] }, 'the address is missing'],
    ['a name that is no text', { email, name: 7 }, 'name'],
    ['roles that are no list', { email, roles: 'admin' }, 'roles'],
    ['roles that are no texts', { email, roles: [7] }, 'roles'],
    ['a mark that is none', { email, emailVerified: 'no' }, 'emailVerified'],
    ['fields that are no object', { email, fields: ['geheim'] }, 'fields'],
    ['a password among the fields', { email, fields: { password: 'geheim' } }, 'fields: password'],
    ['a date that is none', { email, disabledAt: 'geheim' }, 'disabledAt'],
    ['a plain password', { email, password: 'geheim' }, 'no verifier knows the hash'],
    ['an unknown hash', { email, passwordHash: 'geheim' }, 'no verifier knows the hash'],
    ['an unknown pair', { email, hash: 'geheim', salt: 'salt' }, 'no verifier knows the hash'],
    ['a hash that is no text', { email, passwordHash: { geheim: 1 } }, 'no text'],
    ['an operator for a field', { email, fields: { $set: 'geheim' } }, '$set'],
    ['what is too large', { email, bio: 'x'.repeat(20_000) }, 'bio'],
  ] as const) {
    it(`refuses ${what}, and repeats nothing`, () => {
      expect(() => read(row))
        .to.throw(reason)
        .with.property('message')
        .that.does.not.include('geheim');
    });
  }
});
