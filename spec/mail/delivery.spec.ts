import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';
import { expect } from 'chai';
import { SMTPServer } from 'smtp-server';
import type { Feature, Kit } from '../../lib/kit.js';
import type { MailData } from '../../lib/mail/mail-kind.js';
import type { UserDocument } from '../../lib/models/user.js';
import { recordEvents } from '../conformance/record-events.js';
import { createTestApp, type TestApp, type TestAppOptions } from '../support/test-app.js';

const SECOND = 1000;

const LINK = { path: '/link', expiresInMinutes: 30, boundTo: ({ name }: UserDocument) => name ?? '' };
const write =
  (subject: string) =>
  ({ url = '', user, code = '' }: MailData & { code?: string }) => ({
    subject,
    text: `${user.email} ${url} ${code}`,
    html: '',
  });

/** Mails of every kind. */
function mailsOf(onSetup: (kit: Kit) => void): Feature {
  return {
    name: 'mails',
    mails: {
      link: { template: write('Link'), link: LINK },
      word: { template: write('Word') },
      notice: { template: write('Notice'), isNotice: true },
      elsewhere: { template: write('Elsewhere'), toGivenAddress: true },
      stuck: { template: () => new Promise<never>(() => {}) },
      code: {
        template: write('Code'),
        atSending: async ({ name }, { now }) => (name ? { code: `made ${now.toISOString()}` } : undefined),
      },
    },
    setup(kit) {
      onSetup(kit);
      return {};
    },
  };
}

