import { expect } from 'chai';
import { createPasswordPolicy } from '../../lib/security/password-policy.js';

const owner = { email: 'jean.dupont@example.com', name: 'Jean Paul Dupont' };
const settings = { minLength: 8, maxLength: 256, blocklist: true };
const policy = createPasswordPolicy(settings);

const TOO_SHORT = { code: 'too_short', detail: 'The password must have at least 8 characters.' };
const TOO_LONG = { code: 'too_long', detail: 'The password must have at most 256 characters.' };
const OWN = { code: 'too_personal', detail: 'The password must not be your email address or name.' };
const COMMON = { code: 'too_common', detail: 'This password is too common.' };
const UNUSABLE = {
  code: 'invalid_characters',
  detail: 'The password contains characters that cannot be used.',
};

describe('the password policy', () => {
  const ACCEPTED = [
    'zqxjkvbw',
    'ZQXJKVBW',
    '84619350',
    '!&%$-_.:',
    'correct horse battery',
    '   spaces around   ',
    '\u043f\u0430\u0440\u043e\u043b\u044c\u043a\u043e\u0442',
    '\u{1f511}'.repeat(8),
    '\u00e9\u00e1\u00f3\u00faxqjv',
    'jean.dupont@example.com2',
    'x\u200dzqjvkw',
  ];
  for (const password of ACCEPTED) {
    it(`takes ${JSON.stringify(password)}: a length, no composition rules (hold 30)`, async () => {
      expect(await policy.check(password, owner)).to.equal(undefined);
    });
  }

  it('counts the minimum in code points: an emoji is one, not two (hold 30)', async () => {
    expect(await policy.check('\u{1f511}'.repeat(7), owner)).to.deep.equal(TOO_SHORT);
    expect(await policy.check('zqxjkvb', owner)).to.deep.equal(TOO_SHORT);
    expect(await policy.check('', owner)).to.deep.equal(TOO_SHORT);
  });

  it('counts the maximum in code points too', async () => {
    expect(await policy.check('\u{1f511}'.repeat(256), owner)).to.equal(undefined);
    expect(await policy.check('\u{1f511}'.repeat(257), owner)).to.deep.equal(TOO_LONG);
    expect(await policy.check('zq'.repeat(128), owner)).to.equal(undefined);
    expect(await policy.check(`${'zq'.repeat(128)}x`, owner)).to.deep.equal(TOO_LONG);
  });

  it('asks for the lengths that are configured', async () => {
    const strict = createPasswordPolicy({ minLength: 12, maxLength: 64, blocklist: true });
    expect(await strict.check('zqxjkvbwzqx', owner)).to.deep.equal({
      code: 'too_short',
      detail: 'The password must have at least 12 characters.',
    });
    expect(await strict.check('zq'.repeat(33), owner)).to.deep.equal({
      code: 'too_long',
      detail: 'The password must have at most 64 characters.',
    });
  });

  for (const password of [
    'jean.dupont@example.com',
    'Jean.Dupont@Example.COM',
    ' jean.dupont@example.com ',
    'jean.dupont',
    'JEAN.DUPONT',
    'Jean Paul Dupont',
    'jeanpauldupont',
    'JEAN  PAUL  DUPONT',
    // Full-width letters look like the plain ones.
    '\uff4a\uff45\uff41\uff4e.dupont',
  ]) {
    it(`refuses the account's own ${JSON.stringify(password)} (hold 30)`, async () => {
      expect(await policy.check(password, owner)).to.deep.equal(OWN);
    });
  }

  it('has nothing against a name that is not there', async () => {
    for (const name of [null, undefined, '', '   ', 5, { first: 'zqxjkvbw' }, ['zqxjkvbw']]) {
      expect(await policy.check('zqxjkvbw', { email: 'a@example.com', name })).to.equal(undefined);
    }
  });

  for (const password of [
    'password',
    'PassWord',
    'PASSWORD1',
    '12345678',
    'qwertyuiop',
    'IloveYou',
    'Sunshine',
  ]) {
    it(`refuses the common ${password}, in whichever case (hold 30)`, async () => {
      expect(await policy.check(password, owner)).to.deep.equal(COMMON);
    });
  }

  for (const [how, password] of [
    ['in full-width letters', '\uff30\uff41\uff53\uff53\uff57\uff4f\uff52\uff44'],
    ['with a zero-width space', 'pass\u200bword'],
    ['with a soft hyphen and a change of direction', 'pass\u00adwo\u202erd'],
    ['with a variation selector', 'password\ufe0f'],
    ['with a long s', 'pa\u017f\u017fword'],
    ['with a sharp s', 'pa\u00dfword'],
    ['with a ligature', 'o\ufb03cial'],
  ] as const) {
    it(`refuses a common one ${how} (hold 80)`, async () => {
      expect(await policy.check(password.padEnd(8, '\u200b'), owner)).to.deep.equal(COMMON);
    });
  }

  it('refuses the own name with invisible characters in it (hold 80)', async () => {
    expect(await policy.check('jean\u200b.dupont', owner)).to.deep.equal(OWN);
    expect(await policy.check('J\u00adean Paul Dupont', owner)).to.deep.equal(OWN);
  });

  it('takes common passwords with blocklist: false, and still not the own ones', async () => {
    const lenient = createPasswordPolicy({ ...settings, blocklist: false });
    expect(await lenient.check('password', owner)).to.equal(undefined);
    expect(await lenient.check('jean.dupont', owner)).to.deep.equal(OWN);
    expect(await lenient.check('short', owner)).to.deep.equal(TOO_SHORT);
  });

  for (const [what, password] of [
    ['a NUL', 'zqxjkvbw\0zqxjkvbw'],
    ['a NUL at the end', 'zqxjkvbw\0'],
    ['a lone high surrogate', 'zqxjkvbw\ud83d'],
    ['a lone low surrogate', '\udd11zqxjkvbw'],
  ] as const) {
    it(`refuses ${what} (hold 31)`, async () => {
      expect(await policy.check(password, owner)).to.deep.equal(UNUSABLE);
    });
  }

  it('refuses the character that stands for bytes which could not be read (hold 79)', async () => {
    expect(await policy.check('zqxj\ufffdkvbw', owner)).to.deep.equal(UNUSABLE);
  });
});
