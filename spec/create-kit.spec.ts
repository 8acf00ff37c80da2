import { randomBytes } from 'node:crypto';
import { expect } from 'chai';
import { Strategy } from 'passport';
import { HOOKS } from '../lib/config/hooks.js';
import { resolveOptions } from '../lib/config/resolve-options.js';
import { createKit } from '../lib/create-kit.js';
import { challenge } from '../lib/features/challenge.js';
import { passwordRecovery } from '../lib/features/password-recovery.js';
import { defineRoute } from '../lib/http/route.js';
import type { Feature, Parts } from '../lib/kit.js';
import { BaseUser } from '../lib/models/base-user.js';
import { expectStartRefused, failureOf } from './support/failure.js';

describe('createKit', () => {
  const secretKey = randomBytes(32).toString('base64');
  const appUrl = 'https://app.example.com';
  const assemble = (features: readonly Feature[], options: object = {}) =>
    createKit(resolveOptions({ secretKey, appUrl, ...options }, {}), BaseUser, features);
  const feature = (name: string, parts: Parts = {}, more: Partial<Feature> = {}): Feature => ({
    name,
    setup: () => parts,
    ...more,
  });
  const strategy = (by: string) =>
    new (class extends Strategy {
      override authenticate() {
        this.success({ by } as never);
      }
    })();
  const method = { kind: 'device', amr: 'otp', isSetUp: () => false, verify: async () => false } as const;
  const row = (path: string) => defineRoute({ method: 'get', path, success: 204, handle: async () => ({}) });
  const paths = (routes: readonly { path: string }[]) => routes.map(({ path }) => path);

  it('sets every feature up once, in order, with the same kit', () => {
    const seen: [string, unknown][] = [];
    const watching = (name: string): Feature => ({
      name,
      setup(kit) {
        seen.push([name, kit]);
        return {};
      },
    });
    const { kit } = assemble([watching('one'), watching('two')]);
    expect(seen).to.deep.equal([
      ['one', kit],
      ['two', kit],
    ]);
    expect(seen.every(([, given]) => given === kit)).to.equal(true);
  });

  it('gathers the routes, those below /me apart', () => {
    const one = feature('one', { routes: [row('/a')], profile: [row('/')] });
    const two = feature('two', { routes: [row('/b'), row('/c')], profile: [row('/avatar')] });
    const { routes, profile } = assemble([one, feature('none'), two]);
    expect([paths(routes), paths(profile)]).to.deep.equal([
      ['/a', '/b', '/c', '/me', '/me/avatar'],
      ['/', '/avatar'],
    ]);
  });

  it('lets every feature register its strategies', async () => {
    const { kit } = assemble([
      feature('one', { strategies: { a: strategy('one') } }),
      feature('two', { redirectStrategies: { b: strategy('two') } }),
    ]);
    const ask = (name: string) => kit.authenticator.authenticate(name, { headers: {} });
    expect(await ask('a')).to.deep.equal({ type: 'success', user: { by: 'one' } });
    expect(await ask('b')).to.deep.equal({ type: 'success', user: { by: 'two' } });
  });

  const collection = { name: 'rows', fields: {} };
  const mail = { template: () => ({ subject: '', text: '', html: '' }) };
  const claims: [what: string, one: Feature, two: Feature, message: string][] = [
    [
      'strategy',
      feature('one', { strategies: { a: strategy('one') } }),
      feature('two', { redirectStrategies: { a: strategy('two') } }),
      'the strategy a',
    ],
    [
      'strategy of the kit',
      feature('one', { strategies: { jwt: strategy('one') } }),
      feature('two'),
      'the strategy jwt',
    ],
    [
      'collection',
      feature('one', {}, { collections: [collection] }),
      feature('two', {}, { collections: [{ ...collection }] }),
      'the collection rows',
    ],
    [
      'collection of the kit',
      feature('one', {}, { collections: [{ name: 'auth_sessions', fields: {} }] }),
      feature('two'),
      'the collection auth_sessions',
    ],
    [
      'collection of the users',
      feature('one', {}, { collections: [{ name: 'users', fields: {} }] }),
      feature('two'),
      'the collection users',
    ],
    [
      'mail',
      feature('one', {}, { mails: { hi: mail } }),
      feature('two', {}, { mails: { hi: mail } }),
      'the mail hi',
    ],
    [
      'method',
      feature('one', { methods: { totp: method } }),
      feature('two', { methods: { totp: method } }),
      'the method totp',
    ],
  ];
  for (const [what, one, two, message] of claims) {
    it(`refuses two features that claim one ${what}`, () => {
      expect(() => assemble([one, two])).to.throw(`two features claim ${message}`);
    });
  }

  it('has /challenge, and what it stores, where a feature brings a method, and nowhere else', () => {
    const stored = ({ kit }: ReturnType<typeof assemble>) =>
      kit.collections.models().map(({ collection: { collectionName } }) => collectionName);
    const without = assemble([feature('one', { routes: [row('/a')] }), challenge]);
    expect(paths(without.routes)).to.deep.equal(['/a']);
    expect(stored(without)).to.deep.equal(['auth_sessions', 'auth_one_time_tokens', 'auth_outbox']);
    expect(() => without.kit.pendingSignIns()).to.throw('no feature names auth_pending_sign_ins');

    const withMethod = assemble([feature('one', { methods: { totp: method } }), challenge]);
    expect(paths(withMethod.routes)).to.deep.equal(['/challenge']);
    expect(stored(withMethod)).to.include('auth_pending_sign_ins');
  });

  it('stops the start for a strategy that redirects where nobody says where the app is', () => {
    const redirecting = feature('one', { redirectStrategies: { a: strategy('one') } });
    expect(expectStartRefused(() => assemble([redirecting], { appUrl: undefined }))).to.equal(
      'appUrl (or AUTH_APP_URL): required by a strategy that redirects',
    );
  });

  it('stops the start for parts that are none', () => {
    const wrong: [parts: unknown, message: RegExp][] = [
      [undefined, /^the parts of the feature one: undefined given; allowed: an object/],
      [Promise.resolve({}), /^the parts of the feature one: "a promise" given/],
      [{ route: [] }, /^the parts of the feature one.route: unknown option; did you mean .*routes\?/],
      [{ limits: [] }, /^the limits of the feature one: an array given; allowed: an object/],
      [{ limits: { before: 'x' } }, /^the limits of the feature one.before: "x" given; allowed: a function/],
    ];
    for (const [parts, message] of wrong) {
      const wrongly: Feature = { name: 'one', setup: () => parts as Parts };
      expect(expectStartRefused(() => assemble([wrongly]))).to.match(message);
    }
  });

  it('brings what redirects keep with the first strategy that redirects, and not before', () => {
    const stored = (parts: Parts) =>
      assemble([feature('one', parts)])
        .kit.collections.models()
        .map(({ collection: { collectionName } }) => collectionName);
    expect(stored({ redirectStrategies: { a: strategy('one') } })).to.include('auth_redirect_states');
    expect(stored({ strategies: { a: strategy('one') } })).to.not.include('auth_redirect_states');
  });

  it('gives a feature the collections that it names, and no others', () => {
    const given: unknown[] = [];
    const setup: Feature['setup'] = (kit) => {
      given.push(kit.collections.get(collection));
      return {};
    };
    assemble([{ name: 'one', collections: [collection], setup }]);
    expect(given).to.have.length(1);
    expect(() => assemble([{ name: 'one', setup }])).to.throw('no feature names rows among its collections');
  });

  for (const name of HOOKS) {
    it(`runs the hooks ${name} in the order of the features, each awaited, then the app’s`, async () => {
      const ran: string[] = [];
      const hooks = (who: string) => ({
        async [name](event: unknown) {
          ran.push(`${who} begins`);
          await new Promise(setImmediate);
          expect(event).to.equal(given);
          ran.push(`${who} ends`);
        },
      });
      const given = {} as never;
      const features = [
        feature('one', { hooks: hooks('one') }),
        feature('none'),
        feature('two', { hooks: hooks('two') }),
      ];
      const { kit } = assemble(features, { hooks: hooks('app') });
      await kit.hooks[name](given);
      expect(ran).to.deep.equal(['one', 'two', 'app'].flatMap((who) => [`${who} begins`, `${who} ends`]));
    });

    it(`runs no further hook ${name} after one that throws`, async () => {
      const ran: string[] = [];
      const error = new Error('no');
      const { kit } = assemble(
        [
          feature('one', { hooks: { [name]: () => Promise.reject(error) } }),
          feature('two', { hooks: { [name]: () => void ran.push('two') } }),
        ],
        { hooks: { [name]: () => void ran.push('app') } },
      );
      expect(await failureOf(() => kit.hooks[name]({} as never))).to.equal(error);
      expect(ran).to.deep.equal([]);
    });
  }

  for (const [options, message] of [
    [
      { links: { passwordreset: 'https://x.example' } },
      'links.passwordreset: unknown option; did you mean links.passwordReset?',
    ],
    [{ templates: { resetPassword: () => {} } }, 'templates.resetPassword: unknown option'],
  ] as const) {
    it(`stops the start for ${message.split(':')[0]}, a mail that no feature sends`, () => {
      expect(expectStartRefused(() => assemble([passwordRecovery], options))).to.equal(
        `${message}; allowed: passwordReset`,
      );
    });
  }

  it('reads the time from the clock it is given, at every look', () => {
    let time = 0;
    const { kit } = assemble([], { clock: { now: () => time } });
    time = 1_000_000;
    expect(kit.now()).to.deep.equal(new Date(1_000_000));
  });
});
