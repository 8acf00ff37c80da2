import { pbkdf2Sync } from 'node:crypto';
import { expect } from 'chai';
import { passportLocalMongoose } from 'express-auth-kit/verifiers';

const PASSWORD = 'correct horse battery';

describe('passportLocalMongoose', () => {
  const hashed = (encoding: 'hex' | 'base64', digest: string, iterations: number) => ({
    hash: pbkdf2Sync(PASSWORD, 'the salt', iterations, 64, digest).toString(encoding),
    salt: 'the salt',
  });

  it('takes the options that the plugin was given', async () => {
    for (const [encoding, digestAlgorithm, iterations] of [
      ['hex', 'sha256', 25_000],
      ['base64', 'sha512', 1000],
      ['hex', 'sha1', 1],
    ] as const) {
      const verifier = passportLocalMongoose({ encoding, digestAlgorithm, iterations });
      const stored = verifier.join?.(hashed(encoding, digestAlgorithm, iterations)) as string;
      expect(verifier.matches(stored)).to.equal(true);
      expect(await verifier.verify(PASSWORD, stored)).to.equal(true);
      expect(await verifier.verify(`${PASSWORD}!`, stored)).to.equal(false);
    }
  });

  it('refuses an option that is misspelt, and none that the plugin has besides', () => {
    const make = (options: object) => () => passportLocalMongoose(options);
    expect(make({ iteration: 5 })).to.throw(
      TypeError,
      'passportLocalMongoose: iteration: unknown option; did you mean iterations?',
    );
    expect(make({ usernameField: 'name', saltlen: 32, keylen: 512, limitAttempts: true })).to.not.throw();
  });

  it('finds the hash in fields of other names', () => {
    const { fields, join } = passportLocalMongoose({ hashField: 'digest', saltField: 'grain' });
    expect(fields).to.deep.equal(['digest', 'grain']);
    expect(join?.({ digest: 'abc', grain: 'def' })).to.match(/def\$abc$/);
  });

  it('does not know what is no such hash', () => {
    const { matches, join } = passportLocalMongoose();
    const { hash, salt } = hashed('hex', 'sha256', 25_000);
    for (const values of [
      { hash: '', salt },
      { hash, salt: '' },
      { hash: 'no hex', salt },
      { hash: hash.slice(0, 30), salt },
      { hash: 'ab'.repeat(6401), salt },
      { hash: `${hash}$`, salt },
    ]) {
      expect(matches(join?.(values) as string)).to.equal(false);
    }
    for (const stored of ['', hash, `$${salt}$${hash}`]) expect(matches(stored)).to.equal(false);
  });
});
