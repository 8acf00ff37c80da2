import { expect } from 'chai';
import {
  checked,
  type Env,
  group,
  number,
  numberOrOff,
  oneOf,
  orAbsent,
  type Row,
  text,
} from '../../lib/config/option-row.js';
import { expectStartRefused } from '../support/failure.js';

/** Reads a row's variable, as the environment gives it. */
function read({ env }: Row, given: string, all: Env = {}): unknown {
  if (!env) throw new Error('The row has no variable.');
  return env.read(env.name, given, all);
}

describe('the rows of the option table', () => {
  describe('a text', () => {
    const row = text('AUTH_ISSUER');

    it('may be absent, and is kept as it is', () => {
      expect(row.check('issuer', undefined, {})).to.equal(undefined);
      expect(row.check('issuer', ' me ', {})).to.equal(' me ');
      expect(row.env?.name).to.equal('AUTH_ISSUER');
      expect(read(row, ' me ')).to.equal(' me ');
    });

    for (const [given, said] of [
      ['', '""'],
      ['  ', '"  "'],
      [5, '5'],
      [null, 'null'],
      [['me'], 'an array'],
    ] as const) {
      it(`is not ${said}`, () => {
        expect(expectStartRefused(() => row.check('issuer', given, {}))).to.equal(
          `issuer: ${said} given; allowed: a string that is not empty`,
        );
      });
    }

    it('is not white space in its variable either', () => {
      expect(expectStartRefused(() => read(row, '  '))).to.equal(
        'AUTH_ISSUER: "  " given; allowed: a string that is not empty',
      );
    });
  });

  describe('one of some words', () => {
    const row = oneOf('AUTH_REGISTRATION', ['open', 'closed'], 'open');

    it('is the default where none is given', () => {
      expect(row.check('registration', undefined, {})).to.equal('open');
    });

    it('is each of them, given or in its variable', () => {
      for (const word of ['open', 'closed']) {
        expect(row.check('registration', word, {})).to.equal(word);
        expect(read(row, word)).to.equal(word);
      }
    });

    it('is no other, and the message names them all', () => {
      expect(expectStartRefused(() => row.check('registration', null, {}))).to.equal(
        'registration: null given; allowed: open, closed',
      );
      expect(expectStartRefused(() => read(row, 'close'))).to.equal(
        'AUTH_REGISTRATION: "close" given; allowed: open, closed (did you mean closed?)',
      );
    });
  });

  describe('a number, or off', () => {
    const row = numberOrOff('AUTH_DAYS', { min: 1, max: 10, allowed: 'off, or a number from 1 to 10' });

    it('is off where none is given, and where it is said', () => {
      expect(row.check('days', undefined, {})).to.equal(undefined);
      expect(row.check('days', 'off', {})).to.equal(undefined);
      expect(row.check('days', read(row, 'off'), {})).to.equal(undefined);
    });

    it('is within its limits, given or in its variable', () => {
      for (const given of [1, 2.5, 10]) {
        expect(row.check('days', given, {})).to.equal(given);
        expect(read(row, String(given))).to.equal(given);
      }
    });

    it('is nothing else', () => {
      for (const [given, said] of [
        [0, '0'],
        ['5', '"5"'],
        [null, 'null'],
        [false, 'false'],
      ] as const) {
        expect(expectStartRefused(() => row.check('days', given, {}))).to.equal(
          `days: ${said} given; allowed: off, or a number from 1 to 10`,
        );
      }
      expect(expectStartRefused(() => read(row, '11'))).to.match(/^AUTH_DAYS: 11 given; allowed: off, or/);
      expect(expectStartRefused(() => read(row, 'of'))).to.equal(
        'AUTH_DAYS: "of" given; allowed: a decimal number',
      );
    });
  });

  describe('a number', () => {
    const limit = { min: 1, max: 10, allowed: 'a number from 1 to 10' };
    const narrow = { min: 5, max: 10, integer: true, allowed: 'a whole number from 5 to 10' };
    const row = number('AUTH_COST', limit, 7);

    it('is the default where none is given', () => {
      expect(row.check('cost', undefined, {})).to.equal(7);
    });

    it('is within its limits, both included', () => {
      for (const given of [1, 2.5, 10]) {
        expect(row.check('cost', given, {})).to.equal(given);
        expect(read(row, String(given))).to.equal(given);
      }
    });

    for (const [given, said] of [
      [0.99, '0.99'],
      [11, '11'],
      ['5', '"5"'],
      [Number.NaN, 'NaN'],
      [null, 'null'],
      [true, 'true'],
      [[5], 'an array'],
    ] as const) {
      it(`is not ${said}`, () => {
        expect(expectStartRefused(() => row.check('cost', given, {}))).to.equal(
          `cost: ${said} given; allowed: a number from 1 to 10`,
        );
      });
    }

    it('is within the limits in its variable too', () => {
      expect(expectStartRefused(() => read(row, '11'))).to.equal(
        'AUTH_COST: 11 given; allowed: a number from 1 to 10',
      );
      expect(expectStartRefused(() => read(row, '-5'))).to.equal(
        'AUTH_COST: -5 given; allowed: a number from 1 to 10',
      );
    });

    for (const digits of ['', ' 5', '5 ', '0x5', '5e0', '+5', '5.', '.5', '5,0', '--5', '5\n']) {
      it(`is not ${JSON.stringify(digits)} in its variable`, () => {
        expect(expectStartRefused(() => read(row, digits))).to.equal(
          `AUTH_COST: ${JSON.stringify(digits)} given; allowed: a decimal number`,
        );
      });
    }

    it('may be narrower in its variable than as the option', () => {
      const both = number('AUTH_COST', limit, 7, narrow);
      expect(both.check('cost', 2, {})).to.equal(2);
      expect(expectStartRefused(() => read(both, '2'))).to.equal(
        'AUTH_COST: 2 given; allowed: a whole number from 5 to 10',
      );
      expect(expectStartRefused(() => read(both, '5.5'))).to.match(/5\.5 given; allowed: a whole number/);
    });

    it('may have no variable', () => {
      expect(number(undefined, limit, 7)).to.not.have.property('env');
    });
  });

  describe('a value that may be absent', () => {
    const check = orAbsent((name, given) => `${name} ${String(given)}`);

    it('is not checked where it is absent', () => {
      expect(check('it', undefined)).to.equal(undefined);
    });

    it('is checked where it is there, null and nothing included', () => {
      expect([null, '', 0, false].map((given) => check('it', given))).to.deep.equal([
        'it null',
        'it ',
        'it 0',
        'it false',
      ]);
    });
  });

  describe('a group', () => {
    const seen: unknown[] = [];
    const row = group({
      cost: number('AUTH_COST', { min: 1, max: 10, allowed: 'a number from 1 to 10' }, 7),
      issuer: text('AUTH_ISSUER'),
      all: {
        check: (name, given, all) => {
          seen.push([name, given, all]);
          return given ?? null;
        },
      },
    });

    it('has all its members, by default where none are given', () => {
      const defaults = { cost: 7, issuer: undefined, all: null };
      expect(row.check('it', undefined, {})).to.deep.equal(defaults);
      expect(row.check('it', {}, {})).to.deep.equal(defaults);
    });

    it('takes each member on its own', () => {
      expect(row.check('it', { issuer: 'me' }, {})).to.deep.equal({ cost: 7, issuer: 'me', all: null });
    });

    it('takes a member that is undefined for absent', () => {
      expect(row.check('it', { cost: undefined }, {})).to.include({ cost: 7 });
    });

    it('names a member by its whole path', () => {
      expect(expectStartRefused(() => row.check('it', { cost: 11 }, {}))).to.equal(
        'it.cost: 11 given; allowed: a number from 1 to 10',
      );
    });

    it('refuses a member that there is not', () => {
      expect(expectStartRefused(() => row.check('it', { costs: 5 }, {}))).to.equal(
        'it.costs: unknown option; did you mean it.cost?; allowed: cost, issuer, all',
      );
    });

    for (const [given, said] of [
      [null, 'null'],
      ['x', '"x"'],
      [[5], 'an array'],
      [5, '5'],
    ] as const) {
      it(`is not ${said}`, () => {
        expect(expectStartRefused(() => row.check('it', given, {}))).to.equal(
          `it: ${said} given; allowed: an object`,
        );
      });
    }

    it('shows its members all the other options', () => {
      const all = { algorithm: 'HS512' };
      seen.length = 0;
      row.check('it', { all: 1 }, all);
      expect(seen).to.deep.equal([['it.all', 1, all]]);
    });

    it('keeps its rows, for who reads the environment', () => {
      expect(Object.keys(row.members ?? {})).to.deep.equal(['cost', 'issuer', 'all']);
      expect(row).to.not.have.property('env');
    });
  });

  describe('one more look', () => {
    const members = group({ from: text('MAIL_FROM'), to: text('MAIL_TO') });
    const row = checked(members, ({ from, to }) => {
      if (from && !to) throw new TypeError('it.to: required with it.from');
      return from && to ? { from, to } : undefined;
    });

    it('sees the members together, checked, and gives what becomes of them', () => {
      expect(row.check('it', { from: 'a', to: 'b' }, {})).to.deep.equal({ from: 'a', to: 'b' });
      expect(row.check('it', {}, {})).to.equal(undefined);
      expect(expectStartRefused(() => row.check('it', { from: 'a' }, {}))).to.equal(
        'it.to: required with it.from',
      );
    });

    it('comes after the checks of the members', () => {
      expect(expectStartRefused(() => row.check('it', { from: '' }, {}))).to.match(/^it\.from: "" given/);
    });

    it('leaves the members and the variable where they were', () => {
      expect(row.members).to.equal(members.members);
      const single = text('AUTH_ISSUER');
      expect(checked(single, (value) => value?.length).env).to.equal(single.env);
    });
  });
});
