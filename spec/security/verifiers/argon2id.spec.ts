import { hash } from '@node-rs/argon2';
import { expect } from 'chai';
import { argon2id } from 'express-auth-kit/verifiers';

const PASSWORD = 'correct horse battery';
/** Made by pwdlib 0.3, with the parameters that argon2-cffi comes with. */
const STORED =
  '$argon2id$v=19$m=65536,t=3,p=4$zRqyLZv2SDDW13+wOEl8uw$cDucM2hzyQHHPeIDpKn2qyqayC9sIXOou2m3sp8p/dY';

describe('argon2id', () => {
  const verifier = argon2id();

  it('verifies what Python has hashed, and what Node.js has', async () => {
    for (const stored of [STORED, await hash(PASSWORD, { memoryCost: 8192, timeCost: 1 })]) {
      expect(verifier.matches(stored)).to.equal(true);
      expect(await verifier.verify(PASSWORD, stored)).to.equal(true);
      expect(await verifier.verify(`${PASSWORD}!`, stored)).to.equal(false);
    }
  });

  for (const [what, stored] of [
    ['nothing', ''],
    ['another kind of Argon2', STORED.replace('argon2id', 'argon2d')],
    ['another version', STORED.replace('v=19', 'v=16')],
    ['more memory than 256 MiB', STORED.replace('m=65536', 'm=262145')],
    ['more passes than that memory allows', STORED.replace('t=3', 't=17')],
    ['parameters of many digits', STORED.replace('t=3', 't=99999999999')],
    ['no memory', STORED.replace('m=65536', 'm=0')],
    ['no salt', STORED.replace(/p=4\$[^$]+/, 'p=4$')],
    ['no hash', STORED.replace(/[^$]+$/, '')],
    ['one more part', `${STORED}$`],
    ['a line break', `${STORED}\n`],
  ] as const) {
    it(`does not know a hash with ${what}`, () => expect(verifier.matches(stored)).to.equal(false));
  }
});
