import { expect } from 'chai';
import { Types } from 'mongoose';
import type { Rotation, Session } from '../../lib/models/session-store.js';
import { createTestStores, type TestStores } from '../support/test-stores.js';
import { after_, DAY, GRACE, START, sessionsIn, storeSession } from './stored-session.js';

describe('the rotation of a session', () => {
  let stores: TestStores;
  let user: Types.ObjectId;

  before(async () => {
    stores = await createTestStores();
  });
  after(() => stores.database.drop());
  beforeEach(() => {
    user = new Types.ObjectId();
  });

  const login = (expiresAt = after_(30 * DAY)) => storeSession(stores, { user, expiresAt });
  const collection = () => sessionsIn(stores);
  const stored = (session: Session) => collection().findOne({ _id: session._id });
  const rotate = (session: Session, generation: number, now = START, graceMs = GRACE, owner = user) =>
    stores.sessions.rotate(owner, session._id.toString(), { generation, now, graceMs });
  /** An access token of a generation was shown. */
  const show = (session: Session, generation: number, now = START, owner = user) =>
    stores.sessions.noteShown(owner, session._id.toString(), { generation, now });
  const generationOf = (rotation: Rotation) =>
    'session' in rotation ? rotation.session.generation : undefined;

  describe('keeping', () => {
    const keep = (session: Session, generation: number, now = START, owner = user) =>
      stores.sessions.keep(owner, session._id.toString(), { generation, now });

    it('leaves the generation as it is, and notes the use', async () => {
      const session = await login();
      const now = after_(DAY);
      const expected = { ...session, lastUsedAt: now };
      expect(await keep(session, 0, now)).to.deep.equal({ outcome: 'kept', session: expected });
      expect(await stored(session)).to.deep.equal(expected);
    });

    it('takes every generation that was handed out while there was rotation, and no other', async () => {
      const session = await login();
      for (const generation of [0, 1, 2]) await rotate(session, generation);
      for (const generation of [0, 1, 2, 3])
        expect(generationOf(await keep(session, generation))).to.equal(3);
      expect(await keep(session, 4)).to.deep.equal({ outcome: 'refused' });
    });

    it('refuses a session that is over, another user\u2019s and a malformed id (holds 39, 43)', async () => {
      const session = await login();
      const refused = { outcome: 'refused' };
      expect(await keep(session, 0, after_(30 * DAY))).to.deep.equal(refused);
      expect(await keep(session, 0, START, new Types.ObjectId())).to.deep.equal(refused);
      expect(await stores.sessions.keep(user, 'x', { generation: 0, now: START })).to.deep.equal(refused);
      expect(await stored(session)).to.deep.equal(session);
    });
  });

  describe('rotating', () => {
    it('makes the next generation of the current one, and no longer a life (hold 39)', async () => {
      const session = await login();
      const now = after_(DAY);
      const rotation = await rotate(session, 0, now);
      const expected = { ...session, generation: 1, rotatedAt: now, lastUsedAt: now };
      expect(rotation).to.deep.equal({ outcome: 'rotated', session: expected });
      expect(await stored(session)).to.deep.equal(expected);
    });

    it('lets one of 100 at once win; the others get the same generation (hold 35)', async () => {
      const session = await login();
      const rotations = await Promise.all(Array.from({ length: 100 }, () => rotate(session, 0)));
      const outcomes = rotations.map(({ outcome }) => outcome);
      expect(outcomes.filter((outcome) => outcome === 'rotated')).to.have.length(1);
      expect(outcomes.filter((outcome) => outcome === 'repeated')).to.have.length(99);
      expect(new Set(rotations.map(generationOf))).to.deep.equal(new Set([1]));
      expect(await stored(session)).to.include({ generation: 1 });
    });

    it('lets one of 100 at once win without a grace too; the session is then over (hold 35)', async () => {
      const session = await login();
      const rotations = await Promise.all(Array.from({ length: 100 }, () => rotate(session, 0, START, 0)));
      const outcomes = rotations.map(({ outcome }) => outcome);
      expect(outcomes.filter((outcome) => outcome === 'rotated')).to.have.length(1);
      expect(outcomes.filter((outcome) => outcome === 'replayed')).to.have.length(1);
      expect(await stored(session)).to.equal(null);
    });

    it('answers the immediate predecessor with the current generation, within the grace (hold 37, hold 38)', async () => {
      const session = await login();
      await rotate(session, 0);
      await show(session, 1, after_(DAY));
      for (const wait of [0, 1, GRACE - 1]) {
        const rotation = await rotate(session, 0, after_(DAY + wait));
        expect(rotation.outcome).to.equal('repeated');
        expect(generationOf(rotation)).to.equal(1);
      }
      const lastUsedAt = after_(DAY + GRACE - 1);
      expect(await stored(session)).to.deep.include({ generation: 1, rotatedAt: START, lastUsedAt });
    });

    it('answers it however late as long as nobody has shown the successor (hold 38)', async () => {
      const session = await login();
      await rotate(session, 0);
      // Of the predecessor: that shows nothing of what came after it.
      await show(session, 0);
      for (const wait of [0, GRACE, 29 * DAY])
        expect(generationOf(await rotate(session, 0, after_(wait)))).to.equal(1);
      expect(await stored(session)).to.deep.include({ rotatedAt: START, shownAt: null });
    });

    it('ends the session when the predecessor comes after the grace (hold 36)', async () => {
      const session = await login();
      await rotate(session, 0);
      await show(session, 1);
      expect(await rotate(session, 0, after_(GRACE))).to.deep.equal({ outcome: 'replayed' });
      expect(await stored(session)).to.equal(null);
      expect(await rotate(session, 1)).to.deep.equal({ outcome: 'refused' });
    });

    it('ends the session when what comes is older than the predecessor, grace or not (hold 36, hold 37)', async () => {
      const session = await login();
      await rotate(session, 0);
      await rotate(session, 1);
      expect((await rotate(session, 0)).outcome).to.equal('replayed');
      expect(await stored(session)).to.equal(null);
    });

    it('has no grace at all with 0 seconds (hold 37)', async () => {
      const session = await login();
      await rotate(session, 0);
      expect((await rotate(session, 0, START, 0)).outcome).to.equal('replayed');
      expect(await stored(session)).to.equal(null);
    });

    it('has none with 0 seconds even where the successor is shown later (holds 36, 37)', async () => {
      const session = await login();
      await rotate(session, 0, START, 0);
      // Later than the clock of who comes next: that process began its request before.
      await show(session, 1, after_(5000));
      expect(await rotate(session, 0, START, 0)).to.include({ outcome: 'replayed' });
    });

    it('counts the grace from the first time that the successor was shown (holds 37, 38)', async () => {
      const session = await login();
      await rotate(session, 0, after_(DAY));
      await show(session, 1, after_(2 * DAY));
      await show(session, 1, after_(2 * DAY + GRACE - 1));
      expect(await stored(session)).to.deep.include({ shownAt: after_(2 * DAY) });
      expect((await rotate(session, 0, after_(2 * DAY + GRACE - 1))).outcome).to.equal('repeated');
      expect((await rotate(session, 0, after_(2 * DAY + GRACE))).outcome).to.equal('replayed');
    });

    it('begins anew with each generation (hold 38)', async () => {
      const session = await login();
      await rotate(session, 0);
      await show(session, 1);
      const { outcome } = await rotate(session, 1, after_(DAY));
      expect(outcome).to.equal('rotated');
      expect(await stored(session)).to.deep.include({ generation: 2, shownAt: null });
      expect(generationOf(await rotate(session, 1, after_(2 * DAY)))).to.equal(2);
    });

    it('notes nothing of another generation, nor for another user (hold 43)', async () => {
      const session = await login();
      await rotate(session, 0);
      for (const generation of [0, 2]) await show(session, generation);
      await show(session, 1, START, new Types.ObjectId());
      expect(await stored(session)).to.deep.include({ shownAt: null });
    });

    it('takes a session from before it was noted for one that nobody has shown', async () => {
      const session = await login();
      await rotate(session, 0);
      await collection().updateOne({ _id: session._id }, { $unset: { shownAt: 1 } });
      expect((await rotate(session, 0, after_(DAY))).outcome).to.equal('repeated');
      await show(session, 1, after_(DAY));
      expect((await rotate(session, 0, after_(DAY + GRACE))).outcome).to.equal('replayed');
    });

    it('refuses a generation that is still to come, and ends nothing', async () => {
      const session = await login();
      for (const generation of [1, 2, 1e15]) {
        expect(await rotate(session, generation)).to.deep.equal({ outcome: 'refused' });
      }
      expect(await stored(session)).to.include({ generation: 0 });
    });

    it('refuses an expired session, the current generation too (hold 39)', async () => {
      const session = await login();
      expect(await rotate(session, 0, after_(30 * DAY))).to.deep.equal({ outcome: 'refused' });
      expect(await stored(session)).to.include({ generation: 0 });
    });

    it('keeps the end where it was, rotation after rotation (hold 39)', async () => {
      const session = await login();
      for (let day = 0; day < 29; day += 1) {
        const rotation = await rotate(session, day, after_(day * DAY));
        expect(rotation).to.deep.include({ outcome: 'rotated' });
      }
      expect(await stored(session)).to.deep.include({ expiresAt: after_(30 * DAY), createdAt: START });
      expect(await rotate(session, 29, after_(30 * DAY))).to.deep.equal({ outcome: 'refused' });
    });

    it('refuses another user, and ends nothing', async () => {
      const session = await login();
      await rotate(session, 0);
      for (const generation of [0, 1]) {
        const rotation = await rotate(session, generation, after_(DAY), GRACE, new Types.ObjectId());
        expect(rotation).to.deep.equal({ outcome: 'refused' });
      }
      expect(await stored(session)).to.include({ generation: 1 });
    });

    it('refuses a malformed id', async () => {
      expect(
        await stores.sessions.rotate(user, 'x', { generation: 0, now: START, graceMs: GRACE }),
      ).to.deep.equal({ outcome: 'refused' });
    });

    it('leaves nothing alive when it races an end (hold 42)', async () => {
      for (let time = 0; time < 20; time += 1) {
        const session = await login();
        await Promise.all([rotate(session, 0), stores.collections.removeAllOf(user), rotate(session, 0)]);
        expect(await stored(session)).to.equal(null);
      }
    });
  });

  describe('rotating by the clock of the database', () => {
    let byItsClock: TestStores;
    before(async () => {
      byItsClock = await createTestStores({ database: stores.database, clock: 'database' });
    });

    const HOUR = 3_600_000;
    const presentAt = (session: Session, generation: number, now: Date, graceMs = GRACE) =>
      byItsClock.sessions.rotate(user, session._id.toString(), { generation, now, graceMs });
    const startNow = () => login(new Date(Date.now() + DAY));
    const setShown = (session: Session, ago: number) =>
      collection().updateOne({ _id: session._id }, { $set: { shownAt: new Date(Date.now() - ago) } });
    const showAt = (session: Session, now: Date) =>
      byItsClock.sessions.noteShown(user, session._id.toString(), { generation: 1, now });

    for (const [what, ahead] of [
      ['ahead', HOUR],
      ['behind', -HOUR],
    ] as const) {
      it(`forgives the predecessor to a process whose clock is ${what} (hold 38)`, async () => {
        const session = await startNow();
        const earlier = Date.now();
        const rotation = await presentAt(session, 0, new Date(Date.now() + ahead));
        expect(rotation.outcome).to.equal('rotated');
        await showAt(session, new Date(Date.now() + ahead));
        const { rotatedAt, shownAt } = (await stored(session)) as unknown as Session;
        for (const noted of [rotatedAt, shownAt])
          expect(noted?.getTime()).to.be.within(earlier - 1000, Date.now() + 1000);
        expect((await presentAt(session, 0, new Date())).outcome).to.equal('repeated');
        expect((await presentAt(session, 0, new Date(Date.now() - ahead))).outcome).to.equal('repeated');
      });

      it(`takes the predecessor after the grace for a replay, though a process is ${what} (hold 36)`, async () => {
        const session = await startNow();
        await presentAt(session, 0, new Date());
        await setShown(session, GRACE + 1);
        const now = new Date(Date.now() + ahead);
        expect(await presentAt(session, 0, now)).to.deep.equal({ outcome: 'replayed' });
        expect(await stored(session)).to.equal(null);
      });
    }

    it('has no grace at all with 0 seconds, though the successor seems to be shown later (hold 37)', async () => {
      const session = await startNow();
      await presentAt(session, 0, new Date());
      await setShown(session, -HOUR);
      expect((await presentAt(session, 0, new Date(), 0)).outcome).to.equal('replayed');
    });
  });
});
