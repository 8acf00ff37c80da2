import { expect } from 'chai';
import { AUDIT, type AuditStore, createAuditStore } from '../../lib/models/audit-store.js';
import { createTestStores, type TestStores } from '../support/test-stores.js';

const NOW = new Date('2030-01-01T00:00:00.000Z');
const at = (seconds: number) => new Date(NOW.getTime() + seconds * 1000);

describe('the audit store', () => {
  let stores: TestStores;
  let audit: AuditStore;

  before(async () => {
    stores = await createTestStores();
    audit = createAuditStore(stores.collections.open(AUDIT));
  });
  after(() => stores.database.drop());

  const add = (subject: string | null, seconds: number, more: object = {}) =>
    audit.add({
      ...{ subject, event: `at ${seconds}`, at: at(seconds), sessionId: null, ip: '127.0.0.1' },
      ...{ userAgent: 'Firefox', details: {}, expiresAt: at(1000), ...more },
    });
  const list = (subject: string, page: { before?: Date | string; limit?: number } = {}, now = NOW) =>
    audit.list(subject, { before: undefined, limit: 100, ...page, now });
  const eventsOf = async (...given: Parameters<typeof list>) =>
    (await list(...given)).map(({ event }) => event);

  it('lists what concerns one user, newest first, by pages', async () => {
    for (const seconds of [2, 1, 4, 3]) await add('paged', seconds);
    await add('other', 5);
    await add(null, 6);
    expect(await eventsOf('paged')).to.deep.equal(['at 4', 'at 3', 'at 2', 'at 1']);
    expect(await eventsOf('paged', { limit: 2 })).to.deep.equal(['at 4', 'at 3']);
    expect(await eventsOf('paged', { before: at(3) })).to.deep.equal(['at 2', 'at 1']);
    const [, third] = await list('paged');
    expect(await eventsOf('paged', { before: String(third?._id), limit: 1 })).to.deep.equal(['at 2']);
  });

  it('leaves none of the same time out between two pages', async () => {
    for (let index = 0; index < 5; index += 1) await add('at once', 0, { details: { index } });
    const seen: unknown[] = [];
    for (let before: string | undefined; ; ) {
      const [entry] = await list('at once', { limit: 1, ...(before !== undefined && { before }) });
      if (!entry) break;
      seen.push(entry.details['index']);
      before = String(entry._id);
    }
    expect(seen).to.deep.equal([4, 3, 2, 1, 0]);
  });

  it('has nothing before the entry of somebody else, and before what is no id', async () => {
    await add('one', 0);
    await add('two', 0);
    const [foreign] = await list('two');
    for (const before of [String(foreign?._id), 'x', '$', ''])
      expect(await list('one', { before })).to.deep.equal([]);
  });

  it('shows nothing that has expired, whether or not it was cleared away', async () => {
    await add('expiring', 0, { expiresAt: at(10) });
    expect(await eventsOf('expiring', {}, at(9))).to.deep.equal(['at 0']);
    expect(await eventsOf('expiring', {}, at(10))).to.deep.equal([]);
  });

  it('forgets where somebody came from, and of nobody else', async () => {
    await add('gone', 0);
    await add('gone', 1);
    await add('there', 0);
    await audit.forgetOrigins('gone');
    const originsOf = async (subject: string) =>
      (await list(subject)).map(({ ip, userAgent }) => [ip, userAgent]);
    expect(await originsOf('gone')).to.deep.equal([
      [null, null],
      [null, null],
    ]);
    expect(await originsOf('there')).to.deep.equal([['127.0.0.1', 'Firefox']]);
  });
});
