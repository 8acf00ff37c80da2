import { readdir, readFile } from 'node:fs/promises';
import { expect } from 'chai';
import type { AuthEvents } from 'express-auth-kit';
import { createEvents } from '../../lib/core/events.js';
import { expectStartRefused, failureOf } from '../support/failure.js';
import { createTestApp } from '../support/test-app.js';

const EVENT = { userId: 'u1', email: 'jean@example.com', ip: null, userAgent: null };

describe('createEvents', () => {
  type Logged = [message: string, details?: object];

  function createLogged() {
    const logged: Logged[] = [];
    const events = createEvents({ error: (...line: Logged) => logged.push(line) });
    return { events, logged };
  }

  it('tells every listener of a name, in the order they came, and no other', () => {
    const { events } = createLogged();
    const told: unknown[] = [];
    events.on('user.registered', (event) => void told.push(['first', event]));
    events.on('user.registered', (event) => void told.push(['second', event]));
    events.on('session.ended', (event) => void told.push(['other', event]));
    events.emit('user.registered', EVENT);
    expect(told).to.deep.equal([
      ['first', EVENT],
      ['second', EVENT],
    ]);
  });

  it('waits for the recorders, one after the other, and fails as they do', async () => {
    const recorded: string[] = [];
    const events = createEvents({}, [
      async (name) => {
        await new Promise(setImmediate);
        recorded.push(`first ${name}`);
      },
      async (name, event) => {
        recorded.push(`second ${name}`);
        if ('email' in event && event.email === 'full@example.com') throw new Error('full');
      },
    ]);
    const told: unknown[] = [];
    events.on('user.registered', (event) => void told.push(event.email));
    await events.emit('user.registered', EVENT);
    expect(recorded).to.deep.equal(['first user.registered', 'second user.registered']);
    const failure = await failureOf(() =>
      events.emit('user.registered', { ...EVENT, email: 'full@example.com' }),
    );
    expect(failure.message).to.equal('full');
    expect(told).to.deep.equal([EVENT.email, 'full@example.com']);
  });

  it('is waited for wherever something is told: an event that is not recorded is not answered', async () => {
    const root = new URL('../../lib/', import.meta.url);
    const files = (await readdir(root, { recursive: true })).filter((name) => name.endsWith('.ts'));
    const calls: string[] = [];
    for (const file of files) {
      const code = await readFile(new URL(file, root), 'utf8');
      const found = code.matchAll(/^.*\b(?:events\.emit|sayEnded)\(.*$/gm);
      calls.push(...[...found].map(([line]) => line).filter((line) => !line.includes('function sayEnded')));
    }
    expect(calls.length).to.be.greaterThan(10);
    // Of a mail nobody waits for the answer.
    const others = calls.filter((line) => !/\bawait\b/.test(line) && !line.includes("'mail.failed'"));
    expect(others).to.deep.equal([]);
  });

  it('tells a listener no more once it has stopped listening, and the others still', () => {
    const { events } = createLogged();
    const told: string[] = [];
    const stop = events.on('user.registered', () => void told.push('first'));
    events.on('user.registered', () => void told.push('second'));
    stop();
    stop();
    events.emit('user.registered', EVENT);
    expect(told).to.deep.equal(['second']);
  });

  it('refuses to listen to an event that there is not, and suggests what was meant', () => {
    const { events } = createLogged();
    expect(expectStartRefused(() => events.on('login.suceeded' as never, () => {}))).to.match(
      /^event: "login.suceeded" given; allowed: user.registered, .*\(did you mean login.succeeded\?\)$/,
    );
  });

  it('says nothing to nobody', () => {
    expect(() => createLogged().events.emit('user.registered', EVENT)).to.not.throw();
  });

  const failing: Record<string, () => void | Promise<void>> = {
    throws: () => {
      throw new Error('no luck');
    },
    rejects: () => Promise.reject(new Error('no luck')),
  };
  for (const [what, listener] of Object.entries(failing)) {
    it(`logs a listener that ${what}, and tells the next one`, async () => {
      const { events, logged } = createLogged();
      const told: unknown[] = [];
      events.on('user.registered', listener);
      events.on('user.registered', (event) => void told.push(event));
      events.emit('user.registered', EVENT);
      await new Promise(setImmediate);
      expect(told).to.deep.equal([EVENT]);
      expect(logged.map(([message]) => message)).to.deep.equal(['a listener of user.registered failed']);
      expect(logged[0]?.[1]).to.have.nested.property('error.message', 'no luck');
    });
  }

  it('needs no logger', async () => {
    const events = createEvents({});
    events.on('user.registered', failing['rejects'] as () => Promise<void>);
    events.emit('user.registered', EVENT);
    await new Promise(setImmediate);
  });

  it('takes as many listeners as an app has, without a warning', async () => {
    const warnings: Error[] = [];
    const warn = (warning: Error) => warnings.push(warning);
    process.on('warning', warn);
    const { events } = createLogged();
    for (let count = 0; count < 50; count += 1) events.on('user.registered', () => {});
    await new Promise(setImmediate);
    process.off('warning', warn);
    expect(warnings.map(({ name }) => name)).to.not.include('MaxListenersExceededWarning');
  });
});

describe('a listener that fails', () => {
  it('disturbs no request', async () => {
    const logged: string[] = [];
    const app = await createTestApp({ logger: { error: (message) => logged.push(message) } });
    try {
      const names: (keyof AuthEvents)[] = [
        'user.registered',
        'login.succeeded',
        'login.failed',
        'session.ended',
      ];
      for (const name of names) {
        app.auth.on(name, () => {
          throw new Error('thrown');
        });
        app.auth.on(name, () => Promise.reject(new Error('rejected')));
      }
      const { email, refresh_token } = await app.signUp();
      await app.http.post('/auth/token').send({ username: email, password: 'wrong' }).expect(401);
      await app.http.post('/auth/logout').send({ refresh_token }).expect(204);
      expect(logged).to.deep.equal(names.flatMap((name) => Array(2).fill(`a listener of ${name} failed`)));
    } finally {
      await app.close();
    }
  });

  it('is not waited for', async () => {
    const app = await createTestApp();
    try {
      app.auth.on('user.registered', () => new Promise(() => {}));
      await app.register();
    } finally {
      await app.close();
    }
  });
});
