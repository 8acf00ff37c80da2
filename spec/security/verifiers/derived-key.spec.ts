import { pbkdf2Sync, scryptSync } from 'node:crypto';
import { expect } from 'chai';
import {
  fitsPbkdf2,
  fitsScrypt,
  isBearablePbkdf2,
  isBearableScrypt,
} from '../../../lib/security/verifiers/derived-key.js';

const key = Buffer.alloc(32);

describe('keys derived from passwords', () => {
  it('fit the password that they were derived from', async () => {
    const salt = 'salt';
    const pbkdf2 = {
      digest: 'sha512',
      iterations: 10,
      salt,
      key: pbkdf2Sync('right', salt, 10, 64, 'sha512'),
    };
    expect(await fitsPbkdf2('right', pbkdf2)).to.equal(true);
    expect(await fitsPbkdf2('wrong', pbkdf2)).to.equal(false);
    const scrypt = { N: 16, r: 1, p: 1, salt, key: scryptSync('right', salt, 32, { N: 16, r: 1, p: 1 }) };
    expect(await fitsScrypt('right', scrypt)).to.equal(true);
    expect(await fitsScrypt('wrong', scrypt)).to.equal(false);
  });

  it('fit in more memory than Node.js allows by itself', async () => {
    const hash = { N: 2 ** 17, r: 8, p: 1, salt: 'salt', key };
    expect(isBearableScrypt(hash)).to.equal(true);
    expect(await fitsScrypt('wrong', hash)).to.equal(false);
  });

  it('are not derived where that would take long: a long key counts by its blocks', () => {
    const hash = { digest: 'sha256', iterations: 5_000_000, salt: 'salt', key };
    expect(isBearablePbkdf2(hash)).to.equal(true);
    expect(isBearablePbkdf2({ ...hash, key: Buffer.alloc(33) })).to.equal(false);
    expect(isBearablePbkdf2({ ...hash, iterations: 312_500, key: Buffer.alloc(512) })).to.equal(true);
    expect(isBearablePbkdf2({ ...hash, iterations: 312_501, key: Buffer.alloc(512) })).to.equal(false);
  });

  it('are not derived where that would take long: scrypt counts by its memory, its blocks and its work', () => {
    const hash = { N: 2 ** 17, r: 8, p: 4, salt: 'salt', key };
    expect(isBearableScrypt(hash)).to.equal(true);
    expect(isBearableScrypt({ ...hash, r: 9 })).to.equal(false);
    expect(isBearableScrypt({ ...hash, p: 5 })).to.equal(false);
    // Seven seconds and half a gigabyte, and nearly no N.
    expect(isBearableScrypt({ ...hash, N: 2, r: 9999, p: 209 })).to.equal(false);
    expect(isBearableScrypt({ ...hash, N: 2, r: 128, p: 128 })).to.equal(true);
    expect(isBearableScrypt({ ...hash, N: 2, r: 128, p: 129 })).to.equal(false);
  });

  it('are not derived with what is no parameter', () => {
    const pbkdf2 = { digest: 'sha256', iterations: 10, salt: 'salt', key };
    for (const odd of [
      { iterations: 0 },
      { iterations: -1 },
      { iterations: 1.5 },
      { iterations: Number.NaN },
    ]) {
      expect(isBearablePbkdf2({ ...pbkdf2, ...odd })).to.equal(false);
    }
    expect(isBearablePbkdf2({ ...pbkdf2, digest: 'md5' })).to.equal(false);
    expect(isBearablePbkdf2({ ...pbkdf2, key: Buffer.alloc(15) })).to.equal(false);
    const scrypt = { N: 16, r: 8, p: 1, salt: 'salt', key };
    for (const odd of [{ N: 0 }, { N: 1 }, { N: 17 }, { r: 0 }, { p: 0 }, { p: Number.NaN }]) {
      expect(isBearableScrypt({ ...scrypt, ...odd })).to.equal(false);
    }
    expect(isBearableScrypt({ ...scrypt, key: Buffer.alloc(15) })).to.equal(false);
    expect(isBearableScrypt(scrypt)).to.equal(true);
  });
});
