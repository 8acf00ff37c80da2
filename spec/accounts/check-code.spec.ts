import { expect } from 'chai';
import { AuthError, Unavailable } from 'express-auth-kit';
import {
  type Attempt,
  addWayIn,
  checkCode,
  type Feature,
  type Kit,
  type UserDocument,
} from 'express-auth-kit/feature';
import { methods } from '../own-features/methods.js';
import { expectUnavailable } from '../support/failure.js';
import { createTestApp, type TestApp } from '../support/test-app.js';

describe('checkCode', () => {
  let app: TestApp;
  let kit: Kit;
  let user: UserDocument;
  let told: [Attempt, string][] = [];
  let verify: () => Promise<boolean | { kinds: ['device', 'knowledge']; amr: string[] }>;

  before(async () => {
    const counting: Feature = {
      name: 'counting',
      setup: () => ({
        limits: {
          before: async ({ operation }) => (operation === 'limited' ? 'refuse' : undefined),
          after: async (attempt, outcome) => void told.push([attempt, outcome]),
        },
      }),
    };
    const own = methods({ key: { amr: 'hwk', verify: () => verify() }, other: {} }, (given) => {
      kit = given;
    });
    app = await createTestApp({ features: [own, counting] });
    const { id } = await app.register();
    await addWayIn(kit, id, { method: 'key', id: 'one' });
    user = (await kit.users.findById(id, { withCredentials: true })) as UserDocument;
  });
  after(() => app.close());
  beforeEach(() => {
    told = [];
    verify = async () => true;
  });

  const check = (method = 'key', operation = 'spec') =>
    checkCode(kit, user, operation, { method, input: {}, context: { ip: '192.0.2.1' } });
  const outcomes = () => told.map(([, outcome]) => outcome);

  it('gives a proof of the method’s kind, within the limits', async () => {
    const at = new Date(app.clock.now());
    expect(await check()).to.deep.equal({ method: 'key', kinds: ['device'], amr: ['hwk'], at });
    const attempt = { operation: 'spec', kind: 'code', user: user.id, name: null, ip: '192.0.2.1' };
    expect(told).to.deep.equal([[attempt, 'succeeded']]);
  });

  it('gives what was proved, where the method says it', async () => {
    verify = async () => ({ kinds: ['device', 'knowledge'], amr: ['swk', 'user'] });
    expect(await check()).to.deep.include({ kinds: ['device', 'knowledge'], amr: ['swk', 'user'] });
  });

  it('gives none for what is wrong, nor where the method throws, and counts it (hold 91)', async () => {
    verify = async () => false;
    expect(await check()).to.equal(undefined);
    for (const error of [
      new TypeError('odd input'),
      new AuthError({ status: 401, code: 'invalid_passkey', detail: 'No.' }),
    ]) {
      verify = () => Promise.reject(error);
      expect(await check()).to.equal(undefined);
    }
    expect(outcomes()).to.deep.equal(['failed', 'failed', 'failed']);
  });

  it('asks no method that the limits refuse', async () => {
    let asked = false;
    verify = async () => {
      asked = true;
      return true;
    };
    expect([await check('key', 'limited'), asked]).to.deep.equal([undefined, false]);
    expect(outcomes()).to.deep.equal(['failed']);
  });

  it('gives none by a method that is not set up, or that there is not', async () => {
    expect([await check('other'), await check('nothing')]).to.deep.equal([undefined, undefined]);
  });

  it('says that the database is away, and counts no guess', async () => {
    verify = () => Promise.reject(new Unavailable());
    await expectUnavailable(() => check());
    expect(outcomes()).to.deep.equal(['abandoned']);
  });
});
