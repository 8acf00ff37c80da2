import { expect } from 'chai';
import { createFairShare } from '../../lib/security/fair-share.js';

describe('the share of those who wait', () => {
  it('is a turn for each name in every round, whoever came first', () => {
    const share = createFairShare(1);
    const rounds = (name: string, count: number) =>
      Array.from({ length: count }, () => share.wait(name).round);
    expect(rounds('many', 4)).to.deep.equal([0, 1, 2, 3]);
    expect(rounds('few', 2)).to.deep.equal([0, 1]);
    expect(rounds('many', 1)).to.deep.equal([4]);
  });

  it('begins with the round that is on, for who comes later or again', () => {
    const share = createFairShare(1);
    const [first, second, third] = [share.wait('many'), share.wait('many'), share.wait('many')];
    first.end(true);
    second.end(true);
    expect(share.wait('late').round).to.equal(1);
    expect(share.wait('many').round).to.equal(3);
    third.end(true);
    expect(share.wait('later').round).to.equal(2);
  });

  it('counts of those who came with many no more than a newcomer would wait for', () => {
    const share = createFairShare(1);
    for (let time = 0; time < 100; time += 1) share.wait('many');
    expect(share.aheadOf('many')).to.equal(100);
    expect(share.aheadOf('new')).to.equal(1);
    share.wait('new');
    expect(share.aheadOf('new')).to.equal(3);
    expect(share.waiting()).to.equal(101);
  });

  it('counts who has entered as one that waits, less those whose turn it is', () => {
    const share = createFairShare(2);
    const leaves = Array.from({ length: 10 }, () => share.enter('many'));
    expect(share.aheadOfEntering('many')).to.equal(8);
    expect(share.aheadOfEntering('new')).to.equal(0);
    // Who is in already finds nobody who waits.
    expect(share.aheadOf('many')).to.equal(0);
    for (const leave of leaves) {
      leave();
      leave();
    }
    expect(share.aheadOfEntering('many')).to.equal(0);
  });

  it('gives back the place of who does not wait any more, once', () => {
    const share = createFairShare(1);
    const [first, second] = [share.wait('many'), share.wait('many')];
    first.end(false);
    first.end(false);
    expect([share.waiting(), share.aheadOf('many')]).to.deep.equal([1, 1]);
    second.end(true);
    expect([share.waiting(), share.aheadOf('many')]).to.deep.equal([0, 0]);
    // A round of nobody has not begun.
    expect(share.wait('new').round).to.equal(1);
  });

  it('has nobody wait for those of its name who have gone', () => {
    const share = createFairShare(1);
    share.wait('many');
    for (let time = 0; time < 10; time += 1) {
      const [, ...gone] = Array.from({ length: 20 }, () => share.wait('many'));
      for (const each of gone) each.end(false);
    }
    // Eleven are left, and the round that is on may have been one of theirs.
    expect(share.waiting()).to.equal(11);
    expect(share.wait('many').round).to.equal(12);
  });
});
