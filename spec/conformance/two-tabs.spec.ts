import { expect } from 'chai';
import type { TokenPair } from 'express-auth-kit';
import { bearer, createTestApp, type TestApp, type TestAppOptions } from '../support/test-app.js';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
/** The lifetime of an access token: each tab refreshes when its own has expired. */
const LIFETIME = 15 * MINUTE;
const HOURS = 8;

/** A tab that keeps the pair in its own memory, as FastEdgy's web store does: it is never told what another tab got. */
interface Tab {
  pair: TokenPair;
  /** When it refreshes next, in milliseconds since the login. */
  next: number;
}

/** When tabs that began with one pair refresh, in milliseconds after the first one. */
type Course = (tab: number, round: number) => number;

/** Some time apart, always the same tab first. */
const apart =
  (ms: number): Course =>
  (tab) =>
    tab * ms;

/** The second tab sleeps: it misses the rounds named. */
const asleep =
  (ms: number, ...missed: number[]): Course =>
  (tab, round) =>
    tab === 1 && missed.includes(round) ? Number.NaN : tab * ms;

describe('two tabs that each keep the refresh token in memory', function () {
  this.timeout(120_000);

  /**
   * Plays the tabs until one is refused.
   *
   * @returns how many hours they were in, and how many of them still are
   */
  async function play(options: TestAppOptions, course: Course): Promise<{ hours: number; in: number }> {
    const app = await createTestApp(options);
    try {
      return await playOn(app, course);
    } finally {
      await app.close();
    }
  }

  async function playOn(app: TestApp, course: Course): Promise<{ hours: number; in: number }> {
    const pair = await app.signUp();
    const start = app.clock.now();
    const tabs: Tab[] = [
      { pair, next: 0 },
      { pair, next: 0 },
    ];
    const isIn = async ({ pair: { access_token } }: Tab) =>
      (await app.http.get('/protected').set(bearer(access_token))).status === 200;
    for (let round = 1; round <= (HOURS * 60 * MINUTE) / LIFETIME; round += 1) {
      for (const [index, tab] of tabs.entries()) tab.next = round * LIFETIME + course(index, round);
      const due = tabs.filter(({ next }) => !Number.isNaN(next)).sort((one, other) => one.next - other.next);
      for (const tab of due) {
        app.clock.advance(start + tab.next - app.clock.now());
        const { refresh_token } = tab.pair;
        const { status, body } = await app.http.post('/auth/refresh').send({ refresh_token });
        if (status !== 200) {
          const left = await Promise.all(tabs.map(isIn));
          return { hours: tab.next / (60 * MINUTE), in: left.filter(Boolean).length };
        }
        tab.pair = body;
        // What it refreshed for.
        expect(await isIn(tab)).to.equal(true);
        await app.auth.service.settled();
      }
    }
    return { hours: HOURS, in: (await Promise.all(tabs.map(isIn))).filter(Boolean).length };
  }

  const stay = { hours: HOURS, in: 2 };
  /** Both, at the first round: the second tab presents what the first has replaced. */
  const outAt = (ms: number) => ({ hours: ms / (60 * MINUTE), in: 0 });

  describe('with the default grace time, 30 seconds', () => {
    for (const seconds of [0, 5, 29]) {
      it(`stay in when they refresh ${seconds} seconds apart`, async () => {
        expect(await play({}, apart(seconds * SECOND))).to.deep.equal(stay);
      });
    }
    for (const seconds of [30, 90, 7 * 60]) {
      it(`are both out at the second refresh when it comes ${seconds} seconds after the first (hold 36)`, async () => {
        expect(await play({}, apart(seconds * SECOND))).to.deep.equal(outAt(LIFETIME + seconds * SECOND));
      });
    }
  });

  describe('with a grace time of the lifetime of an access token', () => {
    const long = { refreshGraceSeconds: LIFETIME / SECOND };
    for (const seconds of [30, 90, 7 * 60, 14 * 60 + 59]) {
      it(`stay in when they refresh ${seconds} seconds apart`, async () => {
        expect(await play(long, apart(seconds * SECOND))).to.deep.equal(stay);
      });
    }

    it('stay in when they take turns, and when they refresh at once', async () => {
      const turns: Course = (tab, round) => ((tab + round) % 2) * 5 * MINUTE;
      const sometimesAtOnce: Course = (tab, round) => (round % 3 === 0 ? 0 : tab * 2 * MINUTE);
      expect(await play(long, turns)).to.deep.equal(stay);
      expect(await play(long, sometimesAtOnce)).to.deep.equal(stay);
    });

    it('are both out when one has slept while the other refreshed twice (hold 37)', async () => {
      const woken = 6 * LIFETIME + 5 * MINUTE;
      expect(await play(long, asleep(5 * MINUTE, 5))).to.deep.equal(outAt(woken));
      const hour = { refreshGraceSeconds: 3600 };
      expect(await play(hour, asleep(5 * MINUTE, 5))).to.deep.equal(outAt(woken));
    });
  });

  describe('without rotation', () => {
    const off = { refreshRotation: 'off' } as const;
    it('stay in, however far apart they refresh, and however long one has slept', async () => {
      for (const course of [apart(90 * SECOND), apart(14 * MINUTE), asleep(5 * MINUTE, 5, 6, 7, 8, 9)])
        expect(await play(off, course)).to.deep.equal(stay);
    });
  });
});
