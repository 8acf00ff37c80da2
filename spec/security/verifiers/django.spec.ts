import { expect } from 'chai';
import { argon2id, django } from 'express-auth-kit/verifiers';

const PASSWORD = 'correct horse battery';

/** Made by Django 5.2.19 itself, with the parameters that it comes with. */
const HASHES = {
  pbkdf2_sha256: 'pbkdf2_sha256$1000000$kxPzO8v1keXVK8blCCqGLG$7KyBMTbf0ddze4wAOTjFtGFSloYK9WbXzn6+dChD5c8=',
  pbkdf2_sha1: 'pbkdf2_sha1$1000000$F6dxgopgIIsIUVUdvqxphk$Lsf1gGhGzhDFH0TqI2s7IZcLu+U=',
  scrypt:
    'scrypt$16384$40jxtrVrebDe57Nat4FMGe$8$5$XZ7n96SfhP5XQU5iuo64oM7S6urugC6MxQnOEyOusxLUuFmxTsjfS0/Ss5FVhbqhnbG0WcciaJ+jLJrg4XvCRw==',
};
const ARGON2 =
  'argon2$argon2id$v=19$m=102400,t=2,p=8$TU0ybFVUWjRuNGMyMkJOZDdOR29DbQ$RV1i5Q8S9O/ZnOX9UdoLC9LUn1b7fkV7bBHVGwYslsM';

describe('django', () => {
  const verifier = django();

  for (const [name, stored] of Object.entries(HASHES)) {
    it(`verifies ${name}`, async () => {
      expect(verifier.matches(stored)).to.equal(true);
      expect(await verifier.verify(PASSWORD, stored)).to.equal(true);
      expect(await verifier.verify(`${PASSWORD}!`, stored)).to.equal(false);
    });
  }

  it('refuses an option that there is not', () => {
    expect(() => django({ argon: argon2id() } as never)).to.throw(
      TypeError,
      'django.argon: unknown option; did you mean django.argon2?; allowed: argon2',
    );
  });

  it('verifies a password beyond ASCII', async () => {
    const stored =
      'pbkdf2_sha256$1000000$BH1Du8BRmtGWf7eglmojU1$t5Ejfcyr7nUJ9d+wsjYBz8BWHQzDforBCQMd781sZ/k=';
    expect(await verifier.verify('\u00e9t\u00e9 2030 \u{1f98a}', stored)).to.equal(true);
  });

  it('verifies argon2 with a verifier of it, and does not know it without', async () => {
    const both = django({ argon2: argon2id() });
    expect(both.matches(ARGON2)).to.equal(true);
    expect(await both.verify(PASSWORD, ARGON2)).to.equal(true);
    expect(await both.verify(`${PASSWORD}!`, ARGON2)).to.equal(false);
    expect(both.matches(ARGON2.slice('argon2'.length))).to.equal(false);
    expect(verifier.matches(ARGON2)).to.equal(false);
    expect(await verifier.verify(PASSWORD, ARGON2)).to.equal(false);
  });

  const key = '7KyBMTbf0ddze4wAOTjFtGFSloYK9WbXzn6+dChD5c8=';
  for (const [what, stored] of [
    ['nothing', ''],
    ['another hasher', `md5$salt$${key}`],
    ['an unusable password, as Django marks it', `!${'x'.repeat(40)}`],
    ['no iterations', `pbkdf2_sha256$0$salt$${key}`],
    ['iterations that are no number', `pbkdf2_sha256$1e3$salt$${key}`],
    ['more iterations than a login may cost', `pbkdf2_sha256$5000001$salt$${key}`],
    ['no salt', `pbkdf2_sha256$1000$$${key}`],
    ['a key that was cut short', 'pbkdf2_sha256$1000$salt$7Kw='],
    ['one more part', `pbkdf2_sha256$1000$salt$${key}$`],
    ['an N that is no power of two', `scrypt$16385$salt$8$5$${key}`],
    ['an N of 1', `scrypt$1$salt$8$5$${key}`],
    ['more memory than 128 MiB', `scrypt$262144$salt$8$1$${key}`],
    ['more work than two seconds', `scrypt$16384$salt$8$33$${key}`],
    ['no parallelism', `scrypt$16384$salt$8$0$${key}`],
    ['Argon2 beyond its bounds', ARGON2.replace('m=102400', 'm=9999999')],
  ] as const) {
    it(`does not know a hash with ${what}, and computes nothing for it`, async () => {
      const both = django({ argon2: argon2id() });
      expect(both.matches(stored)).to.equal(false);
    });
  }

  it('takes the dearest that it knows within seconds', async () => {
    for (const stored of [`pbkdf2_sha256$5000000$salt$${key}`, `scrypt$131072$salt$8$4$${key}`]) {
      expect(verifier.matches(stored)).to.equal(true);
      expect(await verifier.verify(PASSWORD, stored)).to.equal(false);
    }
  });
});
