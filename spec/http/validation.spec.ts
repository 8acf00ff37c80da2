import { expect } from 'chai';
import { ValidationFailed } from '../../lib/errors.js';
import {
  emailAddress,
  optionalString,
  personName,
  type Rules,
  requiredString,
  validate,
} from '../../lib/http/validation.js';
import { failureOf } from '../support/failure.js';

const TOO_LONG = 'x'.repeat(16 * 1024 + 1);

describe('validate', () => {
  /** What becomes of a value, by a rule: the value as sanitised, or what is wrong with it. */
  async function outcome(rule: Rules[string] | undefined, value: unknown): Promise<unknown> {
    const input = validate<{ field: unknown }>({ field: rule as Rules[string] }, { field: value, other: 1 });
    return input.catch((error) => {
      expect(error).to.be.an.instanceOf(ValidationFailed);
      expect(error.errors).to.have.length(1);
      expect(error.errors[0].pointer).to.equal('#/field');
      return error.errors[0].detail;
    });
  }

  const required = requiredString('It');
  const optional = optionalString('It');
  const email = emailAddress('It');
  const name = personName('It', 5);
  const string = 'It must be a string.';
  const address = 'It must be an email address.';
  const control = 'It must not contain control characters.';

  const table: [rule: string, value: unknown, expected: unknown][] = [
    ['required', 'x', { field: 'x' }],
    ['required', ' ', { field: ' ' }],
    ['required', '  x  ', { field: '  x  ' }],
    ['required', '\0', { field: '\0' }],
    ['required', undefined, 'It is required.'],
    ['required', null, 'It is required.'],
    ['required', '', 'It must not be empty.'],
    ['required', 0, string],
    ['required', false, string],
    ['required', [], string],
    ['required', ['x'], string],
    ['required', {}, string],
    ['required', { $gt: '' }, string],
    ['required', { length: 1, toString: 'x' }, string],
    ['required', TOO_LONG, 'It is too long.'],
    ['required', '\u{1f98a}'.repeat(20), { field: '\u{1f98a}'.repeat(20) }],
    ['optional', 'x', { field: 'x' }],
    ['optional', '', 'It must not be empty.'],
    ['optional', 5, string],
    ['optional', ['x'], string],
    ['optional', {}, string],
    ['optional', TOO_LONG, 'It is too long.'],
    ['email', ' JEAN@Example.com', { field: 'jean@example.com' }],
    ['email', 'j.e.a.n+tag@gmail.com', { field: 'j.e.a.n+tag@gmail.com' }],
    ['email', 'Jose\u0301@example.com', { field: 'jos\u00e9@example.com' }],
    ['email', undefined, 'It is required.'],
    ['email', '', 'It must not be empty.'],
    ['email', ' ', address],
    ['email', 'jean', address],
    ['email', 'jean@example.com,eve@example.com', address],
    ['email', 'jean@exa\0mple.com', address],
    ['email', 'je\u2028an@example.com', address],
    ['email', ['jean@example.com'], string],
    ['email', { toString: 'jean@example.com' }, string],
    ['name', 'Jean', { field: 'Jean' }],
    ['name', '\u{1f98a}'.repeat(5), { field: '\u{1f98a}'.repeat(5) }],
    ['name', 'Jean P', 'It must have at most 5 characters.'],
    ['name', 'a\nb', control],
    ['name', 'a\0b', control],
    ['name', 'a\ud800', control],
    ['name', 5, string],
    ['name', ['Jean'], string],
  ];
  const rules: Record<string, Rules[string]> = { required, optional, email, name };
  for (const [rule, value, expected] of table) {
    const shown = (JSON.stringify(value) ?? 'undefined').slice(0, 40);
    it(`${typeof expected === 'string' ? 'refuses' : 'takes'} ${shown} by the rule ${rule}`, async () => {
      expect(await outcome(rules[rule], value)).to.deep.equal(expected);
    });
  }

  for (const rule of ['optional', 'name']) {
    for (const value of [undefined, null]) {
      it(`takes ${value} for absent by the rule ${rule}`, async () => {
        const input = (await outcome(rules[rule], value)) as { field?: unknown };
        expect(input.field ?? null).to.equal(null);
      });
    }
  }

  it('names one fault a field, all fields at once', async () => {
    const input = validate({ a: required, b: email, c: name }, { b: ['x'], c: 'a\n' });
    const { errors, status, detail } = await failureOf<ValidationFailed>(() => input);
    expect(errors.map(({ pointer }) => pointer).sort()).to.deep.equal(['#/a', '#/b', '#/c']);
    expect(status).to.equal(422);
    expect(detail).to.equal(errors.map((fault) => fault.detail).join(' '));
  });

  it('returns what the rules name and nothing else', async () => {
    const body = { a: 'x', b: 'y', __proto__: { a: 'z' }, constructor: 'c' };
    expect(await validate({ a: required }, body)).to.deep.equal({ a: 'x' });
  });
});
