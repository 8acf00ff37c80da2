import { expect } from 'chai';
import { createClock } from 'express-auth-kit/testing';

describe('the test clock', () => {
  it('starts where it is told: milliseconds or a date', () => {
    expect(createClock(1_900_000_000_000).now()).to.equal(1_900_000_000_000);
    expect(createClock(new Date('2030-01-01T00:00:00.000Z')).now()).to.equal(Date.UTC(2030, 0, 1));
    expect(createClock(0).now()).to.equal(0);
  });

  it('starts now by default', () => {
    expect(createClock().now()).to.be.closeTo(Date.now(), 1000);
  });

  it('stands still until it is told to go on', () => {
    const clock = createClock(1000);
    expect([clock.now(), clock.now()]).to.deep.equal([1000, 1000]);
    clock.advance(500);
    clock.advance(1);
    expect(clock.now()).to.equal(1501);
    clock.advance(-501);
    expect(clock.now()).to.equal(1000);
  });

  it('refuses what is no number, which would make a text of the time', () => {
    for (const ms of ['1h', Number.NaN, undefined]) {
      expect(() => createClock(0).advance(ms as number)).to.throw(
        TypeError,
        `advance: ${ms} given; allowed: milliseconds`,
      );
    }
  });

  it('is one of its own each time', () => {
    const [one, other] = [createClock(0), createClock(0)];
    one.advance(5);
    expect(other.now()).to.equal(0);
  });

  it('can be taken apart, as the clock option does', () => {
    const { now, advance } = createClock(0);
    advance(7);
    expect(now()).to.equal(7);
  });
});
