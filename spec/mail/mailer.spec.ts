import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { expect } from 'chai';
import { type ParsedMail, simpleParser } from 'mailparser';
import { createTransport, type Transport } from 'nodemailer';
import { SMTPServer } from 'smtp-server';
import { createMailer } from '../../lib/mail/mailer.js';
import { failureOf } from '../support/failure.js';

const FROM = 'The App <app@example.com>';
const CONTENT = { subject: 'Reset your password', text: 'Open the link.', html: '<p>Open the link.</p>' };

interface Received {
  from: string;
  to: string[];
  mail: ParsedMail;
  user: unknown;
}

/** A real SMTP server on this machine, which keeps what it is given. */
async function createSmtpServer() {
  const received: Received[] = [];
  const server = new SMTPServer({
    authOptional: true,
    // A pool would keep its connection, and the server open.
    closeTimeout: 1,
    disabledCommands: ['STARTTLS'],
    onAuth: ({ username, password }, _session, callback) =>
      password === 'p@ss:w/rd'
        ? callback(null, { user: username })
        : callback(new Error('535 wrong password')),
    onRcptTo: ({ address }, _session, callback) =>
      callback(address.startsWith('refused') ? new Error('550 no such mailbox') : null),
    onData(stream, { envelope, user }, callback) {
      simpleParser(stream).then((mail) => {
        const { mailFrom, rcptTo } = envelope;
        const from = mailFrom ? mailFrom.address : '';
        received.push({ from, to: rcptTo.map(({ address }) => address), mail, user });
        callback();
      }, callback);
    },
  });
  server.on('error', () => {});
  server.listen(0, '127.0.0.1');
  await once(server.server, 'listening');
  const { port } = server.server.address() as AddressInfo;
  return {
    received,
    port,
    connections: server.connections,
    close: () => new Promise<void>((resolve) => server.close(resolve)),
  };
}

