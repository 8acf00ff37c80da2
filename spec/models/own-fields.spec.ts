import { expect } from 'chai';
import { Schema } from 'mongoose';
import { pickOwnFields } from '../../lib/models/own-fields.js';
import { expectFaults } from '../http/expect-refusal.js';
import { createTestApp, PASSWORD, type TestApp } from '../support/test-app.js';

const FAULT = { code: 'invalid', detail: 'This value cannot be stored.', pointer: '#/anything' };
const nested = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`;

/** JSON that a field of no particular type would let through, and what becomes of it. */
const unstorable: Record<string, string> = {
  'an operator': '{"$gt":""}',
  'an operator deep inside': '{"a":[{"b":{"$where":"1"}}]}',
  'a name with a NUL': '{"a\\u0000b":1}',
  'a name with a lone surrogate': '{"a\\ud800":1}',
  'a text with a lone surrogate': '"a\\ud800"',
  'a text longer than a body': JSON.stringify('x'.repeat(16_385)),
  'a prototype': '{"__proto__":{"polluted":1}}',
  'a constructor': '{"constructor":{"name":"Date"}}',
  'what looks like a BSON type': '{"_bsontype":"ObjectId","id":"x"}',
  'what looks like an unknown BSON type': '{"_bsontype":"Nothing"}',
  'what looks like a document': '{"$__":1,"_doc":{"a":1}}',
  'what looks like a buffer of mongoose': '{"isMongooseBuffer":true}',
  'what looks like a map of mongoose': '{"$isMongooseMap":true}',
  '51 levels': nested(51),
  '5000 levels': nested(5000),
  '2000 levels of objects': `${'{"a":'.repeat(2000)}1${'}'.repeat(2000)}`,
};
const storable: Record<string, string> = {
  null: 'null',
  'a number': '1.5',
  'a text with a NUL': '"a\\u0000b"',
  '50 levels': nested(50),
  'names with dots': '{"a.b":{"":1}}',
  'what has methods by name': '{"toString":1,"valueOf":1,"toJSON":1,"toObject":1,"toBSON":1,"length":1e9}',
  'what looks like a buffer': '{"type":"Buffer","data":[1]}',
};

describe('pickOwnFields', () => {
  it('picks the fields that are named and there, as they came', () => {
    const body = { phone: '1', seats: [2], email: 'a', roles: ['admin'] };
    expect(pickOwnFields(body, ['phone', 'seats', 'company'])).to.deep.equal({
      fields: { phone: '1', seats: [2] },
      faults: [],
    });
  });

  it('picks nothing that a body has from its prototype', () => {
    expect(pickOwnFields({}, ['toString', 'constructor']).fields).to.deep.equal({});
  });

  it('refuses more than a body of ours could hold, however the app’s parser got it (hold 64)', () => {
    const many = Array.from({ length: 3000 }, () => 'ten bytes ');
    const error = refusalOf(() => pickOwnFields({ many }, ['many']));
    expect(error).to.include({ status: 413, code: 'body_too_large' });
  });

  it('names every field that cannot be stored, and picks the others', () => {
    expect(pickOwnFields({ a: { $gt: 1 }, b: 1, c: '\ud800' }, ['a', 'b', 'c'])).to.deep.equal({
      fields: { b: 1 },
      faults: [
        { ...FAULT, pointer: '#/a' },
        { ...FAULT, pointer: '#/c' },
      ],
    });
  });

  describe('guards a field of no particular type: POST /register', () => {
    let app: TestApp;
    let users = 0;
    before(async () => {
      app = await createTestApp({
        prepare: (each) => each.set('json spaces', 0),
        fields: {
          anything: Schema.Types.Mixed,
          labels: { type: Map, of: String },
          owner: Schema.Types.ObjectId,
        },
        registerFields: ['anything', 'labels', 'owner'],
      });
    });
    after(() => app.close());

    const register = (field: string, json: string) => {
      users += 1;
      const text = `{"email":"own-${users}@example.com","password":"${PASSWORD}","${field}":${json}}`;
      return app.http.post('/auth/register').type('json').send(text);
    };

    for (const [what, json] of Object.entries(unstorable)) {
      it(`refuses ${what}, and stores nobody (holds 44, 65)`, async () => {
        const before = await app.User.countDocuments();
        const response = await register('anything', json);
        if (response.status !== 413) expectFaults(response, [FAULT]);
        expect(await app.User.countDocuments()).to.equal(before);
        expect(({} as Record<string, unknown>).polluted).to.equal(undefined);
      });
    }

    for (const [what, json] of Object.entries(storable)) {
      it(`stores ${what} as it is`, async () => {
        const response = await register('anything', json);
        expect(response.status, response.text).to.equal(201);
        const stored = await app.connection.collection('users').findOne({ email: response.body.email });
        expect(JSON.parse(JSON.stringify(stored?.anything))).to.deep.equal(JSON.parse(json));
      });
    }

    it('refuses what a typed field would stumble over, by a clear 422', async () => {
      for (const [field, json] of [
        ['labels', '{"a\\u0000b":"c"}'],
        ['owner', '{"_bsontype":"ObjectId","id":"x"}'],
      ] as const) {
        expectFaults(await register(field, json), [{ ...FAULT, pointer: `#/${field}` }]);
      }
    });
  });
});

function refusalOf(run: () => unknown): unknown {
  try {
    return run();
  } catch (error) {
    return error;
  }
}
