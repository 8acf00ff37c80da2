import { expect } from 'chai';
import { type AuthHooks, HOOKS, NO_REQUEST } from '../../lib/config/hooks.js';
import { combineHooks } from '../../lib/core/hooks.js';
import type { UserDocument } from '../../lib/models/user.js';
import { failureOf } from '../support/failure.js';

type AnyHooks = AuthHooks<UserDocument>;
const EVENT = { user: {} } as never;

describe('combineHooks', () => {
  let ran: string[];
  beforeEach(() => {
    ran = [];
  });

  const noting = (name: keyof AnyHooks, who: string): AnyHooks => ({
    async [name]() {
      ran.push(`${who} begins`);
      await new Promise(setImmediate);
      ran.push(`${who} ends`);
    },
  });

  it('has every hook, whoever has any', () => {
    expect(Object.keys(combineHooks([]))).to.deep.equal([...HOOKS, 'has']);
  });

  it('tells which hooks anybody has, those added since too', () => {
    const all: AnyHooks[] = [{ afterRegister: () => {} }, { beforeDelete: undefined }];
    const hooks = combineHooks(all);
    const had = () => HOOKS.filter((name) => hooks.has(name));
    expect(had()).to.deep.equal(['afterRegister']);
    all.push({ beforeRefresh: () => {} });
    expect(had()).to.deep.equal(['afterRegister', 'beforeRefresh']);
  });

  for (const name of HOOKS) {
    it(`runs ${name} of each in order, and each is over before the next begins`, async () => {
      await combineHooks([noting(name, 'one'), {}, noting(name, 'two')])[name](EVENT);
      expect(ran).to.deep.equal(['one begins', 'one ends', 'two begins', 'two ends']);
    });

    it(`runs no other hook for ${name}`, async () => {
      const others = HOOKS.filter((each) => each !== name).map((each) => noting(each, each));
      await combineHooks(others)[name](EVENT);
      expect(ran).to.deep.equal([]);
    });

    for (const [how, failing] of [
      [
        'throws',
        () => {
          throw new Error('no');
        },
      ],
      ['rejects', () => Promise.reject(new Error('no'))],
    ] as const) {
      it(`stops ${name} at the first that ${how}, with its error`, async () => {
        const hooks = combineHooks([noting(name, 'one'), { [name]: failing }, noting(name, 'three')]);
        const error = await failureOf(() => hooks[name](EVENT));
        expect(error.message).to.equal('no');
        expect(ran).to.deep.equal(['one begins', 'one ends']);
      });
    }
  }

  it('gives every hook the event itself', async () => {
    const given: unknown[] = [];
    const event = { user: {} as UserDocument, context: NO_REQUEST };
    const hooks: AnyHooks = { afterRegister: (each) => void given.push(each) };
    await combineHooks([hooks, hooks]).afterRegister(event);
    expect(given.map((each) => each === event)).to.deep.equal([true, true]);
  });

  it('calls a hook on the object that has it', async () => {
    class Welcome implements AnyHooks {
      greeting = 'hello';
      afterRegister() {
        ran.push(this.greeting);
      }
    }
    await combineHooks([new Welcome()]).afterRegister(EVENT);
    expect(ran).to.deep.equal(['hello']);
  });

  it('runs those that were added since', async () => {
    const all = [noting('afterRegister', 'one')];
    const hooks = combineHooks(all);
    all.push(noting('afterRegister', 'late'));
    await hooks.afterRegister(EVENT);
    expect(ran).to.deep.equal(['one begins', 'one ends', 'late begins', 'late ends']);
  });
});
