import { expect } from 'chai';
import { Types } from 'mongoose';
import { Unavailable } from '../../lib/errors.js';
import type { Delivery } from '../../lib/mail/delivery.js';
import { MailNotSent } from '../../lib/mail/mailer.js';
import { createOutboxWorker, type MailFailure, type OutboxWorker } from '../../lib/mail/outbox-worker.js';
import { createClock, type TestClock } from '../../lib/testing/clock.js';
import { failCommands } from '../support/intercept-commands.js';
import { createTestStores, type TestStores } from '../support/test-stores.js';

const SECOND = 1000;
const MINUTE = 60 * SECOND;

describe('the worker of the outbox', () => {
  let stores: TestStores;
  let clock: TestClock;
  let told: MailFailure[];
  let logged: string[];
  const workers: OutboxWorker[] = [];

  before(async () => {
    stores = await createTestStores();
  });
  beforeEach(() => {
    clock = createClock();
    told = [];
    logged = [];
  });
  afterEach(async () => {
    await Promise.all(workers.splice(0).map((worker) => worker.close()));
    await rows().deleteMany({});
  });
  after(() => stores.database.drop());

  const rows = () => stores.database.connection.collection('auth_outbox');
  const now = () => new Date(clock.now());
  interface Added {
    minutes?: number;
    key?: string;
    address?: string;
    user?: Types.ObjectId | null;
  }
  async function add({ minutes = 30, key = 'ada', address, user = new Types.ObjectId() }: Added = {}) {
    const lastAt = new Date(clock.now() + minutes * MINUTE);
    const to = address ?? `${key}@example.com`;
    const row = { mail: 'hello', key, user, address: to, data: {}, boundTo: '', writer: 'one', lastAt };
    await stores.waitingMails.add(row, now());
  }
  function create(deliver: Delivery, { writer = 'one', isConnected = (): boolean => true } = {}) {
    const worker = createOutboxWorker({
      ...stores,
      mails: ['hello'],
      writer,
      deliver,
      report: async (failure) => void told.push(failure),
      logger: { warn: (line) => void logged.push(line), error: (line) => void logged.push(line) },
      now,
      isConnected,
    });
    workers.push(worker);
    return worker;
  }

  it('sends what is due once, each with a secret of its own', async () => {
    for (let key = 0; key < 30; key += 1) await add({ key: String(key) });
    const sent: string[] = [];
    const secrets = new Set<string>();
    const worker = create(async ({ key }, { secret }) => {
      sent.push(key);
      secrets.add(secret);
    });
    await Promise.all([worker.settled(), worker.settled()]);
    expect(sent.map(Number).sort((one, other) => one - other)).to.deep.equal([...Array(30).keys()]);
    expect(secrets.size).to.equal(30);
    expect(await rows().countDocuments()).to.equal(0);
  });

  it('settles those of its own writer alone', async () => {
    await add();
    const sent: string[] = [];
    await create(async ({ key }) => void sent.push(key), { writer: 'two' }).settled();
    expect(sent).to.deep.equal([]);
  });

  it('does not let one that is slow keep up the others', async () => {
    for (const key of ['slow', 'quick']) await add({ key });
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const arrived = new Promise<void>((resolve) => {
      const worker = create(async ({ key }) => {
        if (key === 'slow') await held;
        else resolve();
      });
      worker.settled();
    });
    await arrived;
    release();
  });

  it('sends those to one address one at a time, in the order in which they were asked for', async () => {
    const keys = [...Array(20).keys()].map(String);
    for (const key of keys) {
      await add({ key, address: 'ada@example.com' });
      clock.advance(1);
    }
    await add({ key: 'another' });
    const sent: string[] = [];
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const worker = create(async ({ key }) => {
      if (key === 'another') release();
      // The first is slow, and the others would be quick.
      if (key === '0') await held;
      sent.push(key);
    });
    await Promise.all([worker.settled(), worker.settled()]);
    expect(sent.filter((key) => key !== 'another')).to.deep.equal(keys);
    expect(sent.at(0)).to.equal('another');
  });

  it('tries again what the server has put off, after 10 s, 20 s and so on, and tells nobody', async () => {
    await add();
    const at: number[] = [];
    const start = clock.now();
    const worker = create(async () => {
      at.push((clock.now() - start) / SECOND);
      if (at.length < 4) throw new MailNotSent('later', { responseCode: 451 });
    });
    for (let second = 0; second <= 75; second += 5) {
      await worker.settled();
      clock.advance(5 * SECOND);
    }
    expect(at).to.deep.equal([0, 10, 30, 70]);
    expect(told).to.deep.equal([]);
    expect(logged).to.deep.equal(Array(3).fill('the mail hello could not be sent yet'));
    expect(await rows().countDocuments()).to.equal(0);
  });

  it('gives up before its time is over, and tells why', async () => {
    const user = new Types.ObjectId();
    await add({ minutes: 1, user });
    let tries = 0;
    const worker = create(async () => {
      tries += 1;
      throw new MailNotSent('nobody there', { code: 'ECONNREFUSED' });
    });
    for (let second = 0; second <= 90; second += 5) {
      await worker.settled();
      clock.advance(5 * SECOND);
    }
    expect(tries).to.equal(3);
    expect(told.map(({ error, ...rest }) => [rest, (error as Error).message])).to.deep.equal([
      [{ userId: String(user), to: 'ada@example.com', mail: 'hello' }, 'nobody there'],
    ]);
    expect(await rows().countDocuments()).to.equal(0);
  });

  const final: [what: string, error: Error][] = [
    ['what the server refuses for good', new MailNotSent('no such mailbox', { responseCode: 550 })],
    ['what a template throws', new TypeError('no such translation')],
  ];
  for (const [what, error] of final) {
    it(`gives up at once for ${what}`, async () => {
      await add();
      await create(() => Promise.reject(error)).settled();
      expect(told.map((failure) => (failure.error as Error).message)).to.deep.equal([error.message]);
      expect(await rows().countDocuments()).to.equal(0);
    });
  }

  it('tells nothing of an address that is nobody’s', async () => {
    await add({ user: null });
    await create(() => Promise.reject(new Error('broken'))).settled();
    expect(told).to.deep.equal([]);
    expect(await rows().countDocuments()).to.equal(0);
  });

  it('has the secret in none of what it tells', async () => {
    await add();
    let secret = '';
    await create((_row, made) => {
      secret = made.secret;
      throw new Error(`cannot send ${secret}`);
    }).settled();
    const [failure] = told;
    expect(failure?.error).to.be.an('error').with.property('message', 'cannot send [link]');
  });

  it('leaves a mail for its next turn while the database is away, and says nothing', async () => {
    await add();
    let away = true;
    const worker = create(async () => {
      if (away) throw new Unavailable();
    });
    await worker.settled();
    expect([told, logged, await rows().countDocuments()]).to.deep.equal([[], [], 1]);
    away = false;
    clock.advance(25 * SECOND);
    await worker.settled();
    expect([told, logged, await rows().countDocuments()]).to.deep.equal([[], [], 0]);
  });

  it('loses no mail to a database that goes away time after time before it is sent', async () => {
    await add();
    const sent: string[] = [];
    let outages = 0;
    const worker = create(async ({ key }) => {
      outages += 1;
      if (outages < 5) throw new Unavailable();
      sent.push(key);
    });
    for (let turn = 0; turn < 5; turn += 1) {
      await worker.settled();
      clock.advance(25 * SECOND);
    }
    expect([sent, told, logged, await rows().countDocuments()]).to.deep.equal([['ada'], [], [], 0]);
  });

  it('sends eight at a time, and waits for all of them where one then finds no database', async () => {
    for (let key = 0; key < 20; key += 1) await add({ key: String(key) });
    const held: (() => void)[] = [];
    const what: string[] = [];
    const worker = create(async () => {
      await new Promise<void>((resolve) => void held.push(resolve));
      what.push('sent');
    });
    const settled = worker.settled().then(() => what.push('settled'));
    while (held.length < 8) await rows().countDocuments();
    for (let time = 0; time < 5; time += 1) await rows().countDocuments();
    expect(held).to.have.length(8);
    const outage = failCommands(({ name }) => name === 'findAndModify');
    try {
      held.shift()?.();
      while (outage.failed.length === 0) await rows().countDocuments();
      await rows().countDocuments();
      for (const release of held) release();
      await settled;
    } finally {
      outage.heal();
    }
    expect(what).to.deep.equal([...Array(8).fill('sent'), 'settled']);
  });

  it('begins a mail twice and never a third time where nobody knows how it ended (hold 69)', async () => {
    await add();
    for (const process of ['one', 'another']) {
      // Killed in the middle: it has taken the row, and says no more.
      const until = new Date(clock.now() + 25 * SECOND);
      const options = { mails: ['hello'], writer: undefined, except: [], until, hash: process };
      expect(await stores.waitingMails.claim(now(), options)).to.be.an('object');
      clock.advance(25 * SECOND);
    }
    const sent: string[] = [];
    await create(async ({ key }) => void sent.push(key)).settled();
    expect(sent).to.deep.equal([]);
    expect(told.map(({ error }) => (error as Error).message)).to.deep.equal([
      'it was begun twice, and may have been sent',
    ]);
    expect(await rows().countDocuments()).to.equal(0);
  });

  it('gives up what nobody was there to send in its time', async () => {
    await add({ minutes: 30 });
    clock.advance(30 * MINUTE + 1);
    const sent: string[] = [];
    await create(async ({ key }) => void sent.push(key)).settled();
    expect(sent).to.deep.equal([]);
    expect(told.map(({ error }) => (error as Error).message)).to.deep.equal([
      'its time is over: nobody was there to send it',
    ]);
  });

  it('looks by itself, whoever wrote the mail, until it is closed', async () => {
    await add();
    const worker = await new Promise<OutboxWorker>((resolve) => {
      const looking = create(async () => resolve(looking), { writer: 'two' });
      looking.start();
    });
    await worker.close();
    expect(await rows().countDocuments()).to.equal(0);
    await add();
    await worker.settled();
    expect(await rows().countDocuments()).to.equal(1);
  });

  it('does not look while the database is not connected', async () => {
    await add();
    const sent: string[] = [];
    const asked = await new Promise<boolean>((resolve) => {
      create(async ({ key }) => void sent.push(key), {
        isConnected: () => {
          resolve(true);
          return false;
        },
      }).start();
    });
    expect([asked, sent]).to.deep.equal([true, []]);
  });
});
