import type { RequestListener } from 'node:http';
import express from 'express';
import { addWayIn, type Kit } from 'express-auth-kit/feature';
import { methods } from '../own-features/methods.js';
import { type Address, listenAlone } from './listen-alone.js';
import { createLossyProxy, type ProxiedAnswer, type SeenRequest } from './lossy-proxy.js';
import { createTestApp, type TestAppOptions } from './test-app.js';

/** Which app the specs of the client want. */
export type WorldKind = keyof typeof KINDS;

/**
 * An app, a network before it that can be told to fail, and a server elsewhere. Whatever is asked of it or told by it is JSON: a spec
 * in a page asks by a bridge.
 */
export interface ClientWorld {
  /** Where the network is. */
  url: string;
  /** Another origin, that answers every page. */
  elsewhere: string;

  register(): Promise<{ email: string; password: string; id: string }>;
  liveSessions(email: string): Promise<number>;
  revokeSessions(email: string): Promise<void>;
  /** From now on a login of this user has a second step, whose code is `right`. */
  askSecondStep(email: string): Promise<void>;
  exists(email: string): Promise<boolean>;
  /** The newest mail to an address, and the token of its link. */
  lastMail(to: string): Promise<{ subject?: string; token: string }>;
  now(): Promise<number>;
  /** @param ms milliseconds */
  advance(ms: number): Promise<void>;
  /** What the app's own code was given, in order. */
  given(): Promise<unknown[]>;

  /** What came by the network, in order. */
  requests(): Promise<SeenRequest[]>;
  /** How many of them were for this path. */
  count(path: string): Promise<number>;
  /** What came elsewhere. */
  requestsElsewhere(): Promise<Omit<SeenRequest, 'body'>[]>;
  /** The next request for a path is not carried out. */
  insteadOf(path: string, answer: Partial<ProxiedAnswer> | 'lost'): Promise<void>;
  /** The next request for a path is carried out, and its answer is lost. */
  loseAnswer(path: string): Promise<void>;
  /** Whether a connection serves several requests; it does not at first. */
  keepConnections(keeps: boolean): Promise<void>;
  /** The next request for a path waits. @returns its number */
  hold(path: string, what: 'request' | 'answer', instead?: Partial<ProxiedAnswer>): Promise<number>;
  /** Waits until the one of this number is there. */
  arrival(held: number): Promise<void>;
  release(held: number): Promise<void>;

  close(): Promise<void>;
}

interface Inside {
  /** Notes what the app was given. */
  note(given: unknown): void;
  elsewhere: string;
  withKit(kit: Kit): void;
}

const KINDS = {
  bearer: () => ({}),
  profile: () => ({ emailVerification: 'optional', profileFields: ['phone'] }),
  quiet: () => ({ emailVerification: 'required' }),
  'second step': ({ note, withKit }: Inside) => {
    const verify = async (_user: unknown, { code }: Record<string, unknown>) => {
      note(code);
      return code === 'right';
    };
    return { features: [methods({ totp: { verify } }, withKit)] };
  },
  shop: ({ note, elsewhere }: Inside) => ({
    finish(app, auth) {
      app.post('/orders', auth.requireUser, express.text(), (req, res) => {
        note({ user: req.user?.email, body: req.body });
        res.status(201).json({});
      });
      app.post('/delicate', auth.requireRecentLogin({ seconds: 60 }), (_req, res) => res.json({}));
      app.get('/feed', auth.optionalUser, (req, res) => res.json({ for: req.user?.email ?? null }));
      app.get('/own-401', (_req, res) => res.status(401).send('the app wants something else'));
      app.get('/away', (_req, res) => res.redirect(elsewhere));
    },
  }),
  cookies: ({ elsewhere, withKit }: Inside) => ({
    cookies: true,
    appUrl: 'http://localhost:3000',
    features: [methods({ totp: {} }, withKit)],
    finish: (app) => app.get('/away', (_req, res) => res.redirect(elsewhere)),
  }),
} satisfies Record<string, (inside: Inside) => TestAppOptions>;

/** @param listen where the network is reached */
export async function createClientWorld(
  kind: WorldKind,
  listen?: (listener: RequestListener) => Address,
): Promise<ClientWorld> {
  const stranger = await createElsewhere();
  // Another host, too: a browser's cookies do not tell ports apart.
  const elsewhere = stranger.url.replace('127.0.0.1', 'localhost');
  const notes: unknown[] = [];
  let kit: Kit | undefined;
  const options: TestAppOptions = KINDS[kind]({
    note: (given) => notes.push(given),
    elsewhere,
    withKit: (given) => {
      kit = given;
    },
  });
  const app = await createTestApp(options);
  const network = await createLossyProxy(app.url, listen);
  const held: ReturnType<typeof network.hold>[] = [];
  const userOf = async (email: string) => {
    const user = await app.User.findOne({ email });
    if (!user) throw new Error(`there is no user ${email}`);
    return user;
  };

  return {
    url: network.url,
    elsewhere: `${elsewhere}/`,
    register: () => app.register(),
    async liveSessions(email) {
      return (await app.auth.service.listSessions(String((await userOf(email))._id))).length;
    },
    async revokeSessions(email) {
      await app.auth.service.revokeSessions(String((await userOf(email))._id));
    },
    async askSecondStep(email) {
      if (!kit) throw new Error('this app has no second step');
      await addWayIn(kit, (await userOf(email))._id, { method: 'totp', id: 'one' });
    },
    exists: async (email) => (await app.User.exists({ email })) !== null,
    async lastMail(to) {
      await app.auth.service.settled();
      const mail = app.mailbox.messages.findLast((each) => each.to === to);
      return { subject: mail?.subject, token: /[?&]token=([\w-]+)/.exec(mail?.text ?? '')?.[1] as string };
    },
    now: async () => app.clock.now(),
    advance: async (ms) => app.clock.advance(ms),
    given: async () => notes,
    requests: async () => network.seen,
    count: async (path) => network.count(path),
    requestsElsewhere: async () => stranger.seen,
    insteadOf: async (path, answer) => network.insteadOf(path, answer),
    loseAnswer: async (path) => network.answerOf(path, () => 'lost'),
    keepConnections: async (keeps) => {
      network.keepsConnections = keeps;
    },
    hold: async (...asked) => held.push(network.hold(...asked)) - 1,
    arrival: async (number) => held[number]?.arrived,
    release: async (number) => held[number]?.release(),
    async close() {
      network.close();
      stranger.close();
      await app.close();
    },
  };
}

/** A stranger, who lets every page ask with whatever it has, and has the look of a kit whose token has expired. */
async function createElsewhere() {
  const seen: Omit<SeenRequest, 'body'>[] = [];
  const address = await listenAlone((req, res) => {
    const headers = req.headers as Record<string, string>;
    seen.push({ method: req.method ?? '', path: req.url ?? '', headers });
    const { origin = '*', 'access-control-request-headers': asked = '' } = headers;
    res
      .writeHead(req.method === 'OPTIONS' ? 204 : 401, {
        'content-type': 'application/json',
        'access-control-allow-origin': origin,
        'access-control-allow-credentials': 'true',
        'access-control-allow-headers': asked,
      })
      .end(req.method === 'OPTIONS' ? undefined : '{"code":"invalid_token"}');
  });
  return { ...address, seen };
}
