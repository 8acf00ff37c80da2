import { expect } from 'chai';
import { keepStanding } from '../../lib/client/standing.js';
import { nextTask } from '../support/next-task.js';

describe('keepStanding', () => {
  it('tells each change once, and what is none not at all', () => {
    const standing = keepStanding({ state: 'unknown' });
    const told: string[] = [];
    standing.onChange((state) => told.push(state));
    expect(standing.set({ state: 'unknown' })).to.equal(false);
    expect(standing.set({ state: 'signed-in', login: 1 })).to.equal(true);
    expect(standing.set({ state: 'signed-in', login: 1 })).to.equal(false);
    expect(told).to.deep.equal(['signed-in']);
    expect(standing.now()).to.deep.equal({ state: 'signed-in', login: 1 });
  });

  it('tells of another login too: a page shows what is of the one before', () => {
    const standing = keepStanding({ state: 'signed-in', login: 1 });
    const told: string[] = [];
    standing.onChange((state) => told.push(state));
    standing.set({ state: 'signed-in', login: 2 });
    expect(told).to.deep.equal(['signed-in']);
  });

  it('stops telling who has had enough, also in the middle, and each by itself', () => {
    const standing = keepStanding({ state: 'unknown' });
    const told: string[] = [];
    const listener = (state: string) => void told.push(state);
    const stop = standing.onChange(listener);
    standing.onChange(listener);
    const stopOnce = standing.onChange(() => stopOnce());
    stop();
    standing.set({ state: 'signed-out' });
    standing.set({ state: 'signed-in' });
    expect(told).to.deep.equal(['signed-out', 'signed-in']);
  });

  it('is hurt by no listener that throws, at once or later', async () => {
    const standing = keepStanding({ state: 'unknown' });
    const { error } = console;
    const reported: unknown[] = [];
    console.error = (failure) => void reported.push(failure);
    try {
      const told: string[] = [];
      const [atOnce, later] = [new Error('at once'), new Error('later')];
      standing.onChange(() => {
        throw atOnce;
      });
      standing.onChange(() => Promise.reject(later) as never);
      standing.onChange((state) => told.push(state));
      standing.set({ state: 'signed-in' });
      await nextTask();
      expect(told).to.deep.equal(['signed-in']);
      expect(reported).to.have.members([atOnce, later]);
    } finally {
      console.error = error;
    }
  });
});