describe('the mailer', () => {
  let smtp: Awaited<ReturnType<typeof createSmtpServer>>;
  let url: string;

  before(async () => {
    smtp = await createSmtpServer();
    url = `smtp://127.0.0.1:${smtp.port}`;
  });
  after(() => smtp.close());
  beforeEach(() => {
    smtp.received.length = 0;
  });

  /** The one mail that arrived. */
  function onlyMail(): Received {
    expect(smtp.received).to.have.length(1);
    return smtp.received[0] as Received;
  }

  it('delivers text and HTML, from the sender, to the address', async () => {
    await createMailer({ transport: url, from: FROM }).send('jean@example.com', CONTENT);
    const { from, to, mail } = onlyMail();
    expect({ from, to }).to.deep.equal({ from: 'app@example.com', to: ['jean@example.com'] });
    expect(mail.text?.trim()).to.equal(CONTENT.text);
    expect(String(mail.html).trim()).to.equal(CONTENT.html);
    expect(mail.subject).to.equal(CONTENT.subject);
    expect(mail.from?.value).to.deep.equal([{ name: 'The App', address: 'app@example.com' }]);
    expect([mail.to].flat().map((header) => header?.text)).to.deep.equal(['jean@example.com']);
    expect([mail.cc, mail.bcc]).to.deep.equal([undefined, undefined]);
  });

  it('asks for no vacation notice in reply (RFC 3834)', async () => {
    await createMailer({ transport: url, from: FROM }).send('jean@example.com', CONTENT);
    expect(onlyMail().mail.headers.get('auto-submitted')).to.equal('auto-generated');
  });

  it('keeps letters of every script', async () => {
    const content = {
      subject: 'R\u00e9initialiser \u{1f511}',
      text: 'Cl\u00e9 \u{1f511}',
      html: '<p>Cl\u00e9 \u{1f511}</p>',
    };
    await createMailer({ transport: url, from: 'L\u2019app <app@example.com>' }).send(
      'am\u00e9lie@example.com',
      content,
    );
    const { to, mail } = onlyMail();
    expect(to).to.deep.equal(['am\u00e9lie@example.com']);
    expect(mail.subject).to.equal(content.subject);
    expect(mail.text?.trim()).to.equal(content.text);
    expect(String(mail.html).trim()).to.equal(content.html);
  });

  for (const address of [
    'jean@example.com,evil@example.com',
    'jean@example.com, evil@example.com',
    'jean@example.com;evil@example.com',
    'evil@example.com <jean@example.com>',
    '"evil@example.com," <jean@example.com>',
    'all: jean@example.com, evil@example.com;',
    'jean@example.com\r\nBcc: evil@example.com',
    'jean@example.com>\r\nRCPT TO:<evil@example.com',
    '"evil@example.com,"@example.com',
    'jean@example.com\nevil@example.com',
  ]) {
    it(`has one recipient or none, never two: ${JSON.stringify(address)} (hold 54)`, async () => {
      await createMailer({ transport: url, from: FROM })
        .send(address, CONTENT)
        .catch(() => {});
      for (const { to, mail } of smtp.received) {
        expect(to).to.have.length(1);
        expect(to).to.not.include('evil@example.com').and.not.include('jean@example.com');
        expect([mail.cc, mail.bcc]).to.deep.equal([undefined, undefined]);
      }
      expect(smtp.received.length).to.be.at.most(1);
    });
  }

  it('takes what a template returns for text, never for a file or a URL to fetch', async () => {
    let visits = 0;
    const server = createServer((socket) => {
      visits += 1;
      socket.destroy();
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const mailer = createMailer({ transport: url, from: FROM });
    try {
      for (const html of [{ path: `http://127.0.0.1:${port}/` }, { path: '/etc/hostname' }]) {
        await failureOf(() => mailer.send('jean@example.com', { ...CONTENT, html: html as never }));
      }
      expect(visits).to.equal(0);
      expect(smtp.received).to.deep.equal([]);
    } finally {
      server.close();
    }
  });

  it('says so when the server refuses the recipient', async () => {
    const mailer = createMailer({ transport: url, from: FROM });
    const error = await failureOf<Error & { code: string }>(() =>
      mailer.send('refused@example.com', CONTENT),
    );
    expect(error.code).to.equal('EENVELOPE');
    expect(error.message).to.include('550');
  });

  describe('takes as a transport', () => {
    it('an SMTP URL, with a user and a password', async () => {
      const transport = `smtp://jean%40example.com:p%40ss%3Aw%2Frd@127.0.0.1:${smtp.port}`;
      await createMailer({ transport, from: FROM }).send('jean@example.com', CONTENT);
      expect(onlyMail().user).to.equal('jean@example.com');
    });

    it('an SMTP URL with options of its own', async () => {
      const transport = `${url}/?pool=true&maxMessages=5&name=client.example.com`;
      const mailer = createMailer({ transport, from: FROM });
      await mailer.send('jean@example.com', CONTENT);
      expect(onlyMail().to).to.deep.equal(['jean@example.com']);
      await mailer.close();
    });

    it('nodemailer’s transport options', async () => {
      const transport = {
        host: '127.0.0.1',
        port: smtp.port,
        auth: { user: 'jean', pass: 'p@ss:w/rd' },
      } as object;
      await createMailer({ transport, from: FROM }).send('jean@example.com', CONTENT);
      expect(onlyMail().user).to.equal('jean');
    });

    it('a nodemailer transporter', async () => {
      const transport = (await import('nodemailer')).default.createTransport({
        host: '127.0.0.1',
        port: smtp.port,
      });
      await createMailer({ transport, from: FROM }).send('jean@example.com', CONTENT);
      expect(onlyMail().to).to.deep.equal(['jean@example.com']);
    });

    it('a transport of one’s own', async () => {
      const sent: unknown[] = [];
      const transport: Transport = {
        name: 'own',
        version: '1',
        send(mail, callback) {
          sent.push(mail.message.getEnvelope());
          callback(null, {} as never);
        },
      };
      await createMailer({ transport, from: FROM }).send('jean@example.com', CONTENT);
      expect(sent).to.deep.equal([{ from: 'app@example.com', to: ['jean@example.com'] }]);
    });
  });

  describe('in time', () => {
    const DEFAULTS = {
      connectionTimeout: 5000,
      greetingTimeout: 5000,
      socketTimeout: 10_000,
      dnsTimeout: 5000,
    };
    let silent: Server;
    let sockets: Socket[];
    let greeting: string;

    before(async () => {
      sockets = [];
      silent = createServer((socket) => {
        sockets.push(socket);
        socket.on('error', () => {});
        if (greeting) socket.write(greeting);
      });
      silent.listen(0, '127.0.0.1');
      await once(silent, 'listening');
    });
    after(() => {
      for (const socket of sockets) socket.destroy();
      silent.close();
    });

    /** What nodemailer is told to wait at most; nobody is reached. */
    async function timeoutsOf(transport: string | object): Promise<object> {
      const { default: nodemailer } = await import('nodemailer');
      const { createTransport } = nodemailer;
      let given: unknown;
      const keep = (options: unknown) => {
        given = options;
        return { sendMail: async () => ({}) };
      };
      Object.assign(nodemailer, { createTransport: keep });
      try {
        await createMailer({ transport, from: FROM }).send('jean@example.com', CONTENT);
      } finally {
        Object.assign(nodemailer, { createTransport });
      }
      const { options } = createTransport(given as string) as unknown as {
        options: typeof DEFAULTS;
      };
      const { connectionTimeout, greetingTimeout, socketTimeout, dnsTimeout } = options;
      return { connectionTimeout, greetingTimeout, socketTimeout, dnsTimeout };
    }

    it('waits seconds, not nodemailer’s two minutes (hold 69)', async () => {
      expect(await timeoutsOf('smtp://mail.example.com')).to.deep.equal(DEFAULTS);
      expect(await timeoutsOf('smtps://user:pass@mail.example.com/?pool=true')).to.deep.equal(DEFAULTS);
      expect(await timeoutsOf({ host: 'mail.example.com' })).to.deep.equal(DEFAULTS);
    });

    it('waits as long as the app says', async () => {
      expect(await timeoutsOf('smtp://mail.example.com/?socketTimeout=700')).to.deep.equal({
        ...DEFAULTS,
        socketTimeout: 700,
      });
      expect(await timeoutsOf({ host: 'mail.example.com', dnsTimeout: 300 })).to.deep.equal({
        ...DEFAULTS,
        dnsTimeout: 300,
      });
    });

    it('gives up on a server that accepts and says nothing', async () => {
      greeting = '';
      const { port } = silent.address() as AddressInfo;
      const mailer = createMailer({ transport: `smtp://127.0.0.1:${port}/?greetingTimeout=150`, from: FROM });
      const error = await failureOf<Error & { code: string }>(() => mailer.send('jean@example.com', CONTENT));
      expect(error.code).to.equal('ETIMEDOUT');
      expect(error.message).to.equal('the mail server or transport failed: ETIMEDOUT');
    });

    it('gives up on a server that greets and then says nothing', async () => {
      greeting = '220 mail.example.com ESMTP\r\n';
      const { port } = silent.address() as AddressInfo;
      const mailer = createMailer({ transport: `smtp://127.0.0.1:${port}/?socketTimeout=150`, from: FROM });
      const error = await failureOf<Error & { code: string }>(() => mailer.send('jean@example.com', CONTENT));
      expect(error.code).to.equal('ETIMEDOUT');
    });

    it('says so at once when nobody listens', async () => {
      const closed = createServer().listen(0, '127.0.0.1');
      await once(closed, 'listening');
      const { port } = closed.address() as AddressInfo;
      closed.close();
      await once(closed, 'close');
      const mailer = createMailer({ transport: `smtp://127.0.0.1:${port}`, from: FROM });
      const error = await failureOf<Error & { code: string }>(() => mailer.send('jean@example.com', CONTENT));
      expect(error.message).to.include('ECONNREFUSED');
    });
  });

  describe('closed', () => {
    it('lets go of the connections of a pool, and opens others for a later mail', async () => {
      const mailer = createMailer({ transport: `${url}?pool=true`, from: FROM });
      for (let time = 1; time <= 2; time += 1) {
        await mailer.send('jean@example.com', CONTENT);
        const ended = once([...smtp.connections].at(-1)?._socket as Socket, 'close');
        await mailer.close();
        await ended;
        expect(smtp.received).to.have.length(time);
      }
    });

    it('leaves a transporter of the app’s as it is, and is done where no mail was sent', async () => {
      const transport = createTransport(`${url}?pool=true`);
      const mailer = createMailer({ transport, from: FROM });
      await mailer.send('jean@example.com', CONTENT);
      await mailer.close();
      const [former] = [...smtp.connections].slice(-1);
      await mailer.send('jean@example.com', CONTENT);
      expect([...smtp.connections].at(-1)).to.equal(former);
      transport.close();
      await createMailer({ transport: url, from: FROM }).close();
    });
  });
});
