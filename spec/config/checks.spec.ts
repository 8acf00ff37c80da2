import { expect } from 'chai';
import {
  checkAppUrl,
  checkFunctions,
  checkKnown,
  checkNames,
  checkNumber,
  checkOneOf,
  checkSender,
  checkSmtpUrl,
  checkSwitch,
  checkText,
  describe as describeValue,
  nearMiss,
  refuse,
} from '../../lib/config/checks.js';
import { expectStartRefused } from '../support/failure.js';

describe('the checks of one value', () => {
  describe('what a message says was given', () => {
    const words: [value: unknown, said: string][] = [
      ['15x', '"15x"'],
      ['two\nlines', '"two\\nlines"'],
      ['x'.repeat(61), `"${'x'.repeat(60)}..."`],
      ['x'.repeat(60), `"${'x'.repeat(60)}"`],
      [-5, '-5'],
      [Number.NaN, 'NaN'],
      [true, 'true'],
      [null, 'null'],
      [undefined, 'undefined'],
      [['a'], 'an array'],
      [{ secret: 'value' }, 'a value of type object'],
      [() => 'value', 'a value of type function'],
      [10n, 'a value of type bigint'],
    ];
    for (const [value, said] of words) {
      it(`is ${said.slice(0, 30)}`, () => expect(describeValue(value)).to.equal(said));
    }

    it('stands between the name and what is allowed', () => {
      expect(expectStartRefused(() => refuse('name', 'given', 'allowed'))).to.equal(
        'name: "given" given; allowed: allowed',
      );
    });
  });

  describe('the near miss', () => {
    const names = ['secretKey', 'issuer', 'audience'];

    it('is the nearest name, in whichever case', () => {
      expect(nearMiss('secretkey', names)).to.equal('secretKey');
      expect(nearMiss('isuer', names)).to.equal('issuer');
      expect(nearMiss('audiance', names)).to.equal('audience');
    });

    it('is none when the name is far from all of them', () => {
      expect(nearMiss('database', names)).to.equal(undefined);
      expect(nearMiss('on', ['off'])).to.equal(undefined);
      expect(nearMiss('', names)).to.equal(undefined);
      expect(nearMiss('x', [])).to.equal(undefined);
    });
  });

  describe('checkKnown', () => {
    it('takes an object of known members, and one of none', () => {
      expect(checkKnown({ one: 1 }, ['one', 'two'])).to.equal(undefined);
      expect(checkKnown({}, ['one'])).to.equal(undefined);
    });

    it('names the unknown member and what is allowed', () => {
      expect(expectStartRefused(() => checkKnown({ database: 1 }, ['one', 'two']))).to.equal(
        'database: unknown option; allowed: one, two',
      );
    });

    it('suggests the near miss, by its whole path', () => {
      expect(expectStartRefused(() => checkKnown({ fro: 1 }, ['transport', 'from'], 'mail'))).to.equal(
        'mail.fro: unknown option; did you mean mail.from?; allowed: transport, from',
      );
    });

    it('refuses what is no object', () => {
      for (const [value, said] of [
        [null, 'null'],
        ['text', '"text"'],
        [[], 'an array'],
        [undefined, 'undefined'],
      ]) {
        expect(expectStartRefused(() => checkKnown(value, ['one'], 'mail'))).to.equal(
          `mail: ${said} given; allowed: an object`,
        );
      }
      expect(expectStartRefused(() => checkKnown(5, ['one']))).to.equal(
        'options: 5 given; allowed: an object',
      );
    });
  });

  describe('checkNumber', () => {
    const limit = { min: 1, max: 3, allowed: '1 to 3' };

    it('returns what is within the limits, both included', () => {
      for (const value of [1, 1.5, 3]) expect(checkNumber('n', value, limit)).to.equal(value);
    });

    it('refuses what is outside, or no number', () => {
      for (const value of [0.9, 3.1, Number.NaN, Number.POSITIVE_INFINITY, '2', null, undefined, 2n, [2]]) {
        expect(expectStartRefused(() => checkNumber('n', value, limit))).to.match(
          /^n: .+ given; allowed: 1 to 3$/,
        );
      }
    });

    it('refuses a fraction where whole numbers are asked for', () => {
      expect(expectStartRefused(() => checkNumber('n', 1.5, { ...limit, integer: true }))).to.equal(
        'n: 1.5 given; allowed: 1 to 3',
      );
    });
  });

  describe('checkSwitch', () => {
    it('takes the words and what they mean, and says whether it is on', () => {
      for (const [value, isOn] of [
        ['on', true],
        [true, true],
        ['off', false],
        [false, false],
      ] as const)
        expect(checkSwitch('throttle', value)).to.equal(isOn);
    });

    it('refuses anything else', () => {
      expect(expectStartRefused(() => checkSwitch('throttle', 'yes'))).to.equal(
        'throttle: "yes" given; allowed: on, off',
      );
    });
  });

  describe('checkOneOf', () => {
    it('returns the value that is allowed', () => {
      expect(checkOneOf('registration', 'closed', ['open', 'closed'])).to.equal('closed');
    });

    it('suggests the near miss of a string', () => {
      expect(expectStartRefused(() => checkOneOf('registration', 'Close', ['open', 'closed']))).to.equal(
        'registration: "Close" given; allowed: open, closed (did you mean closed?)',
      );
    });

    it('refuses other types, arrays of the allowed too', () => {
      for (const [value, said] of [
        [null, 'null'],
        [true, 'true'],
        [['open'], 'an array'],
      ]) {
        expect(expectStartRefused(() => checkOneOf('registration', value, ['open', 'closed']))).to.equal(
          `registration: ${said} given; allowed: open, closed`,
        );
      }
    });
  });

  it('checkText takes strings that are not empty', () => {
    expect(checkText('issuer', ' me ')).to.equal(' me ');
    for (const [value, said] of [
      ['', '""'],
      [' \t', '" \\t"'],
      [5, '5'],
      [null, 'null'],
    ]) {
      expect(expectStartRefused(() => checkText('issuer', value))).to.equal(
        `issuer: ${said} given; allowed: a string that is not empty`,
      );
    }
  });

  it('checkNames takes an array of names, and gives a copy', () => {
    const names = ['phone'];
    const checked = checkNames('registerFields', names);
    expect(checked).to.deep.equal(['phone']);
    expect(checked).to.not.equal(names);
    for (const [value, said] of [
      ['phone', '"phone"'],
      [[''], 'an array'],
      [['phone', 5], 'an array'],
      [null, 'null'],
    ]) {
      expect(expectStartRefused(() => checkNames('registerFields', value))).to.equal(
        `registerFields: ${said} given; allowed: an array of field names`,
      );
    }
  });

  it('checkFunctions takes an object of functions, members left out included', () => {
    expect(checkFunctions('hooks', { a: () => {}, b: undefined }, ['a', 'b'])).to.equal(undefined);
    expect(expectStartRefused(() => checkFunctions('hooks', { a: 'x' }, ['a']))).to.equal(
      'hooks.a: "x" given; allowed: a function',
    );
    expect(
      expectStartRefused(() => checkFunctions('hooks', { afterRegistr: 1 }, ['afterRegister'])),
    ).to.equal(
      'hooks.afterRegistr: unknown option; did you mean hooks.afterRegister?; allowed: afterRegister',
    );
  });

  describe('checkAppUrl', () => {
    const allowed = 'an absolute http(s) URL without query and fragment, e.g. https://app.example.com';

    it('drops slashes at the end, so that paths can be added', () => {
      expect(checkAppUrl('appUrl', 'https://app.example.com/')).to.equal('https://app.example.com');
      expect(checkAppUrl('appUrl', 'http://localhost:3000/base//')).to.equal('http://localhost:3000/base');
    });

    for (const value of [
      'app.example.com',
      '/reset',
      'ftp://app.example.com',
      'javascript:alert(1)',
      'https://app.example.com/?a=1',
      'https://app.example.com/#a',
      'https://user@app.example.com',
      '',
    ]) {
      it(`refuses ${JSON.stringify(value)}`, () => {
        expect(expectStartRefused(() => checkAppUrl('appUrl', value))).to.equal(
          `appUrl: ${JSON.stringify(value)} given; allowed: ${allowed}`,
        );
      });
    }

    it('refuses what is no string', () => {
      expect(expectStartRefused(() => checkAppUrl('appUrl', new URL('https://app.example.com')))).to.equal(
        `appUrl: a value of type object given; allowed: ${allowed}`,
      );
    });
  });

  it('checkSmtpUrl takes smtp and smtps, and never repeats the password of another URL', () => {
    for (const url of ['smtp://user:password@mail.example.com:587', 'smtps://mail.example.com?pool=true']) {
      expect(checkSmtpUrl('SMTP_URL', url)).to.equal(url);
    }
    for (const url of [
      'http://user:hunter2@mail.example.com',
      'mail.example.com:hunter2',
      'smtp://',
      'smtp:',
    ]) {
      expect(expectStartRefused(() => checkSmtpUrl('SMTP_URL', url))).to.equal(
        'SMTP_URL: not an SMTP URL; allowed: smtp://user:password@host:port or smtps://...',
      );
    }
  });

  it('checkSender takes one address, with or without a name', () => {
    for (const sender of [
      'App <app@example.com>',
      'app@localhost',
      '"App, Inc." <app@example.com>',
      ' a@b.c ',
    ]) {
      expect(checkSender('MAIL_FROM', sender)).to.equal(sender);
    }
    for (const sender of [
      'App',
      'App <app>',
      '',
      'a@b.c, d@e.f',
      'A <a@b.c> <d@e.f>',
      'a@b.c\r\nBcc: d@e.f',
      5,
    ]) {
      expect(expectStartRefused(() => checkSender('MAIL_FROM', sender))).to.equal(
        `MAIL_FROM: ${JSON.stringify(sender)} given; allowed: one address, Name <address> or the address alone`,
      );
    }
  });
});
