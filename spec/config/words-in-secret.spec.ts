import { randomBytes } from 'node:crypto';
import { expect } from 'chai';
import { COMMON_WORDS, FOLLOWING } from '../../lib/config/letters-and-words.js';
import { isOfWords } from '../../lib/config/words-in-secret.js';

const PREFIX = 'authentication-service-signing-key-';

describe('config: words in a secret', () => {
  it('are judged by a weight for every two letters, and a list of words in small letters', () => {
    expect(FOLLOWING).to.have.length(27);
    for (const row of FOLLOWING) expect(row).to.match(/^\d{26}$/);
    for (const word of COMMON_WORDS) expect(word).to.match(/^[a-z]{3,}$/);
  });

  for (const text of [
    'Nobody will ever guess this sentence.',
    'keep-this-one-for-the-production-server',
    'KEEP_THIS_ONE_FOR_THE_PRODUCTION_SERVER',
    'keepThisOneForTheProductionServerAlone',
    'keepthisonefortheproductionserveralone',
    'the quick brown fox jumps over the lazy dog',
    'correct-horse-battery-staple-2024-2025',
    // None of these words is on the list.
    'seventeen porcupines gathered underneath',
    'une phrase assez longue que personne ne connait',
    'ein ziemlich langer satz den keiner errät',
  ]) {
    it(`are found in ${JSON.stringify(text)} (hold 87)`, () => {
      expect(isOfWords(text)).to.equal(true);
    });
  }

  it('are not found in letters that are no words', () => {
    for (const text of ['', 'zqxjkvbwzqxjkvbwzqxjkvbwzqxjkvbw', '0123456789012345678901234567890123456789']) {
      expect(isOfWords(text), text).to.equal(false);
    }
  });

  it('do not count before a random part', () => {
    for (let time = 0; time < 100; time += 1) {
      const random = randomBytes(32).toString(time % 2 ? 'base64url' : 'hex');
      expect(isOfWords(PREFIX + random), random).to.equal(false);
    }
    expect(isOfWords(PREFIX)).to.equal(true);
  });

  it('are not looked for in hex', () => {
    for (const text of ['deadbeefcafebabedecafbadfacade', 'DEAD-BEEF-CAFE-BABE-DECA-FBAD-FACADE']) {
      expect(isOfWords(text), text).to.equal(false);
    }
  });
});
