import { createHash } from 'node:crypto';
import { availableParallelism } from 'node:os';
import bcrypt from 'bcrypt';
import { expect } from 'chai';
import type { PasswordVerifier } from '../../lib/config/password.js';
import { runHash } from '../../lib/security/hash-queue.js';
import { BCRYPT_HASH, createPasswordHasher } from '../../lib/security/password-hash.js';
import { expectUnavailable } from '../support/failure.js';
import { type Watch, watchCalls } from '../support/watch-calls.js';

const COST = 4;
const hasher = createPasswordHasher({ cost: COST });
const PASSWORD = 'correct horse battery';

describe('the password hasher', () => {
  it('makes a bcrypt hash of the configured cost, with a salt of its own', async () => {
    const [one, other] = await Promise.all([hasher.hash(PASSWORD), hasher.hash(PASSWORD)]);
    expect(one)
      .to.match(BCRYPT_HASH)
      .and.match(/^\$2b\$04\$/);
    expect(one).to.not.equal(other);
    expect(await createPasswordHasher({ cost: 5 }).hash(PASSWORD)).to.match(/^\$2b\$05\$/);
  });

  it('tells the right password from another', async () => {
    const stored = await hasher.hash(PASSWORD);
    expect(await hasher.verify(PASSWORD, stored)).to.equal(true);
    for (const wrong of ['', `${PASSWORD} `, PASSWORD.toUpperCase(), PASSWORD.slice(1)]) {
      expect(await hasher.verify(wrong, stored)).to.equal(false);
    }
  });

  it('spends on a cheaper hash, when it does not fit, the work of one of the configured cost (hold 17)', async () => {
    const dear = createPasswordHasher({ cost: 7 });
    const cheap = await hasher.hash(PASSWORD);
    const watch = watchCalls(bcrypt, 'compare');
    try {
      expect(await dear.verify('wrong', cheap)).to.equal(false);
      const costs = watch.calls.map(([, hash]) => Number(String(hash).slice(4, 6)));
      expect(costs).to.deep.equal([4, 4, 5, 6]);
      expect(costs.reduce((work, cost) => work + 2 ** cost, 0)).to.equal(2 ** 7);
    } finally {
      watch.restore();
    }
  });

  it('never trims', async () => {
    const stored = await hasher.hash(' \u00e9t\u00e9 2030 ');
    expect(await hasher.verify(' \u00e9t\u00e9 2030 ', stored)).to.equal(true);
    expect(await hasher.verify('\u00e9t\u00e9 2030', stored)).to.equal(false);
  });

  it('takes what two systems make of the same keys for one password, at the cost of one hash (holds 17, 80)', async () => {
    const forms = ['\u00e9t\u00e9 2030', 'e\u0301te\u0301 2030'];
    for (const chosen of forms) {
      const stored = await hasher.hash(chosen);
      expect(await bcrypt.compare('\u00e9t\u00e9 2030', stored)).to.equal(true);
      for (const typed of forms) {
        const watch = watchCalls(bcrypt, 'compare');
        try {
          expect(await hasher.verify(typed, stored)).to.equal(true);
        } finally {
          watch.restore();
        }
        expect(watch.calls).to.have.length(1);
      }
    }
  });

  it('takes what only looks alike for another password (hold 80)', async () => {
    const stored = await hasher.hash('\u00e9t\u00e9 2030');
    for (const other of [
      'ete 2030',
      '\u00e9t\u00e9 \uff12030',
      '\u00e9t\u00e9 2030\u200b',
      '\u00c9T\u00c9 2030',
    ]) {
      expect(await hasher.verify(other, stored)).to.equal(false);
    }
  });

  it('makes hashes that plain bcrypt can check, up to 72 bytes', async () => {
    for (const password of [PASSWORD, 'x'.repeat(72), '\u00e9'.repeat(36)]) {
      expect(await bcrypt.compare(password, await hasher.hash(password))).to.equal(true);
    }
  });

  describe('with hashes from elsewhere', () => {
    for (const version of ['2a', '2b', '2y']) {
      it(`goes on with $${version}$ hashes of plain bcrypt (hold 29)`, async () => {
        for (const password of [PASSWORD, 'x'.repeat(72), '\u043f\u0430\u0440\u043e\u043b\u044c']) {
          const stored = (await bcrypt.hash(password, COST)).replace(/^\$2b/, () => `$${version}`);
          expect(stored.startsWith(`$${version}$`)).to.equal(true);
          expect(await hasher.verify(password, stored)).to.equal(true);
          expect(await hasher.verify(`${password}!`, stored)).to.equal(false);
        }
      });
    }

    it('goes on with a hash that another implementation published', async () => {
      // The test vectors of crypt_blowfish.
      expect(
        await hasher.verify('U*U', '$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW'),
      ).to.equal(true);
      expect(
        await hasher.verify('U*U*', '$2a$05$CCCCCCCCCCCCCCCCCCCCC.VGOzA784oUp/Z0DY336zx7pLYAy0lwK'),
      ).to.equal(true);
    });

    it('computes none that would take a day', async () => {
      const stored = (await bcrypt.hash(PASSWORD, COST)).replace('$04$', () => '$31$');
      expect(await hasher.verify(PASSWORD, stored)).to.equal(false);
      expect(hasher.knows(stored)).to.equal(false);
    });

    it('goes on with a hash of another cost', async () => {
      expect(await hasher.verify(PASSWORD, await bcrypt.hash(PASSWORD, 6))).to.equal(true);
    });

    it('refuses what is no bcrypt hash, the password itself first of all', async () => {
      const stored = await hasher.hash(PASSWORD);
      for (const other of [
        PASSWORD,
        '',
        '$2b$04$',
        stored.slice(0, -1),
        `${stored}x`,
        `x${stored}`,
        ` ${stored}`,
      ]) {
        expect(await hasher.verify(PASSWORD, other)).to.equal(false);
      }
    });
  });

  describe('with verifiers', () => {
    const plain: PasswordVerifier = {
      matches: (stored) => stored.startsWith('plain$'),
      verify: async (password, stored) => stored === `plain$${password}`,
    };
    const both = createPasswordHasher({
      cost: COST,
      verifiers: [plain, { ...plain, verify: () => expect.fail('the second one was asked') }],
    });

    it('asks the first that matches, with the password in NFC, and bcrypt for none of it (holds 17, 80)', async () => {
      const watch = watchCalls(bcrypt, 'compare');
      try {
        expect(await both.verify('e\u0301te', 'plain$\u00e9te')).to.equal(true);
        expect(await both.verify('ete', 'plain$\u00e9te')).to.equal(false);
        expect(await both.verify('\ud800', 'plain$\ud800')).to.equal(false);
      } finally {
        watch.restore();
      }
      expect(watch.calls).to.deep.equal([]);
    });

    it('knows what they know, and takes it for outdated', async () => {
      const stored = await both.hash(PASSWORD);
      expect([both.knows('plain$x'), both.knows(stored), both.knows('x')]).to.deep.equal([true, true, false]);
      expect([both.isOutdated('plain$x'), both.isOutdated(stored)]).to.deep.equal([true, false]);
    });

    it('waits for none that never answers: nobody else would get a hash any more (hold 68)', async () => {
      const never: PasswordVerifier = { ...plain, verify: () => new Promise(() => {}) };
      const hasher = createPasswordHasher({ cost: COST, verifiers: [never], patience: 10 });
      await Promise.all(
        Array.from({ length: 5 }, () => expectUnavailable(() => hasher.verify(PASSWORD, 'plain$x'))),
      );
      expect(await hasher.verify(PASSWORD, await hasher.hash(PASSWORD))).to.equal(true);
    });

    it('asks them in the queue of all hashes, and not for a client that has gone (hold 68)', async () => {
      let [running, most] = [0, 0];
      const slow: PasswordVerifier = {
        matches: () => true,
        async verify() {
          running += 1;
          most = Math.max(most, running);
          await new Promise(setImmediate);
          running -= 1;
          return true;
        },
      };
      const queued = createPasswordHasher({ cost: COST, verifiers: [slow] });
      await Promise.all(Array.from({ length: 20 }, () => queued.verify(PASSWORD, 'x')));
      expect(most).to.equal(Math.min(3, availableParallelism()));
      most = 0;
      await expectUnavailable(() => queued.verify(PASSWORD, 'x', { signal: AbortSignal.abort() }));
      expect(most).to.equal(0);
    });

    it('takes anything but true for wrong', async () => {
      for (const verdict of ['true', 1, {}, undefined, Promise.resolve('yes')]) {
        const odd = { ...plain, verify: () => verdict as boolean };
        const hasher = createPasswordHasher({ cost: COST, verifiers: [odd] });
        expect(await hasher.verify(PASSWORD, `plain$${PASSWORD}`)).to.equal(false);
      }
    });
  });

  describe('with long passwords', () => {
    it('counts the bytes after the 72nd (hold 28)', async () => {
      const long = 'x'.repeat(72);
      const stored = await hasher.hash(`${long}a`);
      expect(await hasher.verify(`${long}a`, stored)).to.equal(true);
      for (const other of [`${long}b`, long, `${long}ab`, `${long}aa`]) {
        expect(await hasher.verify(other, stored)).to.equal(false);
      }
    });

    it('counts the last of 256 code points of four bytes each (hold 28)', async () => {
      const long = '\u{1f511}'.repeat(255);
      const stored = await hasher.hash(`${long}\u{1f512}`);
      expect(await hasher.verify(`${long}\u{1f512}`, stored)).to.equal(true);
      expect(await hasher.verify(`${long}\u{1f513}`, stored)).to.equal(false);
    });

    it('takes 64 CJK characters, and the last one counts (hold 29)', async () => {
      const characters = Array.from({ length: 64 }, (_, index) => String.fromCodePoint(0x4e00 + index));
      const stored = await hasher.hash(characters.join(''));
      expect(await hasher.verify(characters.join(''), stored)).to.equal(true);
      expect(await hasher.verify([...characters.slice(0, 63), '\u9fa5'].join(''), stored)).to.equal(false);
      expect(await hasher.verify(characters.slice(0, 63).join(''), stored)).to.equal(false);
    });

    it('has a digest inside that nobody can type (hold 28)', async () => {
      const long = 'zqxjkvbw'.repeat(20);
      const stored = await hasher.hash(long);
      const digests = ['sha256', 'sha384', 'sha512'].flatMap((name) => {
        const digest = createHash(name).update(long).digest();
        return (['hex', 'base64', 'base64url', 'latin1'] as const).map((encoding) =>
          digest.toString(encoding),
        );
      });
      // The digest with a first byte of 0xff is what bcrypt is given; in UTF-8 that byte cannot be.
      for (const digest of digests.flatMap((each) => [
        each,
        `\u00ff${each}`,
        `\udcff${each}`,
        `\ufffd${each}`,
      ])) {
        expect(await hasher.verify(digest, stored)).to.equal(false);
      }
    });
  });

  it('counts what follows a NUL (hold 31)', async () => {
    const stored = await hasher.hash('secret\0one');
    expect(await hasher.verify('secret\0one', stored)).to.equal(true);
    for (const other of ['secret\0two', 'secret', 'secret\0', 'secretone']) {
      expect(await hasher.verify(other, stored)).to.equal(false);
    }
    expect(await hasher.verify('secret\0one', await hasher.hash('secret'))).to.equal(false);
    // As a digest: another bcrypt, which stops at NUL, must not take 'secret' for it.
    expect(await bcrypt.compare('secret\0one', stored)).to.equal(false);
  });

  describe('whatever there is to compare with', () => {
    let watches: Watch[];
    beforeEach(() => {
      const names = ['compare', 'hash', 'compareSync', 'hashSync'] as const;
      watches = names.map((name) => watchCalls(bcrypt, name));
    });
    afterEach(() => {
      for (const watch of watches) watch.restore();
    });
    const calls = () => watches.map((watch) => watch.calls.length);

    it('computes exactly one hash of the configured cost (hold 17)', async () => {
      const stored = await bcrypt.hash(PASSWORD, COST);
      for (const [password, hash] of [
        [PASSWORD, stored],
        ['wrong', stored],
        [PASSWORD, undefined],
        [PASSWORD, null],
        [PASSWORD, ''],
        [PASSWORD, 'no hash'],
        ['x'.repeat(200), stored],
        ['x'.repeat(200), undefined],
      ] as const) {
        for (const watch of watches) watch.calls.length = 0;
        await hasher.verify(password, hash);
        expect(calls()).to.deep.equal([1, 0, 0, 0]);
        const against = watches[0]?.calls[0]?.[1];
        expect(against).to.match(BCRYPT_HASH);
        expect(bcrypt.getRounds(against as string)).to.equal(COST);
      }
    });

    it('computes as much for who is refused whatever the password, though a cheaper hash fits (hold 17)', async () => {
      const cheap = await bcrypt.hash(PASSWORD, 4);
      const dear = createPasswordHasher({ cost: 6 });
      for (const password of [PASSWORD, 'wrong']) {
        for (const watch of watches) watch.calls.length = 0;
        expect(await dear.verify(password, cheap, { isRefused: true })).to.equal(password === PASSWORD);
        const costs = watches[0]?.calls.map(([, hash]) => bcrypt.getRounds(hash as string));
        expect(costs).to.deep.equal([4, 4, 5]);
      }
    });

    it('does the work of that hash where there is none (hold 17)', async () => {
      const slow = createPasswordHasher({ cost: 11 });
      const stored = await bcrypt.hash('another', 11);
      const time = async (hash?: string) => {
        const start = process.hrtime.bigint();
        await slow.verify(PASSWORD, hash);
        return Number(process.hrtime.bigint() - start);
      };
      const [known, unknown] = [Math.min(await time(stored), await time(stored)), await time()];
      // Refused without any work, it would be a thousandth.
      expect(unknown).to.be.greaterThan(known / 3);
    });

    it('finds that nothing fits where there is nothing', async () => {
      const dummy = `$2b$04$${'.'.repeat(53)}`;
      for (const password of ['', PASSWORD, dummy, 'undefined', 'null']) {
        expect(await hasher.verify(password, undefined)).to.equal(false);
        expect(await hasher.verify(password, null)).to.equal(false);
      }
    });
  });

  it('tells which hashes are cheaper than configured (hold 27)', async () => {
    const { isOutdated } = createPasswordHasher({ cost: 12 });
    const hashOfCost = (cost: string) => `$2b$${cost}$${'.'.repeat(53)}`;
    expect(['04', '09', '11'].map((cost) => isOutdated(hashOfCost(cost)))).to.deep.equal([true, true, true]);
    expect(['12', '13', '15'].map((cost) => isOutdated(hashOfCost(cost)))).to.deep.equal([
      false,
      false,
      false,
    ]);
    expect(isOutdated(hashOfCost('10').replace('2b', '2a'))).to.equal(true);
  });

  it('waits in the queue of the process, and is refused when that is full (hold 68)', async () => {
    const releases: (() => void)[] = [];
    const hold = () => new Promise<void>((resolve) => releases.push(resolve));
    const held = Array.from({ length: 1100 }, () => runHash(hold).catch(() => {}));
    try {
      await expectUnavailable(() => hasher.verify(PASSWORD, undefined));
      await expectUnavailable(() => hasher.hash(PASSWORD));
    } finally {
      while (releases.length > 0) {
        for (const release of releases.splice(0)) release();
        await new Promise(setImmediate);
      }
      await Promise.all(held);
    }
  });
});
