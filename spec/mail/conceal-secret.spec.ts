import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { expect } from 'chai';
import { simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';
import { recordEvents } from '../conformance/record-events.js';
import { createTestApp, type TestApp } from '../support/test-app.js';

/** A mail server that refuses each mail, and quotes the link in it as spam filters do. */
async function startQuotingServer(quote: (token: string) => string) {
  const tokens: string[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    async onData(stream, _session, done) {
      const { text = '' } = await simpleParser(stream);
      const token = /[?&]token=([\w-]+)/.exec(text)?.[1] as string;
      tokens.push(token);
      done(Object.assign(new Error(`blocked, listed URL: ${quote(token)}`), { responseCode: 554 }));
    },
  });
  server.listen(0, '127.0.0.1');
  await once(server.server, 'listening');
  const { port } = server.server.address() as AddressInfo;
  return {
    url: `smtp://127.0.0.1:${port}`,
    tokens,
    close: () => new Promise<void>((done) => server.close(done)),
  };
}

const quotes: Record<string, (token: string) => string> = {
  'the whole link': (token) => `https://app.example.com/password/reset?token=${token}`,
  'a line of the mail that ends in the middle of it': (token) => `reset?token=${token.slice(0, 30)}`,
  'the rest of it': (token) => token.slice(20),
};

describe('a mail that the mail server refuses', () => {
  for (const [what, quote] of Object.entries(quotes)) {
    it(`is logged and told without the link, though the server quotes ${what} (holds 63, 81)`, async () => {
      const server = await startQuotingServer(quote);
      const logged: unknown[] = [];
      let app: TestApp | undefined;
      try {
        app = await createTestApp({
          mail: { transport: server.url, from: 'App <app@example.com>' },
          logger: { error: (...line) => void logged.push(line) },
        });
        const { email, id } = await app.register();
        const events = recordEvents(app.auth, ['mail.failed']);
        await app.http.post('/auth/forgot-password').send({ email }).expect(202);
        await app.auth.service.settled();

        expect(events.map(([name]) => name)).to.deep.equal(['mail.failed']);
        const [[, payload]] = events as unknown as [[string, { error: Error & { responseCode: number } }]];
        const { error, ...told } = payload;
        expect(told).to.deep.equal({ userId: id, to: email, mail: 'passwordReset' });
        expect(error.responseCode).to.equal(554);
        expect(error.message).to.equal('the mail server or transport failed: EMESSAGE, 554');
        const [token] = server.tokens as [string];
        const seen = inspect([events, logged], { depth: null, showHidden: true, maxStringLength: null });
        for (let start = 0; start + 12 <= token.length; start += 1) {
          expect(seen).to.not.include(token.slice(start, start + 12));
        }
        // The mail may have come all the same: the link works.
        const reset = { token, password: 'another good one' };
        await app.http.post('/auth/reset-password').send(reset).expect(200);
      } finally {
        await app?.close();
        await server.close();
      }
    });
  }
});

/** Shows its link to whoever asks in JSON, and to nobody else. */
class Reserved extends Error {
  readonly #url: string;
  constructor(url: string) {
    super('no translation for a link');
    this.#url = url;
  }
  toJSON() {
    return { url: this.#url };
  }
}

/** Says of itself that there is nothing more to see. */
class Terse extends Error {
  constructor(readonly url: string) {
    super('no translation for a link');
  }
  [inspect.custom]() {
    return 'Terse';
  }
}

const hiding: Record<string, (url: string) => Error> = {
  'in its code': (url) => Object.assign(new Error('no translation for a link'), { code: url }),
  'in an object that is its code': (url) =>
    Object.assign(new Error('no translation for a link'), { code: { url } }),
  'behind a getter': (url) =>
    Object.defineProperty(new Error('no translation for a link'), 'url', {
      get: () => url,
      enumerable: true,
    }),
  'at the end of a long list': (url) =>
    Object.assign(new Error('no translation for a link'), { words: [...new Array(200).fill('word'), url] }),
  'for JSON alone': (url) => new Reserved(url),
  'behind a form of its own': (url) => new Terse(url),
};

/** Has a template fail. @returns its error as told, all that was told and logged, and half of its link's token */
async function failBy(make: (url: string) => Error) {
  const logged: unknown[] = [];
  let token = '';
  const app = await createTestApp({
    logger: { error: (...line) => void logged.push(line) },
    templates: {
      passwordReset({ url }) {
        token = new URL(url).searchParams.get('token') as string;
        throw make(url);
      },
    },
  });
  try {
    const { email } = await app.register();
    const events = recordEvents(app.auth, ['mail.failed']);
    await app.http.post('/auth/forgot-password').send({ email }).expect(202);
    await app.auth.service.settled();
    const [[, { error }]] = events as unknown as [[string, { error: Error }]];
    expect(token).to.have.length.above(0);
    return { error, events, logged, half: token.slice(0, token.length / 2) };
  } finally {
    await app.close();
  }
}

describe('a template that fails and has its link', () => {
  for (const [where, make] of Object.entries(hiding)) {
    it(`${where} is logged and told without it (hold 63)`, async () => {
      const { error, events, logged, half } = await failBy(make);
      expect(error.message).to.equal('no translation for a link');
      const all = { depth: null, getters: true, customInspect: false, maxArrayLength: null } as const;
      const seen = `${inspect([events, logged], all)} ${JSON.stringify([error, logged])}`;
      expect(seen).to.not.include(half);
    });
  }
});

describe('a template that fails and quotes its link', () => {
  for (const [what, quote] of Object.entries({
    'the whole link': (url: string) => url,
    'a part of it': (url: string) => url.slice(0, -10),
  })) {
    it(`is logged and told without it, though it quotes ${what} (hold 63)`, async () => {
      const { error, events, logged, half } = await failBy(
        (url) => new Error(`no translation for ${quote(url)}`),
      );
      expect(error.message).to.include('no translation for').and.include('[link]');
      const seen = inspect([events, logged], { depth: null, showHidden: true, maxStringLength: null });
      expect(seen).to.not.include(half);
    });
  }
});
