import { expect } from 'chai';
import { inTurn, openLine } from '../../lib/client/tabs.js';
import { createLocks } from '../support/client-platform.js';
import { failureOf } from '../support/failure.js';
import { nextTask } from '../support/next-task.js';
import { putGlobal } from '../support/web-platform.js';

describe('openLine', () => {
  it('tells the other tabs, not itself, and none after it is closed', async () => {
    const own: unknown[] = [];
    const heard = await new Promise((resolve) => {
      const one = openLine('line', (message) => own.push(message));
      const other = openLine('line', (message) => {
        other.close();
        one.close();
        resolve(message);
      });
      openLine('another line', resolve).close();
      one.tell('x');
    });
    expect(heard).to.equal('x');
    expect(own).to.deep.equal([]);
    const closed = openLine('line', () => {});
    closed.close();
    closed.tell('x');
    closed.close();
  });

  it('waits for what another tab tells, but not for long', async () => {
    const [one, other] = [openLine('line', () => {}), openLine('line', () => {})];
    let putBack = putGlobal('setTimeout', () => {});
    try {
      const next = other.next();
      one.tell('x');
      await next;
      putBack();
      const waits: number[] = [];
      putBack = putGlobal('setTimeout', (run: () => void, ms: number) => {
        waits.push(ms);
        run();
      });
      await other.next();
      expect(waits).to.deep.equal([2000]);
    } finally {
      putBack();
      one.close();
      other.close();
    }
  });

  it('hears changes of its key in localStorage, and that all of it was cleared', () => {
    const page = new EventTarget();
    const takeOut = (['addEventListener', 'removeEventListener'] as const).map((name) =>
      putGlobal(name, page[name].bind(page)),
    );
    try {
      let heard = 0;
      const line = openLine('line', () => {
        heard += 1;
      });
      const change = (key: string | null) => page.dispatchEvent(Object.assign(new Event('storage'), { key }));
      change('line');
      change(null);
      change('another');
      expect(heard).to.equal(2);
      line.close();
      change('line');
      expect(heard).to.equal(2);
    } finally {
      for (const each of takeOut) each();
    }
  });

  it('does without where there is no channel, or none to be had', () => {
    for (const missing of [
      undefined,
      function refused() {
        throw new DOMException('opaque origin', 'SecurityError');
      },
    ]) {
      const putBack = putGlobal('BroadcastChannel', missing);
      try {
        const line = openLine('line', () => {});
        line.tell('x');
        line.close();
      } finally {
        putBack();
      }
    }
  });
});

describe('inTurn', () => {
  let takeOut: () => void;
  afterEach(() => takeOut());
  const useLocks = (locks: unknown) => {
    takeOut = putGlobal('navigator', { locks });
  };

  it('lets one be at it at a time, where there are Web Locks', async () => {
    useLocks(createLocks());
    const course: string[] = [];
    const work = (name: string) => async () => {
      course.push(`${name} begins`);
      await nextTask();
      course.push(`${name} ends`);
    };
    await Promise.all([inTurn('lock', work('a')), inTurn('lock', work('b'))]);
    expect(course).to.deep.equal(['a begins', 'a ends', 'b begins', 'b ends']);
  });

  it('catches up after the turn of another, and after that alone', async () => {
    useLocks(createLocks());
    const course: string[] = [];
    const turn = (name: string) =>
      inTurn(
        'lock',
        async () => void course.push(name),
        () => course.push(`${name} catches up`),
      );
    await Promise.all([turn('a'), turn('b')]);
    await turn('c');
    expect(course).to.deep.equal(['a', 'b catches up', 'b', 'c']);
  });

  it('does it all the same, once, where there are none, where they are refused, or not had in time', async () => {
    const refused = { request: () => Promise.reject(new DOMException('opaque origin', 'SecurityError')) };
    const late = { request: () => Promise.reject(new DOMException('timed out', 'TimeoutError')) };
    for (const locks of [undefined, refused, late]) {
      useLocks(locks);
      let runs = 0;
      await inTurn('lock', async () => {
        runs += 1;
      });
      takeOut();
      expect(runs).to.equal(1);
    }
  });

  it('waits for a lock that is never given back no longer than it says', async () => {
    const locks = createLocks();
    let giveBack = () => {};
    await new Promise<void>((resolve) => {
      const keep = () => {
        resolve();
        return new Promise<void>((done) => {
          giveBack = done;
        });
      };
      void locks.request('lock', {}, keep);
    });
    useLocks(locks);
    const { timeout } = AbortSignal;
    let patience: number | undefined;
    AbortSignal.timeout = (ms) => {
      patience = ms;
      return AbortSignal.abort();
    };
    try {
      let runs = 0;
      await inTurn('lock', async () => {
        runs += 1;
      });
      expect({ runs, patience }).to.deep.equal({ runs: 1, patience: 10_000 });
    } finally {
      AbortSignal.timeout = timeout;
      giveBack();
    }
  });

  it('tells a failure of the work, and does not do it again', async () => {
    useLocks(createLocks());
    const failure = new Error('away');
    let runs = 0;
    const work = async () => {
      runs += 1;
      throw failure;
    };
    expect(await failureOf(() => inTurn('lock', work))).to.equal(failure);
    expect(runs).to.equal(1);
  });

  it('goes on with what it has begun when the lock is taken away', async () => {
    useLocks({
      request: async (_name: string, _options: object, run: (lock: object) => unknown) => {
        void run({});
        throw new DOMException('stolen', 'AbortError');
      },
    });
    let runs = 0;
    await inTurn('lock', async () => {
      await nextTask();
      runs += 1;
    });
    expect(runs).to.equal(1);
  });
});