describe('what has waited in the outbox', () => {
  let app: TestApp;
  let kit: Kit;

  before(async () => {
    app = await createTestApp({
      features: [
        mailsOf((own) => {
          kit = own;
        }),
      ],
    });
  });
  after(() => app.close());
  beforeEach(() => app.mailbox.clear());

  const newUser = async (name: string | undefined = 'Ada') =>
    (await kit.users.findById((await app.register({ name })).id)) as UserDocument;
  const settled = async () => {
    await app.auth.service.settled();
    return app.mailbox.messages.map(({ to, subject }) => [to, subject]);
  };
  const waiting = () => app.connection.collection('auth_outbox').find({}).toArray();

  it('waits with no secret in it, and leaves nothing behind (hold 34)', async () => {
    const user = await newUser();
    await kit.outbox.send(user, 'link');
    await kit.outbox.send(user, 'code');
    const stored = JSON.stringify(await waiting());
    expect(await settled()).to.have.deep.members([
      [user.email, 'Link'],
      [user.email, 'Code'],
    ]);
    const [, token = ''] = /token=([\w-]+)/.exec(app.mailbox.messages.map(({ text }) => text).join()) ?? [];
    expect(token).to.have.length(43);
    expect(stored).to.not.include(token).and.not.include('made ');
    expect(await waiting()).to.deep.equal([]);
  });

  it('is one mail to a user of each kind, and each of those that are notices (hold 76)', async () => {
    const user = await newUser();
    for (let time = 0; time < 5; time += 1) {
      for (const mail of ['link', 'word', 'notice']) await kit.outbox.send(user, mail);
    }
    const subjects = (await settled()).map(([, subject]) => subject);
    expect(subjects.filter((subject) => subject === 'Notice')).to.have.length(5);
    expect(subjects.filter((subject) => subject !== 'Notice')).to.have.members(['Link', 'Word']);
  });

  it('is one mail for each user to an address that is given', async () => {
    const address = 'shared@example.com';
    for (const user of [await newUser(), await newUser()]) {
      await kit.outbox.sendTo({ user, address }, 'elsewhere');
      await kit.outbox.sendTo({ user, address }, 'elsewhere');
    }
    expect(await settled()).to.deep.equal([
      [address, 'Elsewhere'],
      [address, 'Elsewhere'],
    ]);
  });

  it('is a row for an address that nobody has, and no mail (hold 53)', async () => {
    await kit.outbox.sendTo({ user: undefined, address: 'nobody@example.com' }, 'link');
    expect(await waiting()).to.have.length(1);
    const events = recordEvents(app.auth);
    expect([await settled(), await waiting(), events]).to.deep.equal([[], [], []]);
  });

  it('is dropped where its link would be void by now', async () => {
    const user = await newUser();
    await kit.outbox.send(user, 'link');
    await app.auth.service.updateUser(user, { name: 'Another' });
    expect(await settled()).to.deep.equal([]);
    expect(await waiting()).to.deep.equal([]);
    // What a document that was handed to an app does not tell is looked up.
    await kit.outbox.send((await app.auth.service.findUser(user)) as never, 'link');
    expect(await settled()).to.deep.equal([[user.email, 'Link']]);
  });

  it('is dropped where the user has another address by now, but for what has no link', async () => {
    const user = await newUser();
    for (const mail of ['link', 'word']) await kit.outbox.send(user, mail);
    const moved = `moved-${user.email}`;
    await kit.users.changeEmail(user, { email: moved, at: kit.now() });
    expect(await settled()).to.deep.equal([[moved, 'Word']]);
  });

  it('is dropped where the user is disabled or gone by now, but for notices to who is disabled', async () => {
    const [disabled, gone] = [await newUser(), await newUser()];
    for (const user of [disabled, gone]) {
      for (const mail of ['link', 'word', 'notice']) await kit.outbox.send(user, mail);
    }
    await app.auth.service.disableUser(disabled);
    await app.auth.service.deleteUser(gone);
    expect(await settled()).to.deep.equal([[disabled.email, 'Notice']]);
  });

  it('is dropped where what is made at sending finds nothing to say', async () => {
    const user = await newUser();
    await kit.users.change(user._id, { name: null });
    await kit.outbox.send(user, 'code');
    const events = recordEvents(app.auth);
    expect([await settled(), await waiting(), events]).to.deep.equal([[], [], []]);
  });

  it('waits for its next turn where its template never ends, and keeps up no other', async () => {
    const user = await newUser();
    const events = recordEvents(app.auth);
    for (const mail of ['stuck', 'word']) await kit.outbox.send(user, mail);
    expect(await settled()).to.deep.equal([[user.email, 'Word']]);
    const [row, ...others] = await waiting();
    expect([row?.['mail'], row?.['failures'], others, events]).to.deep.equal(['stuck', 1, [], []]);
    await app.connection.collection('auth_outbox').deleteMany({});
  });

  it('takes one place among the links that are live, however often it was tried', async () => {
    const user = await newUser();
    await kit.outbox.send(user, 'link');
    // Taken by a process that was killed when it had made the link.
    const until = new Date(app.clock.now() + 25 * SECOND);
    const options = { mails: ['link'], writer: undefined, except: [], until, hash: 'of the lost link' };
    await kit.waitingMails.claim(kit.now(), options);
    const expiresAt = new Date(app.clock.now() + 1800 * SECOND);
    const lost = { purpose: 'link', user: user._id, email: user.email, stamp: 'Ada', expiresAt };
    await kit.oneTimeTokens.add({ ...lost, hash: 'of the lost link' }, kit.now(), { atMost: 5 });
    app.clock.advance(25 * SECOND);
    expect(await settled()).to.deep.equal([[user.email, 'Link']]);
    // The mail may have come: its link works, and gives its place to the next that needs it.
    const isFound = async () =>
      (await kit.oneTimeTokens.find('link', 'of the lost link', kit.now())) !== undefined;
    const add = (hash: string) => kit.oneTimeTokens.add({ ...lost, hash }, kit.now(), { atMost: 5 });
    expect(await isFound()).to.equal(true);
    const added = [];
    for (const hash of ['second', 'third', 'fourth', 'fifth', 'sixth']) added.push(await add(hash));
    expect(added).to.deep.equal([true, true, true, true, false]);
    expect(await isFound()).to.equal(false);
  });
});

/** An app that mails to this server. */
async function withServer(
  server: net.Server | SMTPServer,
  run: (app: TestApp, port: number) => Promise<void>,
  query = '',
): Promise<void> {
  const listening = server.listen(0, '127.0.0.1') as net.Server;
  await once(listening, 'listening');
  const { port } = listening.address() as AddressInfo;
  const mail: TestAppOptions['mail'] = {
    transport: `smtp://127.0.0.1:${port}?ignoreTLS=true${query}`,
    from: 'app@example.com',
  };
  const app = await createTestApp({ mail });
  try {
    await run(app, port);
  } finally {
    await app.close();
    server.close();
  }
}

