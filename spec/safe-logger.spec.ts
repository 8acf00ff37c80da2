import { expect } from 'chai';
import { createSafeLogger } from '../lib/safe-logger.js';

describe('the safe logger', () => {
  it('passes on what it is told, by the levels that the app has', () => {
    const told: unknown[] = [];
    const logger = createSafeLogger({ warn: (message, details) => void told.push([message, details]) });
    logger.warn?.('careful', { of: 'this' });
    expect(told).to.deep.equal([['careful', { of: 'this' }]]);
    expect(logger.error).to.equal(undefined);
  });

  it('calls the methods as the app’s own, which may use `this`', () => {
    const app = {
      told: [] as string[],
      error(message: string) {
        this.told.push(message);
      },
    };
    createSafeLogger(app).error?.('broken');
    expect(app.told).to.deep.equal(['broken']);
  });

  it('outlives a logger that throws or rejects', async () => {
    const logger = createSafeLogger({
      warn: () => {
        throw new Error('disk full');
      },
      error: (async () => {
        throw new Error('network away');
      }) as () => void,
    });
    logger.warn?.('x');
    logger.error?.('x');
    // An unhandled rejection would fail the run.
    await new Promise((resolve) => setImmediate(resolve));
  });
});
