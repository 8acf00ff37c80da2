import { Console } from 'node:console';
import { PassThrough } from 'node:stream';
import { expect } from 'chai';
import { pino } from 'pino';
import { createSafeLogger } from '../../lib/runtime/logger.js';
import { createTestApp } from '../support/test-app.js';

describe('the safe logger', () => {
  it('passes on what it is told, by the levels that the app has', () => {
    const told: unknown[] = [];
    const logger = createSafeLogger({ warn: (message, details) => void told.push([message, details]) });
    logger.warn?.('careful', { of: 'this' });
    expect(told).to.deep.equal([['careful', { of: 'this' }]]);
    expect(logger.error).to.equal(undefined);
  });

  /** What a stream is written, in whole lines. */
  function createOutput() {
    const output = new PassThrough({ encoding: 'utf8' });
    return { output, written: () => (output.read() ?? '') as string };
  }

  it('reads well on console: no undefined, and an error with its stack', () => {
    const { output, written } = createOutput();
    const logger = createSafeLogger(new Console(output, output));
    logger.warn?.('careful');
    expect(written()).to.equal('careful\n');
    logger.error?.('broken', { error: new Error('inside') });
    expect(written()).to.match(/^broken \{\n {2}error: Error: inside\n {6}at .*logger\.spec/);
  });

  it('reads well on pino and its children, of whichever copy: message, level, and an error with its stack', () => {
    const { output, written } = createOutput();
    const app = pino({ base: null, timestamp: false }, output);
    for (const [own, more] of [
      [app, {}],
      [app.child({ part: 'auth' }), { part: 'auth' }],
    ] as const) {
      const logger = createSafeLogger(own);
      logger.warn?.('careful');
      expect(JSON.parse(written())).to.deep.equal({ level: 40, ...more, msg: 'careful' });
      logger.info?.('more', { of: 'this' });
      expect(JSON.parse(written())).to.deep.equal({ level: 30, ...more, of: 'this', msg: 'more' });
      logger.error?.('broken', { error: new TypeError('inside'), of: 'this' });
      const { err, ...line } = JSON.parse(written());
      expect(line).to.deep.equal({ level: 50, ...more, of: 'this', msg: 'broken' });
      expect(err).to.include({ type: 'TypeError', message: 'inside' });
      expect(err.stack).to.include('logger.spec');
    }
  });

  it('writes on pino what a router tells, and no password or token (hold 63)', async () => {
    const { output, written } = createOutput();
    const app = await createTestApp({ logger: pino({ level: 'debug' }, output) });
    try {
      app.auth.on('login.succeeded', () => {
        throw new Error('the audit log is full');
      });
      const { password, access_token, refresh_token } = await app.signUp();
      await app.auth.service.settled();
      const text = written();
      const lines = text
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line));
      expect(lines.map(({ level, msg, err }) => [level, msg, err.message])).to.deep.equal([
        [50, 'a listener of login.succeeded failed', 'the audit log is full'],
      ]);
      for (const secret of [password, access_token, refresh_token]) expect(text).to.not.include(secret);
    } finally {
      await app.close();
    }
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
