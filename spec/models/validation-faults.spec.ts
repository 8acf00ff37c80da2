import { expect } from 'chai';
import mongoose, { Schema, type SchemaDefinition } from 'mongoose';
import type { AuthError, FieldFault, ValidationFailed } from '../../lib/errors.js';
import { rethrowValidation, schemaRefusal, taken } from '../../lib/models/validation-faults.js';
import { failureOf } from '../support/failure.js';

describe('the faults of fields', () => {
  const connection = mongoose.createConnection();

  /** What a schema of these fields refuses of a document. */
  async function refusalOf(fields: SchemaDefinition, given: object): Promise<unknown> {
    connection.deleteModel(/Faulty/);
    const Model = connection.model('Faulty', new Schema(fields));
    return failureOf(() => new Model(given).validate().catch(rethrowValidation));
  }

  const city = new Schema({ city: { type: String, required: true } });
  const thrown = (error: unknown) => ({
    type: String,
    validate: () => {
      throw error;
    },
  });
  const rejected = (error: unknown) => ({ type: String, validate: () => Promise.reject(error) });
  const WRONG_TYPE = ['invalid_type', 'This value is of the wrong type.'] as const;
  const NOT_VALID = ['invalid', 'This value is not valid.'] as const;

  /** A rule, a value that breaks it, and what the client is told. */
  const rules: [
    rule: string,
    field: SchemaDefinition[string],
    value: unknown,
    fault: readonly [code: string, detail: string],
    pointer?: string,
  ][] = [
    ['required', { type: String, required: true }, undefined, ['required', 'This field is required.']],
    ['required, and ""', { type: String, required: true }, '', ['required', 'This field is required.']],
    [
      'required in its own words',
      { type: String, required: [true, 'A plan.'] },
      null,
      ['required', 'A plan.'],
    ],
    [
      'enum',
      { type: String, enum: ['a'] },
      'b`\nb',
      ['invalid_choice', 'This value is not one of those allowed.'],
    ],
    [
      'enum of numbers',
      { type: Number, enum: [1] },
      5,
      ['invalid_choice', 'This value is not one of those allowed.'],
    ],
    ['min', { type: Number, min: 3 }, 2, ['too_small', 'This value must be at least 3.']],
    ['max', { type: Number, max: 3 }, 4, ['too_large', 'This value must be at most 3.']],
    ['max in its own words', { type: Number, max: [3, 'Three.'] }, 4, ['too_large', 'Three.']],
    [
      'min of a date',
      { type: Date, min: new Date(9e11) },
      new Date(8e11),
      ['too_small', 'This value is too small.'],
    ],
    [
      'max of a date',
      { type: Date, max: new Date(9e11) },
      new Date(1e12),
      ['too_large', 'This value is too large.'],
    ],
    [
      'minlength',
      { type: String, minlength: 3 },
      'ab',
      ['too_short', 'This value must have at least 3 characters.'],
    ],
    [
      'maxlength',
      { type: String, maxlength: 3 },
      'abcd',
      ['too_long', 'This value must have at most 3 characters.'],
    ],
    ['match', { type: String, match: /^a/ }, 'b', ['invalid_format', 'This value is not of the right form.']],
    ['a type', Number, 'x', WRONG_TYPE],
    ['the type of an element', [Number], [1, 'x'], WRONG_TYPE, '#/field/1'],
    ['the type of a document', city, 'x', WRONG_TYPE],
    ['a rule in a document', city, {}, ['required', 'This field is required.'], '#/field/city'],
    [
      'a rule in a list',
      [city],
      [{ city: 'a' }, {}],
      ['required', 'This field is required.'],
      '#/field/1/city',
    ],
    ['a validator', { type: String, validate: () => false }, 'x', NOT_VALID],
    [
      'a validator of its own words',
      { type: String, validate: [() => false, 'Not so.'] },
      'x',
      ['invalid', 'Not so.'],
    ],
    [
      'a validator of its own code',
      { type: String, validate: { validator: () => false, message: 'No.', type: 'invalid_phone' } },
      'x',
      ['invalid_phone', 'No.'],
    ],
    ['a validator that throws its words', thrown(new Error('Not so.')), 'x', ['invalid', 'Not so.']],
    ['a validator that rejects with its words', rejected(new Error('Not so.')), 'x', ['invalid', 'Not so.']],
    ['a validator with a fault of its own', thrown(new TypeError('reading a.b')), 'x', NOT_VALID],
    [
      'a validator whose server is in trouble',
      rejected(Object.assign(new Error('10.0.0.7: bad handshake'), { code: 'ETLS' })),
      'x',
      NOT_VALID,
    ],
  ];
  for (const [rule, field, value, [code, detail], pointer = '#/field'] of rules) {
    it(`tell what breaks ${rule}, in plain words, without what was given`, async () => {
      const error = (await refusalOf({ field }, { field: value })) as ValidationFailed;
      expect(error).to.include({ status: 422, code: 'validation_failed' });
      expect(error.errors).to.deep.equal([{ code, detail, pointer }]);
    });
  }

  it('are told all at once', async () => {
    const fields = { age: Number, address: { city: { type: String, required: true } } };
    const error = (await refusalOf(fields, { age: 'very', address: {} })) as ValidationFailed;
    expect(error.errors.map(({ pointer }) => pointer)).to.deep.equal(['#/age', '#/address/city']);
  });

  it('are an outage where a validator asks a database that is away (hold 67)', async () => {
    const away = Object.assign(new Error('connect'), { code: 'ECONNREFUSED' });
    const error = (await refusalOf({ field: rejected(away) }, { field: 'x' })) as AuthError;
    expect(error).to.include({ status: 503, code: 'unavailable', cause: away });
  });

  it('leave any other error as it is', async () => {
    const others = [
      new Error('the directory is down'),
      Object.assign(new Error('of Joi'), { name: 'ValidationError', details: [] }),
      Object.assign(new Error('of yup'), { name: 'ValidationError', errors: ['a must be a string'] }),
      Object.assign(new Error('of another'), { name: 'ValidationError', errors: { a: 'no' } }),
      { name: 'ValidationError', errors: {} },
      undefined,
    ];
    for (const error of others) {
      expect(schemaRefusal(error)).to.equal(undefined);
      expect(await failureOf(() => rethrowValidation(error))).to.equal(error);
    }
  });

  it('of a value that somebody else has point to the field (RFC 6901)', () => {
    const detail = 'This a~b.c/d is already in use.';
    const fault: FieldFault = { code: 'taken', detail, pointer: '#/a~0b/c~1d' };
    expect(taken('a~b.c/d')).to.deep.equal(fault);
  });
});
