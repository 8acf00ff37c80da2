import { expect } from 'chai';
import {
  type Attempt,
  admitByLimits,
  type Limit,
  withinLimits,
  withinLimitsUnless,
} from '../../lib/core/limits.js';
import { AuthError } from '../../lib/errors.js';
import { failureOf } from '../support/failure.js';

const ATTEMPT: Attempt = {
  operation: 'login',
  kind: 'password',
  user: null,
  name: 'ada@example.com',
  ip: '192.0.2.1',
};

describe('withinLimits', () => {
  let told: string[];
  beforeEach(() => {
    told = [];
  });

  /** A limit that notes what it is told, each a turn of the event loop after it was. */
  const limit = (name: string, verdict?: 'refuse' | Error): Limit => ({
    async before() {
      told.push(`${name} is asked`);
      await new Promise(setImmediate);
      if (verdict instanceof Error) throw verdict;
      told.push(`${name} has answered`);
      return verdict;
    },
    async after(_attempt, outcome) {
      await new Promise(setImmediate);
      told.push(`${name}: ${outcome}`);
    },
  });
  const guess = (succeeded: boolean) => async (isRefused: boolean) => {
    told.push(isRefused ? 'a guess that is refused' : 'a guess');
    return { succeeded, result: `a guess that ${succeeded ? 'fits' : 'does not fit'}` };
  };
  const tooMany = new AuthError({ status: 429, code: 'too_many_requests', detail: 'Too many attempts' });

  it('lets a guess be made where there are no limits', async () => {
    expect(await withinLimits([], ATTEMPT, guess(true))).to.equal('a guess that fits');
    expect(told).to.deep.equal(['a guess']);
  });

  it('asks the limits in their order, each after the one before it, then lets the guess be made', async () => {
    await withinLimits([limit('one'), limit('two')], ATTEMPT, guess(true));
    expect(told.slice(0, 5)).to.deep.equal([
      'one is asked',
      'one has answered',
      'two is asked',
      'two has answered',
      'a guess',
    ]);
  });

  for (const [succeeded, outcome] of [
    [true, 'succeeded'],
    [false, 'failed'],
  ] as const) {
    it(`tells every limit that a guess has ${outcome}, in their order`, async () => {
      const result = await withinLimits([limit('one'), limit('two')], ATTEMPT, guess(succeeded));
      expect(result).to.equal(`a guess that ${succeeded ? 'fits' : 'does not fit'}`);
      // All of it has happened by the time there is a result: nothing is left to be told later.
      expect(told.slice(5)).to.deep.equal([`one: ${outcome}`, `two: ${outcome}`]);
    });
  }

  it('shows every limit the same attempt, before and after', async () => {
    const shown: unknown[] = [];
    const watching: Limit = {
      async before(attempt) {
        shown.push(attempt);
        return undefined;
      },
      async after(attempt) {
        shown.push(attempt);
      },
    };
    await withinLimits([watching, watching], ATTEMPT, guess(false));
    expect(shown).to.deep.equal([ATTEMPT, ATTEMPT, ATTEMPT, ATTEMPT]);
  });

  it('does not let a guess be made when a limit throws, and throws the same', async () => {
    const error = await failureOf(() => withinLimits([limit('one', tooMany)], ATTEMPT, guess(true)));
    expect(error).to.equal(tooMany);
    expect(told).to.deep.equal(['one is asked']);
  });

  it('tells those before a limit that throws that the attempt was abandoned, and neither it nor those behind', async () => {
    const limits = [limit('one'), limit('two'), limit('three', tooMany), limit('four')];
    expect(await failureOf(() => withinLimits(limits, ATTEMPT, guess(true)))).to.equal(tooMany);
    expect(told.slice(4)).to.deep.equal(['three is asked', 'one: abandoned', 'two: abandoned']);
  });

  it('tells every limit that an attempt was abandoned whose guess could not be made', async () => {
    const away = new Error('the database is away');
    const limits = [limit('one'), limit('two', 'refuse')];
    const error = await failureOf(() => withinLimits(limits, ATTEMPT, () => Promise.reject(away)));
    expect(error).to.equal(away);
    expect(told.slice(4)).to.deep.equal(['one: abandoned', 'two: abandoned']);
  });

  for (const [where, limits] of [
    ['the first', ['refuse', undefined]],
    ['the last', [undefined, 'refuse']],
  ] as const) {
    it(`lets a guess know that ${where} limit refuses, when all have been asked`, async () => {
      await withinLimits(
        limits.map((verdict, index) => limit(`${index}`, verdict)),
        ATTEMPT,
        guess(false),
      );
      expect(told.slice(3)).to.deep.equal([
        '1 has answered',
        'a guess that is refused',
        '0: failed',
        '1: failed',
      ]);
    });
  }

  it('refuses nothing on its own: what becomes of a guess is what the guess says', async () => {
    expect(await withinLimits([limit('one', 'refuse')], ATTEMPT, guess(true))).to.equal('a guess that fits');
    expect(told.at(-1)).to.equal('one: succeeded');
  });

  it('holds the result back until the last limit has been told', async () => {
    let letGo: () => void = () => {};
    const slow: Limit = {
      before: async () => undefined,
      after: () =>
        new Promise((resolve) => {
          letGo = resolve;
        }),
    };
    let isDone = false;
    const result = withinLimits([slow], ATTEMPT, guess(true)).then(() => {
      isDone = true;
    });
    await new Promise(setImmediate);
    expect([told, isDone]).to.deep.equal([['a guess'], false]);
    letGo();
    await result;
    expect(isDone).to.equal(true);
  });

  it('reads the limits when an attempt is made: a feature may bring one later', async () => {
    const limits: Limit[] = [];
    await withinLimits(limits, ATTEMPT, guess(true));
    limits.push(limit('late'));
    await withinLimits(limits, ATTEMPT, guess(true));
    expect(told).to.deep.equal([
      'a guess',
      'late is asked',
      'late has answered',
      'a guess',
      'late: succeeded',
    ]);
  });

  it('tells every limit, also where one of them fails at it, and then says so', async () => {
    const error = new Error('the store is away');
    const failing: Limit = { before: async () => undefined, after: () => Promise.reject(error) };
    const attempt = withinLimits([failing, limit('second')], ATTEMPT, guess(true));
    expect(await failureOf(() => attempt)).to.equal(error);
    expect(told.at(-1)).to.equal('second: succeeded');
  });

  it('says what broke the attempt off, whatever a limit then fails at', async () => {
    const broken = new Error('no place in the queue');
    const failing: Limit = {
      before: async () => undefined,
      after: () => Promise.reject(new Error('the store is away')),
    };
    const attempt = withinLimits([failing], ATTEMPT, () => Promise.reject(broken));
    expect(await failureOf(() => attempt)).to.equal(broken);
  });
});