/** A mail server that refuses recipients by this code, as long as there is one. */
function smtpServer(refusal: { code: number | undefined }, received: string[]): SMTPServer {
  return new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onRcptTo(_address, _session, done) {
      const { code } = refusal;
      done(code ? Object.assign(new Error('not now'), { responseCode: code }) : null);
    },
    onData(stream, session, done) {
      stream.resume().on('end', () => {
        received.push(session.envelope.rcptTo.map(({ address }) => address).join());
        done();
      });
    },
  });
}

describe('a mail server that', () => {
  const forgot = (app: TestApp, email: string) =>
    app.http
      .post('/auth/forgot-password')
      .send({ email })
      .expect(202, { message: 'Password reset email sent' });

  it('refuses a recipient for good is asked once, and mail.failed says why', async () => {
    const received: string[] = [];
    await withServer(smtpServer({ code: 550 }, received), async (app) => {
      const { email } = await app.register();
      const events = recordEvents(app.auth, ['mail.failed']);
      await forgot(app, email);
      await app.auth.service.settled();
      const [[, { error, mail }]] = events as unknown as [[string, { error: unknown; mail: string }]];
      expect([events.length, mail]).to.deep.equal([1, 'passwordReset']);
      expect(error).to.include({ responseCode: 550 });
      expect(await app.connection.collection('auth_outbox').countDocuments()).to.equal(0);
    });
  });

  it('puts a mail off is asked again, and gets it', async () => {
    const received: string[] = [];
    const refusal: { code: number | undefined } = { code: 451 };
    await withServer(smtpServer(refusal, received), async (app) => {
      const { email } = await app.register();
      const events = recordEvents(app.auth, ['mail.failed']);
      await forgot(app, email);
      await app.auth.service.settled();
      refusal.code = undefined;
      await app.auth.service.settled();
      expect(received).to.deep.equal([]);
      app.clock.advance(10 * SECOND);
      await app.auth.service.settled();
      expect([received, events]).to.deep.equal([[email], []]);
    });
  });

  it('is not there, and comes, gets the mail', async () => {
    const received: string[] = [];
    const gone = net.createServer();
    await withServer(gone, async (app, port) => {
      gone.close();
      const { email } = await app.register();
      await forgot(app, email);
      await app.auth.service.settled();
      expect(await app.connection.collection('auth_outbox').countDocuments()).to.equal(1);
      const server = smtpServer({ code: undefined }, received);
      await once(server.listen(port, '127.0.0.1'), 'listening');
      app.clock.advance(10 * SECOND);
      await app.auth.service.settled();
      server.close();
      expect(received).to.deep.equal([email]);
    });
  });

  it('takes a mail and never says so gets it twice at most, and mail.failed says that it may have come (hold 69)', async () => {
    let received = 0;
    const silent = new SMTPServer({
      authOptional: true,
      disabledCommands: ['STARTTLS'],
      onData(stream) {
        stream.resume().on('end', () => {
          received += 1;
        });
      },
    });
    await withServer(
      silent,
      async (app) => {
        const { email } = await app.register();
        const events = recordEvents(app.auth, ['mail.failed']);
        await forgot(app, email);
        for (let minute = 0; minute < 10; minute += 1) {
          await app.auth.service.settled();
          app.clock.advance(60 * SECOND);
        }
        expect(received).to.equal(2);
        const [[, { error }]] = events as unknown as [[string, { error: Error }]];
        expect(error.message).to.equal('it was begun twice, and may have been sent');
        expect(await app.connection.collection('auth_outbox').countDocuments()).to.equal(0);
      },
      '&socketTimeout=200',
    );
  });

  it('never says a word is given up for this time, and the mail waits', async () => {
    const sockets: net.Socket[] = [];
    const silent = net.createServer((socket) => void sockets.push(socket));
    await withServer(
      silent,
      async (app) => {
        const { email } = await app.register();
        const events = recordEvents(app.auth, ['mail.failed']);
        await forgot(app, email);
        await app.auth.service.settled();
        const [row] = await app.connection.collection('auth_outbox').find({}).toArray();
        expect([row?.['failures'], events]).to.deep.equal([1, []]);
        for (const socket of sockets) socket.destroy();
      },
      '&greetingTimeout=100',
    );
  });
});
