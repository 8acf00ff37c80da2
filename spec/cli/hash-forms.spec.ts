import { pbkdf2Sync } from 'node:crypto';
import { expect } from 'chai';
import { createHashForms } from '../../lib/cli/hash-forms.js';

const pair = (encoding: 'hex' | 'base64') => ({
  hash: pbkdf2Sync('correct horse', 'the salt', 1, 512, 'sha256').toString(encoding),
  salt: 'the salt',
});

describe('createHashForms', () => {
  const forms = createHashForms();

  for (const [hash, name] of [
    [`$2b$12$${'a'.repeat(53)}`, 'bcrypt'],
    [`$2y$10$${'a'.repeat(53)}`, 'bcrypt'],
    [`$argon2id$v=19$m=65536,t=3,p=4$${'a'.repeat(22)}$${'b'.repeat(43)}`, 'argon2id()'],
    [
      `pbkdf2_sha256$1000000$salt$${Buffer.alloc(32, 1).toString('base64')}`,
      'django({ argon2: argon2id() })',
    ],
    [forms.join(pair('hex')), 'passportLocalMongoose()'],
    [forms.join(pair('base64')), "passportLocalMongoose({ encoding: 'base64' })"],
    ['correct horse', undefined],
    ['5f4dcc3b5aa765d61d8327deb882cf99', undefined],
    [`$2b$31$${'a'.repeat(53)}`, undefined],
    ['', undefined],
  ] as const) {
    it(`takes ${hash.slice(0, 24)}... for ${name ?? 'nothing that a verifier knows'}`, () => {
      expect(forms.nameOf(hash)).to.equal(name);
      expect(forms.verifiers.some(({ matches }) => matches(hash))).to.equal(
        name !== undefined && name !== 'bcrypt',
      );
    });
  }
});
