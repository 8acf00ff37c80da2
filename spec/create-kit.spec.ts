import { randomBytes } from 'node:crypto';
import { expect } from 'chai';
import { Strategy } from 'passport';
import { HOOKS } from '../lib/config/options.js';
import { resolveOptions } from '../lib/config/resolve-options.js';
import { createKit } from '../lib/create-kit.js';
import type { Feature } from '../lib/kit.js';
import { BaseUser } from '../lib/models/base-user.js';
import { failureOf } from './support/failure.js';

describe('createKit', () => {
  const secretKey = randomBytes(32).toString('base64');
  const create = (features: Feature[], options: object = {}) =>
    createKit(resolveOptions({ secretKey, ...options }, {}), BaseUser, features);
  const named = (name: string, strategy: string): Feature => ({
    name,
    strategies: () => ({
      [strategy]: new (class extends Strategy {
        override authenticate() {
          this.success({ by: name } as never);
        }
      })(),
    }),
  });

  it('lets every feature register its strategies', async () => {
    const { authenticator } = create([named('one', 'a'), named('two', 'b')]);
    const ask = (name: string) => authenticator.authenticate(name, { headers: {} });
    expect(await ask('a')).to.deep.equal({ user: { by: 'one' } });
    expect(await ask('b')).to.deep.equal({ user: { by: 'two' } });
  });

  it('refuses two features that claim one strategy, the kit\u2019s own included', () => {
    const message = (name: string) => `two features claim the strategy ${name}`;
    expect(() => create([named('one', 'a'), named('two', 'a')])).to.throw(message('a'));
    expect(() => create([named('one', 'jwt')])).to.throw(message('jwt'));
  });

  for (const name of HOOKS) {
    it(`runs the hooks ${name} in the order of the features, each awaited, then the app\u2019s`, async () => {
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
        { name: 'one', hooks: () => hooks('one') },
        { name: 'none' },
        { name: 'two', hooks: () => hooks('two') },
      ];
      const kit = create(features, { hooks: hooks('app') });
      await kit.hooks[name](given);
      expect(ran).to.deep.equal(['one', 'two', 'app'].flatMap((who) => [`${who} begins`, `${who} ends`]));
    });

    it(`runs no further hook ${name} after one that throws`, async () => {
      const ran: string[] = [];
      const error = new Error('no');
      const kit = create(
        [
          { name: 'one', hooks: () => ({ [name]: () => Promise.reject(error) }) },
          { name: 'two', hooks: () => ({ [name]: () => void ran.push('two') }) },
        ],
        { hooks: { [name]: () => void ran.push('app') } },
      );
      expect(await failureOf(() => kit.hooks[name]({} as never))).to.equal(error);
      expect(ran).to.deep.equal([]);
    });
  }

  it('takes templates of the app one by one', async () => {
    const own = () => ({ subject: 'own', text: '', html: '' });
    expect(create([], { templates: { passwordReset: own } }).templates.passwordReset).to.equal(own);
    const mail = {
      user: { email: 'a@example.com', name: null, displayName: 'a' },
      url: 'https://x',
      expiresInMinutes: 30,
    };
    expect((await create([]).templates.passwordReset(mail)).subject).to.equal('Reset your password');
  });

  it('reads the time from the clock it is given, at every look', () => {
    let time = 0;
    const { now } = create([], { clock: { now: () => time } });
    time = 1_000_000;
    expect(now()).to.deep.equal(new Date(1_000_000));
  });
});
