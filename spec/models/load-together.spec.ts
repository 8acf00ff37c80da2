import { AsyncLocalStorage } from 'node:async_hooks';
import { setImmediate as turn } from 'node:timers/promises';
import { expect } from 'chai';
import { Unavailable } from 'express-auth-kit';
import { loadTogether } from '../../lib/models/load-together.js';
import { createHold } from '../conformance/hold-back.js';
import { failureOf } from '../support/failure.js';

interface Row {
  id: number;
  of?: Row;
}

describe('loadTogether', () => {
  /** Knows every number that is even. */
  function open(answer: (ids: readonly number[]) => Promise<unknown> = async () => {}) {
    const sent: number[][] = [];
    const load = loadTogether<number, Row>({
      async load(ids) {
        sent.push([...ids]);
        await answer(ids);
        return ids.filter((id) => id % 2 === 0).map((id) => ({ id }));
      },
      nameOfKey: String,
      nameOfRow: ({ id }) => String(id),
      copy: (row) => ({ id: row.id, of: row }),
    });
    return { load, sent };
  }

  it('asks once for all that is asked for in one turn, in whichever order it comes back', async () => {
    const { load, sent } = open();
    expect(await Promise.all([load(4), load(3), load(2)])).to.deep.equal([{ id: 4 }, undefined, { id: 2 }]);
    expect(sent).to.deep.equal([[4, 3, 2]]);
    await load(4);
    expect(sent).to.deep.equal([[4, 3, 2], [4]]);
  });

  it('asks for equal keys once, and gives each who asked a row of one’s own', async () => {
    const { load, sent } = open();
    const [first, second, none, alsoNone] = await Promise.all([load(2), load(2), load(3), load(3)]);
    expect(sent).to.deep.equal([[2, 3]]);
    expect(second).to.deep.equal({ id: 2, of: first });
    expect(second).to.not.equal(first);
    expect([none, alsoNone]).to.deep.equal([undefined, undefined]);
  });

  it('lets nobody join a query that is on its way', async () => {
    const hold = createHold();
    let isFirst = true;
    const { load, sent } = open(async () => {
      if (!isFirst) return;
      isFirst = false;
      await hold.wait();
    });
    const early = load(2);
    await hold.reached;
    expect(await load(2)).to.deep.equal({ id: 2 });
    expect(sent).to.deep.equal([[2], [2]]);
    hold.release();
    expect(await early).to.deep.equal({ id: 2 });
  });

  it('asks for a thousand at once at most', async () => {
    const { load, sent } = open();
    const ids = Array.from({ length: 2500 }, (_, index) => index * 2);
    const rows = await Promise.all(ids.map(load));
    expect(rows.map((row) => row?.id)).to.deep.equal(ids);
    expect(sent.map(({ length }) => length)).to.deep.equal([1000, 1000, 500]);
  });

  it('fails for the one that cannot be loaded, and not for those who were asked for with it', async () => {
    const { load, sent } = open(async (ids) => {
      if (ids.includes(6)) throw new Error('a hook of the app’s');
    });
    const asked = [load(2), failureOf(() => load(6)), failureOf(() => load(6)), load(4)];
    const [two, first, second, four] = await Promise.all(asked);
    expect([two, four]).to.deep.equal([{ id: 2 }, { id: 4 }]);
    for (const error of [first, second]) expect(error).to.include({ message: 'a hook of the app’s' });
    expect(sent).to.deep.equal([[2, 6, 4], [2], [6], [4]]);
  });

  it('fails for all who were asked for together while the database is away, and for no one else', async () => {
    const { load } = open(async (ids) => {
      if (ids.includes(6)) throw new Unavailable({ message: 'away' });
    });
    const together = [failureOf(() => load(6)), failureOf(() => load(2))];
    await turn();
    expect(await load(2)).to.deep.equal({ id: 2 });
    expect((await Promise.all(together)).map(({ message }) => message)).to.deep.equal(['away', 'away']);
  });

  it('asks in nobody’s context: that of the first to ask may be a transaction', async () => {
    const context = new AsyncLocalStorage<string>();
    const seen: unknown[] = [];
    const { load } = open(async () => seen.push(context.getStore()));
    const told = await context.run('a transaction', async () => {
      await load(2);
      return context.getStore();
    });
    expect([seen, told]).to.deep.equal([[undefined], 'a transaction']);
  });
});
