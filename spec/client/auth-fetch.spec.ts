import { expect } from 'chai';
import { type ClientApp, createClientApp } from '../support/client-app.js';
import { failureOf } from '../support/failure.js';
import { stepDate } from '../support/step-date.js';

const MINUTE = 60_000;

describe("the client's fetch", () => {
  let world: ClientApp;
  before(async () => {
    world = await createClientApp('shop');
  });
  after(() => world.close());

  const expire = () => world.advance(16 * MINUTE);
  const refreshes = () => world.count('/auth/refresh');
  const at = (path: string) => world.url + path;
  /** What the route was given that carries out what it is sent. */
  const orders = () => world.given();

  it('sends the access token to the origin of the kit, by a text, a URL or a Request, and without `this`', async () => {
    const { client, email } = await world.signIn();
    const { fetch } = client;
    for (const input of [world.protected, new URL(world.protected), new Request(world.protected)]) {
      expect(await (await fetch(input)).json()).to.deep.equal({ user: email });
    }
  });

  it('sends nothing to another origin, and tries nothing again there', async () => {
    const { client } = await world.signIn();
    const before = await refreshes();
    for (const path of ['', 'auth/me']) {
      expect((await client.fetch(world.elsewhere + path)).status).to.equal(401);
    }
    // The same host by another name is another origin.
    const byName = world.protected.replace('127.0.0.1', 'localhost');
    await client.fetch(byName, { headers: { 'x-own': '1' } }).catch(() => {});
    const given = await world.requestsElsewhere();
    expect(given.map(({ method, path }) => `${method} ${path}`)).to.deep.equal(['GET /', 'GET /auth/me']);
    // A browser would ask first whether it may send them.
    for (const { headers } of [...given, await world.lastRequest()]) {
      expect(JSON.stringify(headers)).to.not.match(/authorization|cookie/i);
    }
    expect(await refreshes()).to.equal(before);
    expect(client.state).to.equal('signed-in');
  });

  it('sends nothing on to where the app redirects', async () => {
    const { client } = await world.signIn();
    const before = (await world.requestsElsewhere()).length;
    await client.fetch(at('/away'));
    const given = (await world.requestsElsewhere()).slice(before);
    expect(given).to.not.have.length(0);
    for (const { headers } of given) expect(JSON.stringify(headers)).to.not.match(/authorization/i);
  });

  it('leaves alone what the caller identifies by itself', async () => {
    const { client } = await world.signIn();
    const before = await refreshes();
    const headers = { authorization: 'Bearer eak_key' };
    expect((await client.fetch(world.protected, { headers })).status).to.equal(401);
    expect((await world.lastRequest()).headers).to.include({ authorization: 'Bearer eak_key' });
    expect(await refreshes()).to.equal(before);
  });

  it('refreshes once for many callers when the access token has expired, and sends each once more', async () => {
    const { client, email } = await world.signIn();
    await expire();
    const before = await refreshes();
    const answers = await Promise.all(
      Array.from({ length: 30 }, async () => (await client.fetch(world.protected)).json()),
    );
    expect(answers).to.deep.equal(Array(30).fill({ user: email }));
    expect(await refreshes()).to.equal(before + 1);
    // Nobody else's answer arrives after that: it is found renewed.
    await client.fetch(world.protected);
    expect(await refreshes()).to.equal(before + 1);
  });

  it('asks for no second refresh where a 401 arrives after the first', async () => {
    const { client } = await world.signIn();
    await expire();
    const before = await refreshes();
    const late = await world.hold('/protected?late', 'answer');
    const slow = client.fetch(`${world.protected}?late`);
    await late.arrived;
    await client.fetch(world.protected);
    await late.release();
    expect((await slow).status).to.equal(200);
    expect(await refreshes()).to.equal(before + 1);
  });

  describe('where a request has a body', () => {
    const post = { method: 'POST', headers: { 'content-type': 'text/plain' } };
    const stream = () => new Blob(['two apples']).stream();
    for (const [what, input] of [
      ['a text', () => [at('/orders'), { ...post, body: 'two apples' }]],
      ['bytes', () => [at('/orders'), { ...post, body: new Blob(['two apples']) }]],
      ['that of a Request', () => [new Request(at('/orders'), { ...post, body: 'two apples' })]],
      ['a stream', () => [at('/orders'), { ...post, body: stream(), duplex: 'half' }]],
    ] as [string, () => Parameters<typeof fetch>][]) {
      it(`sends it again, and what is done is done once: ${what}`, async () => {
        const { client, email } = await world.signIn();
        await expire();
        const before = (await orders()).length;
        expect((await client.fetch(...input())).status).to.equal(201);
        expect((await orders()).slice(before)).to.deep.equal([{ user: email, body: 'two apples' }]);
      });
    }
  });

  it('answers a 401 that no token helps against as it is, after one try', async () => {
    const { client } = await world.signIn();
    const before = await refreshes();
    const answer = await client.fetch(at('/own-401'));
    expect({ status: answer.status, text: await answer.text() }).to.deep.equal({
      status: 401,
      text: 'the app wants something else',
    });
    expect(await refreshes()).to.equal(before + 1);
    expect(await world.count('/own-401')).to.equal(2);
    expect(client.state).to.equal('signed-in');
  });

  it('tries nothing again where a login that is too old is the reason', async () => {
    const { client } = await world.signIn();
    await world.advance(2 * MINUTE);
    const before = await refreshes();
    const answer = await client.fetch(at('/delicate'), { method: 'POST' });
    expect(await answer.json()).to.include({ code: 'insufficient_user_authentication' });
    expect(await refreshes()).to.equal(before);
    expect(await world.count('/delicate')).to.equal(1);
  });

  it('answers the 401 when the refresh is refused, and nobody is signed in any more', async () => {
    const { client, email } = await world.signIn();
    await world.revokeSessions(email);
    const answers = await Promise.all([1, 2, 3].map(() => client.fetch(world.protected)));
    for (const answer of answers) expect(await answer.json()).to.include({ code: 'invalid_token' });
    expect(client.state).to.equal('signed-out');
    const before = await refreshes();
    expect(await (await client.fetch(world.protected)).json()).to.include({ code: 'missing_token' });
    expect(await refreshes()).to.equal(before);
  });

  it('does not send what one user asked for as another one', async () => {
    const { client } = await world.signIn();
    const other = await world.register();
    await expire();
    const before = (await orders()).length;
    const late = await world.hold('/orders', 'answer');
    const order = client.fetch(at('/orders'), { method: 'POST', body: 'x' });
    await late.arrived;
    await client.logout();
    await client.login({ username: other.email, password: other.password });
    await late.release();
    expect((await order).status).to.equal(401);
    expect(await orders()).to.have.length(before);
  });

  it('throws what the platform throws where the network fails', async () => {
    const { client } = await world.signIn();
    await world.insteadOf('/protected', 'lost');
    expect(await failureOf(() => client.fetch(world.protected))).to.be.an.instanceOf(TypeError);
    const aborted = { signal: AbortSignal.abort() };
    expect((await failureOf(() => client.fetch(world.protected, aborted))).name).to.equal('AbortError');
    expect(client.state).to.equal('signed-in');
  });

  it('asks no relative address where there is no page', async () => {
    const { client } = await world.signIn();
    expect((await failureOf(() => client.fetch('/relative'))).name).to.equal('TypeError');
  });

  describe('by its own clock', () => {
    let stepped = 0;
    const step = async (ms: number) => {
      stepped += ms;
      stepDate(ms);
      await world.advance(ms);
    };
    afterEach(() => {
      stepDate(-stepped);
      stepped = 0;
    });

    it('renews before the access token expires, so that a route for everybody knows the user still', async () => {
      const { client, email } = await world.signIn();
      const before = await refreshes();
      await step(14 * MINUTE);
      expect(await (await client.fetch(at('/feed'))).json()).to.deep.equal({ for: email });
      expect(await refreshes()).to.equal(before);
      await step(2 * MINUTE);
      const feeds = await Promise.all([1, 2, 3].map(async () => (await client.fetch(at('/feed'))).json()));
      expect(feeds).to.deep.equal(Array(3).fill({ for: email }));
      expect(await refreshes()).to.equal(before + 1);
    });

    it('goes on with what it has where that fails: it may still be good', async () => {
      const { client, email } = await world.signIn();
      await step(14.5 * MINUTE);
      for (const fault of ['lost', { status: 503 }] as const) {
        await world.insteadOf('/auth/refresh', fault);
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
        await expire();
        expect(await (await client.fetch(world.protected)).json()).to.deep.equal({ user: email });
      }
    });
  });
});
