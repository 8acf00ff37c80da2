import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo, Server } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { expect } from 'chai';
import { SMTPServer } from 'smtp-server';
import { type AppProcess, startApp } from '../support/app-process.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';

/** A process takes over what another has taken after 25 s, when it looks next. */
const TAKEN_OVER = 30_000;

/** One is killed in the middle of a mail, and the other sends it. */
describe('the outbox of two processes', function () {
  this.timeout(90_000);
  let database: TestDatabase;
  let survivor: AppProcess;
  let smtp: SMTPServer;
  /** Whom each mail was for, as the server took it, and what is done when it has. */
  const received: string[] = [];
  let onReceived: () => void = () => {};
  const secretKey = randomBytes(32).toString('base64');

  /** The survivor begins to look when the other one is gone: else it might be first. */
  const start = (looksForMails: boolean) => {
    const { port } = (smtp.server as Server).address() as AddressInfo;
    const mail = { transport: `smtp://127.0.0.1:${port}?ignoreTLS=true`, from: 'app@example.com' };
    return startApp({ mongodbUri: database.uri, secretKey, options: { mail }, looksForMails });
  };

  before(async () => {
    database = await createTestDatabase();
    smtp = new SMTPServer({
      authOptional: true,
      disabledCommands: ['STARTTLS'],
      onData(stream, { envelope }, done) {
        stream.resume().on('end', () => {
          received.push(envelope.rcptTo.map(({ address }) => address).join());
          onReceived();
          done();
        });
      },
    });
    await once(smtp.listen(0, '127.0.0.1'), 'listening');
  });
  after(async () => {
    smtp.close();
    await database.drop();
  });
  beforeEach(() => {
    received.length = 0;
    onReceived = () => {};
  });
  afterEach(() => survivor.stop());

  const waiting = () => database.connection.collection('auth_outbox').countDocuments();
  async function registered(app: AppProcess, email: string) {
    const { status } = await app.post('/auth/register', { email, password: 'correct horse battery' });
    expect(status).to.equal(201);
  }
  /** Asks the other process for nothing: it finds the mail by itself. */
  async function untilNothingWaits(ms: number) {
    for (const end = Date.now() + ms; (await waiting()) > 0; await wait(100)) {
      if (Date.now() > end) throw new Error(`a mail waits still; received: ${received}`);
    }
  }

  it('sends what was written by one that was killed before it sent it (hold 69)', async () => {
    const victim = await start(false);
    await registered(victim, 'written@example.com');
    await victim.arm({ after: 1, count: 'writes', signal: 'SIGKILL' });
    await victim.post('/auth/forgot-password', { email: 'written@example.com' }).catch(() => undefined);
    await victim.stop();
    expect([await waiting(), received]).to.deep.equal([1, []]);
    survivor = await start(true);
    await untilNothingWaits(10_000);
    expect(received).to.deep.equal(['written@example.com']);
  });

  it('takes over within 30 s what was taken by one that was killed before it sent it', async () => {
    const victim = await start(false);
    await registered(victim, 'taken@example.com');
    await victim.post('/auth/forgot-password', { email: 'taken@example.com' });
    // It takes the row, and makes the link.
    await victim.arm({ after: 2, count: 'writes', signal: 'SIGKILL' });
    await victim.tokenFor('taken@example.com').catch(() => undefined);
    await victim.stop();
    expect([await waiting(), received]).to.deep.equal([1, []]);
    survivor = await start(true);
    await untilNothingWaits(TAKEN_OVER);
    expect(received).to.deep.equal(['taken@example.com']);
  });

  it('sends a mail twice at most, where one was killed when the server had it already (hold 69)', async () => {
    const victim = await start(false);
    await registered(victim, 'sent@example.com');
    await victim.post('/auth/forgot-password', { email: 'sent@example.com' });
    onReceived = () => victim.process.kill('SIGKILL');
    await victim.tokenFor('sent@example.com').catch(() => undefined);
    await victim.stop();
    onReceived = () => {};
    expect([await waiting(), received.length]).to.deep.equal([1, 1]);
    survivor = await start(true);
    await untilNothingWaits(TAKEN_OVER);
    expect(received).to.deep.equal(['sent@example.com', 'sent@example.com']);
  });

  it('sends every mail once where both look', async () => {
    const [one, other] = await Promise.all([start(true), start(true)]);
    survivor = one;
    const addresses = Array.from({ length: 20 }, (_, index) => `both-${index}@example.com`);
    try {
      for (const [index, email] of addresses.entries()) {
        const app = index % 2 ? one : other;
        await registered(app, email);
        expect((await app.post('/auth/forgot-password', { email })).status).to.equal(202);
      }
      await untilNothingWaits(10_000);
      expect([...received].sort()).to.deep.equal([...addresses].sort());
    } finally {
      await other.stop();
    }
  });
});
