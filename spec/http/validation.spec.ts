import { expect } from 'chai';
import { AuthError, type Fault, ValidationFailed } from '../../lib/errors.js';
import {
  createValidator as createCheck,
  deviceName,
  emailAddress,
  type Field,
  optionalString,
  personName,
  type RuleChoice,
  type Rules,
  requiredString,
} from '../../lib/http/validation.js';
import { failureOf } from '../support/failure.js';

const TOO_LONG = 'x'.repeat(16 * 1024 + 1);
const REQUIRED = ['required', 'It is required.'];
const EMPTY = ['required', 'It must not be empty.'];
const LONG = ['too_long', 'It is too long.'];

/** The input of a body that is good; else its faults, thrown. */
function createValidator(rules: Rules | RuleChoice) {
  const check = createCheck(rules);
  return async (body: Readonly<Record<string, unknown>>) => {
    const { input, faults } = await check(body);
    if (faults.length > 0) throw new ValidationFailed(faults);
    return input;
  };
}

describe('createValidator', () => {
  /** What becomes of a value, by a rule: the value as sanitised, or what is wrong with it. */
  async function outcome(rule: Rules[string] | undefined, value: unknown): Promise<unknown> {
    const validate = createValidator({ field: rule as Rules[string] });
    const input = validate({ field: value, other: 1 });
    return input.catch((error) => {
      expect(error).to.be.an.instanceOf(ValidationFailed);
      expect(error.errors).to.have.length(1);
      expect(error.errors[0].pointer).to.equal('#/field');
      return [error.errors[0].code, error.errors[0].detail];
    });
  }

  const required = requiredString('It');
  const optional = optionalString('It');
  const email = emailAddress('It');
  const name = personName('It', 5);
  const string = ['invalid_type', 'It must be a string.'];
  const address = ['invalid_email', 'It must be an email address.'];
  const control = ['invalid_characters', 'It must not contain invisible characters.'];

  const table: [rule: string, value: unknown, expected: unknown][] = [
    ['required', 'x', { field: 'x' }],
    ['required', ' ', { field: ' ' }],
    ['required', '  x  ', { field: '  x  ' }],
    ['required', '\0', { field: '\0' }],
    ['required', undefined, REQUIRED],
    ['required', null, REQUIRED],
    ['required', '', EMPTY],
    ['required', 0, string],
    ['required', false, string],
    ['required', [], string],
    ['required', ['x'], string],
    ['required', {}, string],
    ['required', { $gt: '' }, string],
    ['required', { length: 1, toString: 'x' }, string],
    ['required', TOO_LONG, LONG],
    ['required', '\u{1f98a}'.repeat(20), { field: '\u{1f98a}'.repeat(20) }],
    ['optional', 'x', { field: 'x' }],
    ['optional', '', EMPTY],
    ['optional', 5, string],
    ['optional', ['x'], string],
    ['optional', {}, string],
    ['optional', TOO_LONG, LONG],
    ['email', ' JEAN@Example.com', { field: 'jean@example.com' }],
    ['email', 'j.e.a.n+tag@gmail.com', { field: 'j.e.a.n+tag@gmail.com' }],
    ['email', 'Jose\u0301@example.com', { field: 'jos\u00e9@example.com' }],
    ['email', undefined, REQUIRED],
    ['email', '', EMPTY],
    ['email', ' ', address],
    ['email', 'jean', address],
    ['email', 'jean@example.com,eve@example.com', address],
    ['email', 'jean@exa\0mple.com', address],
    ['email', 'je\u2028an@example.com', address],
    ['email', ['jean@example.com'], string],
    ['email', { toString: 'jean@example.com' }, string],
    ['name', 'Jean', { field: 'Jean' }],
    ['name', '\u{1f98a}'.repeat(5), { field: '\u{1f98a}'.repeat(5) }],
    ['name', 'Jean P', ['too_long', 'It must have at most 5 characters.']],
    ['name', 'a\nb', control],
    ['name', 'a\0b', control],
    ['name', 'a\ud800', control],
    ['name', 5, string],
    ['name', ['Jean'], string],
    ['device', ' Till 3 ', { field: 'Till 3' }],
    ['device', 'x'.repeat(100), { field: 'x'.repeat(100) }],
    ['device', 'x'.repeat(101), ['too_long', 'It must have at most 100 characters.']],
    ['device', 'Till\u202e3', control],
    ['device', '', {}],
    ['device', '  ', {}],
    ['device', 5, string],
    ['device', ['Till'], string],
  ];
  const device = deviceName('It');
  const rules: Record<string, Rules[string]> = { required, optional, email, name, device };
  for (const [rule, value, expected] of table) {
    const shown = (JSON.stringify(value) ?? 'undefined').slice(0, 40);
    it(`${Array.isArray(expected) ? 'refuses' : 'takes'} ${shown} by the rule ${rule}`, async () => {
      expect(await outcome(rules[rule], value)).to.deep.equal(expected);
    });
  }

  for (const rule of ['optional', 'name', 'device']) {
    for (const value of [undefined, null]) {
      it(`takes ${value} for absent by the rule ${rule}`, async () => {
        const input = (await outcome(rules[rule], value)) as { field?: unknown };
        expect(input.field ?? null).to.equal(null);
      });
    }
  }

  it('names one fault a field, all fields at once', async () => {
    const input = createValidator({ a: required, b: email, c: name })({ b: ['x'], c: 'a\n' });
    const { errors, status, detail } = await failureOf<ValidationFailed>(() => input);
    expect(errors.map(({ pointer }) => pointer).sort()).to.deep.equal(['#/a', '#/b', '#/c']);
    expect(status).to.equal(422);
    expect(detail).to.equal(errors.map((fault) => fault.detail).join(' '));
  });

  it('tells them in the order of the rules, whichever check comes to an end first', async () => {
    const { faults } = await createCheck({ a: email, b: name })({ a: 'no address', b: 5 });
    expect(faults.map(({ pointer }) => pointer)).to.deep.equal(['#/a', '#/b']);
  });

  it('gives the fields that are good beside the faults of the others', async () => {
    const { input, faults } = await createCheck({ a: required, b: email })({ a: 'x', b: 'y' });
    expect(input).to.deep.equal({ a: 'x' });
    expect(faults).to.deep.equal([
      { code: 'invalid_email', detail: 'It must be an email address.', pointer: '#/b' },
    ]);
  });

  it('takes the words of a check of an app’s own feature, with a code or without', async () => {
    const rule = (errorMessage: Fault | string): Field => {
      const custom = { options: () => false, errorMessage };
      return { check: { custom }, schema: {}, required: false };
    };
    const colour = { code: 'invalid_colour', detail: 'No such colour.' };
    const { faults } = await createCheck({ a: rule('Not so.'), b: rule(colour) })({ a: 1, b: 2 });
    expect(faults).to.deep.equal([
      { code: 'invalid', detail: 'Not so.', pointer: '#/a' },
      { ...colour, pointer: '#/b' },
    ]);
  });

  it('returns what the rules name and nothing else', async () => {
    const body = { a: 'x', b: 'y', __proto__: { a: 'z' }, constructor: 'c' };
    expect(await createValidator({ a: required })(body)).to.deep.equal({ a: 'x' });
  });

  describe('with another name for a field', () => {
    const validate = createValidator({ username: requiredString('The username', { alias: 'email' }) });

    it('takes either, and gives it by the name of the field', async () => {
      expect(await validate({ username: 'a' })).to.deep.equal({ username: 'a' });
      expect(await validate({ email: 'b' })).to.deep.equal({ username: 'b' });
    });

    it('prefers the field itself, unless it is absent or null', async () => {
      expect(await validate({ username: 'a', email: 'b' })).to.deep.equal({ username: 'a' });
      expect(await validate({ username: null, email: 'b' })).to.deep.equal({ username: 'b' });
      expect(await validate({ username: undefined, email: 'b' })).to.deep.equal({ username: 'b' });
    });

    it('names the field, whichever of them was wrong', async () => {
      for (const [body, code, detail] of [
        [{}, 'required', 'The username is required.'],
        [{ email: null }, 'required', 'The username is required.'],
        [{ email: '' }, 'required', 'The username must not be empty.'],
        [{ email: ['b'] }, 'invalid_type', 'The username must be a string.'],
        [{ username: '', email: 'b' }, 'required', 'The username must not be empty.'],
        [{ username: {}, email: 'b' }, 'invalid_type', 'The username must be a string.'],
      ] as const) {
        const { errors } = await failureOf<ValidationFailed>(() => validate(body));
        expect(errors).to.deep.equal([{ code, detail, pointer: '#/username' }]);
      }
    });

    it('says so where a reader of the rules finds it', () => {
      expect(requiredString('The username', { alias: 'email' }).alias).to.equal('email');
      expect(requiredString('The username')).to.not.have.property('alias');
    });
  });

  describe('with rules of several kinds of input', () => {
    const other = new AuthError({ status: 400, code: 'unsupported_kind', detail: 'Another kind.' });
    const validate = createValidator({
      choose({ kind }) {
        if (kind === 'person' || kind === 'place') return kind;
        throw other;
      },
      choices: {
        person: { name: requiredString('The name'), email },
        place: { city: requiredString('The city') },
      },
    });

    it('checks a body by those it chooses, and gives their fields alone', async () => {
      const body = { name: 'Jean', email: 'J@example.com', city: 'Paris' };
      expect(await validate({ ...body, kind: 'person' })).to.deep.equal({
        name: 'Jean',
        email: 'j@example.com',
      });
      expect(await validate({ ...body, kind: 'place' })).to.deep.equal({ city: 'Paris' });
    });

    it('refuses what the chosen ones refuse', async () => {
      const faultsOf = async (body: object) =>
        (await failureOf<ValidationFailed>(() => validate({ ...body }))).errors.map(({ pointer }) => pointer);
      expect(await faultsOf({ kind: 'person', city: 'Paris' })).to.deep.equal(['#/name', '#/email']);
      expect(await faultsOf({ kind: 'place', name: 'Jean' })).to.deep.equal(['#/city']);
    });

    it('refuses in its own words what is none of them', async () => {
      for (const kind of [undefined, 'thing', 'toString', ['person']]) {
        expect(await failureOf(() => validate({ kind }))).to.equal(other);
      }
    });

    it('takes a field of the name choose for a field', async () => {
      const plain = createValidator({ choose: requiredString('The choice') });
      expect(await plain({ choose: 'a' })).to.deep.equal({ choose: 'a' });
    });
  });

  describe('made once and used for many', () => {
    const rules = { a: required, email, name, more: optional };

    it('mixes up neither the inputs nor the faults of a hundred at once', async () => {
      const validate = createValidator(rules);
      const bodies = Array.from({ length: 100 }, (_, index) =>
        index % 3 === 0
          ? { a: index, email: ` USER${index}@example.com`, name: 'a\n' }
          : { a: `a${index}`, email: ` USER${index}@example.com`, more: index % 2 ? `m${index}` : null },
      );
      const outcomes = await Promise.all(
        bodies.map((body) =>
          validate(body).catch((error: ValidationFailed) =>
            error.errors.map(({ pointer }) => pointer).sort(),
          ),
        ),
      );
      expect(outcomes).to.deep.equal(
        bodies.map(({ a, more }, index) => {
          if (index % 3 === 0) return ['#/a', '#/name'];
          return { a, email: `user${index}@example.com`, ...(more && { more }) };
        }),
      );
    });

    it('remembers nothing of the body before', async () => {
      const validate = createValidator(rules);
      await failureOf(() => validate({ a: ['x'], email: 'x', name: 5 }));
      const good = { a: 'a', email: 'a@example.com', name: 'Jean', more: 'm' };
      expect(await validate(good)).to.deep.equal(good);
      const { errors } = await failureOf<ValidationFailed>(() => validate({}));
      expect(errors.map(({ pointer }) => pointer)).to.deep.equal(['#/a', '#/email']);
    });

    it('leaves the body as it came', async () => {
      const body = Object.freeze({ a: 'a', email: ' A@example.com', more: null, extra: 1 });
      expect(await createValidator(rules)(body)).to.deep.equal({ a: 'a', email: 'a@example.com' });
      expect(body).to.deep.equal({ a: 'a', email: ' A@example.com', more: null, extra: 1 });
    });
  });
});
