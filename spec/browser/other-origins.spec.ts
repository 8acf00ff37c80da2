import { isDeepStrictEqual } from 'node:util';
import { expect } from 'chai';
import mongoose from 'mongoose';
import type { Browser, BrowserContext } from 'playwright-core';
import type { ExampleUser } from '../../example-app/models/user.js';
import { type Arrival, nameOf, noteArrivals } from './support/arrivals.js';
import { AS_A_PAGE_OF_OURS, ATTACKS, type Attack, NOTHING, type Target } from './support/attacks.js';
import { type Cast, changesOf } from './support/changes.js';
import { launchChromium } from './support/chromium.js';
import { type Account, type Example, startExample } from './support/example.js';
import { type OtherServer, startOtherServer } from './support/other-server.js';

/** What the script of a page has learnt, if it has one. */
const LEARNT = 'typeof learnt === "undefined" ? [] : typeof learnt === "function" ? learnt() : learnt';

const ATTACKERS: Readonly<Record<string, { host: string; isSameSite: boolean }>> = {
  'another site': { host: 'evil.test', isSameSite: false },
  'another origin of the same site': { host: '127.0.0.1', isSameSite: true },
};

describe('a page of another origin', function () {
  this.timeout(60_000);
  let browser: Browser;
  let other: OtherServer;
  before(async function () {
    browser = await launchChromium(this, ['--host-resolver-rules=MAP evil.test 127.0.0.1']);
    other = await startOtherServer();
  });
  after(async () => {
    await browser?.close();
    other?.close();
  });

  /** Opens a page with an attack, and waits until all of it has arrived. */
  async function open(attack: Attack, { targets, host, context, example }: Opened) {
    const arrivals = noteArrivals(example.server);
    other.show(attack.page(targets, other));
    const page = await context.newPage();
    await page.goto(`http://${host}:${other.port}/`);
    await arrivals.answered(namesOf(targets, attack));
    const learnt = await page.evaluate<string[]>(LEARNT);
    await page.close();
    arrivals.stop();
    return { learnt, arrivals: arrivals.all };
  }

  describe('that nobody has allowed', () => {
    let example: Example;
    let attacker: Account;
    /** The same one, until an attack has changed something. */
    let victim: { context: BrowserContext; cast: Cast } | undefined;
    before(async () => {
      example = await startExample();
      attacker = await example.createAccount();
    });
    after(() => example?.close());
    beforeEach(async () => {
      if (victim) return;
      const context = await browser.newContext();
      victim = { context, cast: await signInVictim(example, context, attacker) };
    });
    afterEach(async function () {
      if (this.currentTest?.isPassed()) return;
      await victim?.context.close();
      victim = undefined;
    });

    for (const [site, { host, isSameSite }] of Object.entries(ATTACKERS)) {
      describe(`of ${site}`, () => {
        for (const [name, attack] of Object.entries(ATTACKS)) {
          it(`changes nothing by ${name}`, async () => {
            const { context, cast } = victim as NonNullable<typeof victim>;
            const before = await stateOf(example, context, cast);
            const targets = targetsOf(example, cast, attack);
            const { learnt, arrivals } = await open(attack, { targets, host, context, example });
            expectCookies(arrivals, { targets, attack, isSameSite });
            expect(learnt.filter((each) => !NOTHING.includes(each))).to.deep.equal([]);
            expect(await stateOf(example, context, cast)).to.deep.equal(before);
            await expectSignedIn(example, context, cast);
          });
        }
      });
    }
  });

  describe('of the same site that is allowed', () => {
    let example: Example;
    let context: BrowserContext;
    let attacker: Account;
    before(async () => {
      const origin = `http://127.0.0.1:${other.port}`;
      example = await startExample({ AUTH_ALLOWED_ORIGINS: origin, CORS_ORIGINS: origin });
      attacker = await example.createAccount();
      context = await browser.newContext();
    });
    after(async () => {
      await context?.close();
      await example?.close();
    });

    /** What a page with some of the targets does, as a victim of its own feels it. */
    async function changeBy(attack: Attack, choose: (targets: Target[]) => Target[]) {
      const cast = await signInVictim(example, context, attacker);
      // A renewal is seen by its time.
      example.clock.advance(60_000);
      const before = await stateOf(example, context, cast);
      const targets = choose(targetsOf(example, cast, attack));
      const { learnt } = await open(attack, { targets, host: '127.0.0.1', context, example });
      return { isChanged: !isDeepStrictEqual(await stateOf(example, context, cast), before), learnt };
    }

    it('changes each of those things, and reads the answers', async function () {
      this.timeout(150_000);
      const cast = await signInVictim(example, context, attacker);
      const rows = new Set(changesOf(cast).map(({ row }) => row));
      expect(rows.size).to.be.greaterThan(15);
      const unchanged: string[] = [];
      for (const row of rows) {
        const one = (all: Target[]) => all.filter((target) => target.row === row).slice(0, 1);
        const { isChanged, learnt } = await changeBy(AS_A_PAGE_OF_OURS, one);
        expect(learnt[0], row).to.match(/^cors20\d/);
        if (!isChanged) unchanged.push(row);
      }
      expect(unchanged).to.deep.equal([]);
    });

    for (const name of ['a form', 'a script that sends a form as a page would']) {
      it(`changes something by ${name}`, async () => {
        const { isChanged } = await changeBy(ATTACKS[name] as Attack, (all) => all);
        expect(isChanged).to.equal(true);
      });
    }
  });
});

