import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import express from 'express';
import { type ClientApp, createClientApp } from '../support/client-app.js';
import { failureOf } from '../support/failure.js';
import { stepDate } from '../support/step-date.js';

const MINUTE = 60_000;

describe("the client's fetch", () => {
  let world: ClientApp;
  let elsewhere: Server;
  let stranger: string;
  /** What another origin was sent. */
  let given: IncomingHttpHeaders[];
  /** Calls of a route that carries out what it is sent. */
  let orders: { user: unknown; body: unknown }[];

  before(async () => {
    elsewhere = createServer((req, res) => {
      given.push(req.headers);
      res.writeHead(401, { 'content-type': 'application/json' }).end('{"code":"invalid_token"}');
    }).listen(0, '127.0.0.1');
    await once(elsewhere, 'listening');
    stranger = `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}/`;
    world = await createClientApp({
      finish(app, auth) {
        app.post('/orders', auth.requireUser, express.text(), (req, res) => {
          orders.push({ user: req.user?.email, body: req.body });
          res.status(201).json({ made: orders.length });
        });
        app.post('/delicate', auth.requireRecentLogin({ seconds: 60 }), (_req, res) => res.json({}));
        app.get('/feed', auth.optionalUser, (req, res) => res.json({ for: req.user?.email ?? null }));
        app.get('/own-401', (_req, res) => res.status(401).send('the app wants something else'));
        app.get('/away', (_req, res) => res.redirect(stranger));
      },
    });
  });
  after(async () => {
    elsewhere.close();
    await world.close();
  });
  beforeEach(() => {
    given = [];
    orders = [];
  });

  const expire = () => world.app.clock.advance(16 * MINUTE);
  const refreshes = () => world.network.count('/auth/refresh');
  const at = (path: string) => world.network.url + path;

  it('sends the access token to the origin of the kit, by a text, a URL or a Request, and without `this`', async () => {
    const { client, email } = await world.signIn();
    const { fetch } = client;
    for (const input of [world.protected, new URL(world.protected), new Request(world.protected)]) {
      expect(await (await fetch(input)).json()).to.deep.equal({ user: email });
    }
  });

  it('sends nothing to another origin, and tries nothing again there', async () => {
    const { client } = await world.signIn();
    const before = refreshes();
    const { port } = new URL(world.network.url);
    for (const url of [stranger, `${stranger}auth/me`])
      expect((await client.fetch(url)).status).to.equal(401);
    // The same host by another name is another origin.
    const headers = { 'x-own': '1' };
    await client.fetch(`http://localhost:${port}/protected`, { headers }).catch(() => {});
    expect(given).to.have.length(2);
    for (const each of [...given, world.network.seen.at(-1)?.headers ?? {}]) {
      expect(each).to.not.have.any.keys('authorization', 'cookie');
    }
    expect(refreshes()).to.equal(before);
    expect(client.state).to.equal('signed-in');
  });

  it('sends nothing on to where the app redirects', async () => {
    const { client } = await world.signIn();
    await client.fetch(at('/away'));
    for (const each of given) expect(each).to.not.have.property('authorization');
    expect(given).to.not.have.length(0);
  });

  it('leaves alone what the caller identifies by itself', async () => {
    const { client } = await world.signIn();
    const before = refreshes();
    const headers = { authorization: 'Bearer eak_key' };
    expect((await client.fetch(world.protected, { headers })).status).to.equal(401);
    expect(world.network.seen.at(-1)?.headers['authorization']).to.equal('Bearer eak_key');
    expect(refreshes()).to.equal(before);
  });

  it('refreshes once for many callers when the access token has expired, and sends each once more', async () => {
    const { client, email } = await world.signIn();
    expire();
    const before = refreshes();
    const answers = await Promise.all(
      Array.from({ length: 30 }, async () => (await client.fetch(world.protected)).json()),
    );
    expect(answers).to.deep.equal(Array(30).fill({ user: email }));
    expect(refreshes()).to.equal(before + 1);
    // Nobody else's answer arrives after that: it is found renewed.
    await client.fetch(world.protected);
    expect(refreshes()).to.equal(before + 1);
  });

  it('asks for no second refresh where a 401 arrives after the first', async () => {
    const { client } = await world.signIn();
    expire();
    const before = refreshes();
    const late = world.network.hold('/protected?late', 'answer');
    const slow = client.fetch(`${world.protected}?late`);
    await late.arrived;
    await client.fetch(world.protected);
    late.release();
    expect((await slow).status).to.equal(200);
    expect(refreshes()).to.equal(before + 1);
  });

  it('sends the body again, of a Request and of a stream too, and what is done is done once', async () => {
    const { client, email } = await world.signIn();
    const post = { method: 'POST', headers: { 'content-type': 'text/plain' } };
    const stream = () => new Blob(['two apples']).stream();
    for (const sendOrder of [
      () => client.fetch(at('/orders'), { ...post, body: 'two apples' }),
      () => client.fetch(new Request(at('/orders'), { ...post, body: 'two apples' })),
      () => client.fetch(at('/orders'), { ...post, body: stream(), duplex: 'half' } as RequestInit),
    ]) {
      expire();
      orders = [];
      expect((await sendOrder()).status).to.equal(201);
      expect(orders).to.deep.equal([{ user: email, body: 'two apples' }]);
    }
  });

  it('answers a 401 that no token helps against as it is, after one try', async () => {
    const { client } = await world.signIn();
    const before = refreshes();
    const answer = await client.fetch(at('/own-401'));
    expect({ status: answer.status, text: await answer.text() }).to.deep.equal({
      status: 401,
      text: 'the app wants something else',
    });
    expect(refreshes()).to.equal(before + 1);
    expect(world.network.count('/own-401')).to.equal(2);
    expect(client.state).to.equal('signed-in');
  });

  it('tries nothing again where a login that is too old is the reason', async () => {
    const { client } = await world.signIn();
    world.app.clock.advance(2 * MINUTE);
    const before = refreshes();
    const answer = await client.fetch(at('/delicate'), { method: 'POST' });
    expect(await answer.json()).to.include({ code: 'insufficient_user_authentication' });
    expect(refreshes()).to.equal(before);
    expect(world.network.count('/delicate')).to.equal(1);
  });

  it('answers the 401 when the refresh is refused, and nobody is signed in any more', async () => {
    const { client, email } = await world.signIn();
    const user = await world.app.User.findOne({ email });
    await world.app.auth.service.revokeSessions(String(user?._id));
    const answers = await Promise.all([1, 2, 3].map(() => client.fetch(world.protected)));
    for (const answer of answers) expect(await answer.json()).to.include({ code: 'invalid_token' });
    expect(client.state).to.equal('signed-out');
    const before = refreshes();
    expect(await (await client.fetch(world.protected)).json()).to.include({ code: 'missing_token' });
    expect(refreshes()).to.equal(before);
  });

  it('does not send what one user asked for as another one', async () => {
    const { client } = await world.signIn();
    const other = await world.app.register();
    expire();
    const late = world.network.hold('/orders', 'answer');
    const order = client.fetch(at('/orders'), { method: 'POST', body: 'x' });
    await late.arrived;
    await client.logout();
    await client.login({ username: other.email, password: other.password });
    late.release();
    expect((await order).status).to.equal(401);
    expect(orders).to.deep.equal([]);
  });

  it('throws what the platform throws where the network fails', async () => {
    const { client } = await world.signIn();
    world.network.insteadOf('/protected', 'lost');
    expect(await failureOf(() => client.fetch(world.protected))).to.be.an.instanceOf(TypeError);
    const aborted = { signal: AbortSignal.abort() };
    expect((await failureOf(() => client.fetch(world.protected, aborted))).name).to.equal('AbortError');
    expect((await failureOf(() => client.fetch('/relative'))).name).to.equal('TypeError');
    expect(client.state).to.equal('signed-in');
  });

  describe('by its own clock', () => {
    let stepped = 0;
    const step = (ms: number) => {
      stepped += ms;
      stepDate(ms);
      world.app.clock.advance(ms);
    };
    afterEach(() => {
      stepDate(-stepped);
      stepped = 0;
    });

    it('renews before the access token expires, so that a route for everybody knows the user still', async () => {
      const { client, email } = await world.signIn();
      const before = refreshes();
      step(14 * MINUTE);
      expect(await (await client.fetch(at('/feed'))).json()).to.deep.equal({ for: email });
      expect(refreshes()).to.equal(before);
      step(2 * MINUTE);
      const feeds = await Promise.all([1, 2, 3].map(async () => (await client.fetch(at('/feed'))).json()));
      expect(feeds).to.deep.equal(Array(3).fill({ for: email }));
      expect(refreshes()).to.equal(before + 1);
    });

    it('goes on with what it has where that fails: it may still be good', async () => {
      const { client, email } = await world.signIn();
      step(14.5 * MINUTE);
      for (const fault of ['lost', { status: 503 }] as const) {
        world.network.insteadOf('/auth/refresh', fault);
        expect(await (await client.fetch(world.protected)).json()).to.deep.equal({ user: email });
      }
      expect(client.state).to.equal('signed-in');
    });

    it('is hurt by no step of it, forth or back', async () => {
      const { client, email } = await world.signIn();
      for (const years of [10, -30]) {
        const ms = years * 365 * 24 * 60 * MINUTE;
        stepped += ms;
        stepDate(ms);
        expect(await (await client.fetch(world.protected)).json()).to.deep.equal({ user: email });
        expire();
        expect(await (await client.fetch(world.protected)).json()).to.deep.equal({ user: email });
      }
    });
  });
});