describe('withinLimitsUnless', () => {
  class Refused extends Error {}
  const told: string[] = [];
  const limit = (verdict?: 'refuse'): Limit => ({
    before: async () => verdict,
    after: async (_attempt, outcome) => void told.push(outcome),
  });
  beforeEach(() => told.splice(0));

  it('gives what the work gives, which has succeeded then', async () => {
    expect(await withinLimitsUnless([limit()], ATTEMPT, [TypeError, Refused], async () => 'done')).to.equal(
      'done',
    );
    expect(told).to.deep.equal(['succeeded']);
  });

  it('throws a refusal of one of the classes, which is a failure, and any other error, which broke it off', async () => {
    for (const [error, outcome] of [
      [new Refused('no'), 'failed'],
      [new Error('away'), 'abandoned'],
    ] as const) {
      const work = () =>
        withinLimitsUnless([limit()], ATTEMPT, [TypeError, Refused], () => Promise.reject(error));
      expect(await failureOf(work)).to.equal(error);
      expect(told.splice(0)).to.deep.equal([outcome]);
    }
  });

  it('lets the work know that a limit refuses', async () => {
    expect(
      await withinLimitsUnless([limit(), limit('refuse')], ATTEMPT, [TypeError, Refused], async (is) => is),
    ).to.equal(true);
  });
});

describe('admitByLimits', () => {
  it('asks those that answer before all else, and throws what one throws', () => {
    const asked: object[] = [];
    const limit = { before: async () => undefined, after: async () => {} };
    const full = new Error('full');
    const closed: Limit = {
      ...limit,
      admit(attempt) {
        asked.push(attempt);
        throw full;
      },
    };
    expect(() => admitByLimits([limit], { kind: 'password', ip: '192.0.2.1' })).to.not.throw();
    expect(() => admitByLimits([limit, closed], { kind: 'password', ip: '192.0.2.1' })).to.throw(full);
    expect(asked).to.deep.equal([{ kind: 'password', ip: '192.0.2.1' }]);
  });
});