interface Opened {
  targets: readonly Target[];
  host: string;
  context: BrowserContext;
  example: Example;
}

function targetsOf({ url }: Example, cast: Cast, { arrives }: Attack): Target[] {
  const changes = changesOf(cast).filter(({ method }) => arrives !== 'POST' || method === 'POST');
  return changes.map((change) => ({ ...change, url: url + change.path }));
}

function namesOf(targets: readonly Target[], { arrives: method }: Attack): string[] {
  return method === 'nothing' ? [] : targets.map(({ path }) => nameOf({ method, path }));
}

/** That an attack was one: nothing is in its way but the origin, where cookies come with it. */
function expectCookies(
  arrivals: readonly Arrival[],
  { targets, attack, isSameSite }: { targets: readonly Target[]; attack: Attack; isSameSite: boolean },
) {
  if (attack.arrives === 'OPTIONS') return;
  const names = namesOf(targets, attack);
  const sent = arrivals.filter((arrival) => names.includes(nameOf(arrival)));
  const withCookies = sent.filter(({ cookie }) => cookie?.includes('access='));
  const areMeant = attack.cookies ? attack.cookies === 'always' : isSameSite;
  expect(withCookies.map(nameOf)).to.deep.equal(areMeant ? sent.map(nameOf) : []);
}

/** A signed-in admin with another session somewhere, and others who are not signed in here. */
async function signInVictim(example: Example, context: BrowserContext, attacker: Account): Promise<Cast> {
  const { service } = example.auth;
  const victim = await example.createAccount({ roles: ['admin'] });
  const unverified = `new-${victim.email}`;
  await service.createUser({ email: unverified });
  const other = await service.createUser({ email: `other-${victim.email}`, emailVerified: true });
  await service.issueTokens(other._id);
  const { _id } = (await service.findUser({ email: victim.email })) as ExampleUser;
  await service.issueTokens(_id);
  const sessionId = (await service.listSessions(_id))[0]?.id ?? '';
  await example.signIn(context, victim);
  return { victim, attacker, unverified, userId: String(other._id), sessionId };
}

/** All that an attack could change: but what an attacker does with his own account is not our business. */
async function stateOf({ auth, url }: Example, context: BrowserContext, { attacker }: Cast) {
  await auth.service.settled();
  const himself = await auth.service.findUser({ email: attacker.email });
  const collections = (await mongoose.connection.db?.collections()) ?? [];
  const others = { user: { $ne: himself?._id } };
  const documents = await Promise.all(
    collections.map((collection) => collection.find(others).sort({ _id: 1 }).toArray()),
  );
  return {
    cookies: await context.cookies(url),
    documents,
    mails: await (await fetch(`${url}/dev/mailbox.json`)).json(),
  };
}

async function expectSignedIn({ url }: Example, context: BrowserContext, { victim }: Cast) {
  const page = await context.newPage();
  await page.goto(`${url}/account`);
  expect(await page.textContent('main')).to.include(victim.email);
}
