import { createHash } from 'node:crypto';
import { expect } from 'chai';
import { createOneTimeSecret, hashOneTimeSecret } from '../../lib/security/one-time-secret.js';

describe('the one-time secret', () => {
  it('is 256 random bits that a link can carry as they are', () => {
    const { secret } = createOneTimeSecret();
    expect(secret).to.match(/^[\w-]{43}$/);
    expect(Buffer.from(secret, 'base64url')).to.have.length(32);
    expect(encodeURIComponent(secret)).to.equal(secret);
  });

  it('is another one each time', () => {
    const secrets = Array.from({ length: 1000 }, () => createOneTimeSecret().secret);
    expect(new Set(secrets).size).to.equal(1000);
  });

  it('is found again by its SHA-256, which is all that is stored (hold 50)', () => {
    const { secret, hash } = createOneTimeSecret();
    expect(hash).to.equal(createHash('sha256').update(secret).digest('base64url'));
    expect(hashOneTimeSecret(secret)).to.equal(hash);
    expect(hash).to.not.equal(secret);
  });

  it('cannot be replaced by its hash (hold 34)', () => {
    const { hash } = createOneTimeSecret();
    expect(hashOneTimeSecret(hash)).to.not.equal(hash);
  });

  it('is hashed whatever it is: empty, long, not ASCII', () => {
    for (const secret of ['', 'x'.repeat(100_000), '\u{1f511}', '\0']) {
      expect(hashOneTimeSecret(secret)).to.match(/^[\w-]{43}$/);
    }
  });
});
