import { expect } from 'chai';
import { Types } from 'mongoose';
import type { NewMail } from '../../lib/models/outbox-store.js';
import { createTestStores, type TestStores } from '../support/test-stores.js';

const START = new Date('2030-01-01T00:00:00.000Z');
const at = (milliseconds: number) => new Date(START.getTime() + milliseconds);

describe('the outbox store', () => {
  let stores: TestStores;

  before(async () => {
    stores = await createTestStores();
  });
  after(() => stores.database.drop());
  afterEach(() => rows().deleteMany({}));

  const rows = () => stores.database.connection.collection('auth_outbox');
  const all = () => rows().find({}).sort({ _id: 1 }).toArray();
  const add = (mail: Partial<NewMail> = {}, now = START) =>
    stores.waitingMails.add(
      {
        mail: 'hello',
        key: 'hello ada',
        user: new Types.ObjectId(),
        address: 'ada@example.com',
        data: { acceptLanguage: 'fr' },
        boundTo: 'stamp',
        writer: 'one',
        lastAt: at(60_000),
        ...mail,
      },
      now,
    );
  const claim = (
    now = START,
    { mails = ['hello'], writer, except = [], hash = 'hash' }: Partial<Claim> = {},
  ) => stores.waitingMails.claim(now, { mails, writer, except, until: new Date(now.getTime() + 1000), hash });
  type Claim = { mails: string[]; writer: string; except: string[]; hash: string };
  /** A row that is taken, which there is. */
  const claimed = async (...given: Parameters<typeof claim>) => {
    const row = await claim(...given);
    if (!row) throw new Error('no row is due');
    return row;
  };

  it('writes a row that is due at once and says how long it is kept', async () => {
    const user = new Types.ObjectId();
    await add({ user });
    const [{ _id, ...row } = {}, ...others] = await all();
    expect(others).to.deep.equal([]);
    expect(row).to.deep.equal({
      kind: 'users',
      mail: 'hello',
      key: 'hello ada',
      user,
      address: 'ada@example.com',
      data: { acceptLanguage: 'fr' },
      boundTo: 'stamp',
      writer: 'one',
      asked: 1,
      failures: 0,
      openEnds: 0,
      hash: null,
      formerHash: null,
      dueAt: START,
      lastAt: at(60_000),
      expiresAt: at(60_000 + 7 * 86_400_000),
    });
  });

  it('lets one row of a key wait, however many are written at once, with what was said last (hold 76)', async () => {
    await Promise.all(Array.from({ length: 20 }, () => add()));
    await add({ data: { acceptLanguage: 'de' }, boundTo: 'other', user: null }, at(5));
    const [row, ...others] = await all();
    expect(others).to.deep.equal([]);
    expect(row).to.deep.include({ asked: 21, data: { acceptLanguage: 'de' }, boundTo: 'other', user: null });
    expect(row?.['dueAt']).to.deep.equal(START);
    await add({ key: 'hello bob' });
    expect(await all()).to.have.length(2);
  });

  it('gives a row to one of many who ask for it at once', async () => {
    await add();
    const taken = await Promise.all(Array.from({ length: 20 }, () => claim()));
    expect(taken.filter(Boolean)).to.have.length(1);
  });

  it('gives the row that has been due the longest, none before it is due, and those of a mail or a writer', async () => {
    await add({ key: 'later', mail: 'bye' }, at(10));
    await add({ key: 'first' });
    await add({ key: 'other writer', writer: 'two' }, at(5));
    expect(await claim(at(-1), { mails: ['hello', 'bye'] })).to.equal(undefined);
    expect(await claim(at(20), { mails: ['unknown'] })).to.equal(undefined);
    const keys = [
      await claimed(at(20), { writer: 'two' }),
      await claimed(at(20), { mails: ['hello', 'bye'] }),
      await claimed(at(20), { mails: ['bye'] }),
    ].map(({ key }) => key);
    expect(keys).to.deep.equal(['other writer', 'first', 'later']);
    expect(await claim(at(20), { mails: ['hello', 'bye'] })).to.equal(undefined);
  });

  it('gives none to an address to which another is going out', async () => {
    await add({ key: 'hers' });
    await add({ key: 'his', address: 'bob@example.com' }, at(1));
    const except = ['ada@example.com'];
    expect(await claimed(at(2), { except })).to.include({ key: 'his' });
    expect(await claim(at(2), { except })).to.equal(undefined);
    expect(await claimed(at(2))).to.include({ key: 'hers' });
  });

  it('lets another take a row over when its time is up, and tells the hash of the attempt before', async () => {
    await add();
    const first = await claimed(START, { hash: 'one' });
    expect([first.hash, first.formerHash, first.openEnds]).to.deep.equal(['one', null, 1]);
    expect(await claim(at(999))).to.equal(undefined);
    const second = await claimed(at(1000), { hash: 'two' });
    expect([second.hash, second.formerHash, second.openEnds]).to.deep.equal(['two', 'one', 2]);
  });

  it('takes a hash for a text, whatever it looks like', async () => {
    await add();
    expect((await claimed(START, { hash: '$mail' })).hash).to.equal('$mail');
  });

  it('forgets a row that is finished', async () => {
    await add();
    await stores.waitingMails.finish(await claimed(), START);
    expect(await all()).to.deep.equal([]);
  });

  it('lets a row wait again that was asked for once more while it was sent', async () => {
    await add();
    const row = await claimed();
    await add({}, at(1));
    await stores.waitingMails.finish(row, at(2));
    expect((await all()).map(({ dueAt, openEnds, hash }) => [dueAt, openEnds, hash])).to.deep.equal([
      [at(2), 0, null],
    ]);
    await stores.waitingMails.finish(await claimed(at(2)), at(3));
    expect(await all()).to.deep.equal([]);
  });

  it('puts a row off, and counts', async () => {
    await add();
    await stores.waitingMails.putOff(await claimed(), at(5000));
    expect(await claim(at(4999))).to.equal(undefined);
    const { failures, openEnds, formerHash } = await claimed(at(5000));
    expect([failures, openEnds, formerHash]).to.deep.equal([1, 1, 'hash']);
  });

  it('counts the attempts of which nobody knows how they ended, whatever comes after them (hold 69)', async () => {
    await add();
    await claim();
    const second = await claimed(at(1000), { hash: 'second' });
    expect(second.openEnds).to.equal(2);
    await stores.waitingMails.putOff(second, at(2000));
    expect((await claimed(at(2000), { hash: 'third' })).openEnds).to.equal(2);
  });

  it('leaves a row to whoever has taken it over', async () => {
    await add();
    const late = await claimed(START, { hash: 'late' });
    await claimed(at(1000), { hash: 'other' });
    const taken = await all();
    await stores.waitingMails.putOff(late, at(1500));
    expect(await all()).to.deep.equal(taken);
    await add({}, at(1500));
    const asked = await all();
    await stores.waitingMails.finish(late, at(1500));
    expect(await all()).to.deep.equal(asked);
    expect(await claim(at(1999))).to.equal(undefined);
  });

  it('keeps the rows of a user no longer than the user', async () => {
    const user = new Types.ObjectId();
    await add({ user });
    await add({ key: 'other' });
    await stores.collections.removeAllOf(user);
    expect((await all()).map(({ key }) => key)).to.deep.equal(['other']);
  });
});
