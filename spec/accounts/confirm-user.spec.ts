import bcrypt from 'bcrypt';
import { expect } from 'chai';
import { confirmUser } from '../../lib/accounts/confirm-user.js';
import type { AuthError } from '../../lib/errors.js';
import type { Kit } from '../../lib/kit.js';
import type { Session } from '../../lib/models/session-store.js';
import type { UserDocument } from '../../lib/models/user.js';
import { createPasswordHasher } from '../../lib/security/password-hash.js';
import { failureOf } from '../support/failure.js';
import { createTestStores, type TestStores } from '../support/test-stores.js';
import { watchCalls } from '../support/watch-calls.js';

const PASSWORD = 'correct horse battery';
const LOGIN = new Date('2030-01-01T00:00:00.000Z');
const later = (seconds: number) => new Date(LOGIN.getTime() + seconds * 1000);

describe('confirmUser', () => {
  let stores: TestStores;
  let kit: Kit;
  let now: Date;

  before(async () => {
    stores = await createTestStores();
    const hasher = createPasswordHasher({ cost: 4 });
    kit = { ...stores, limits: [], hasher, now: () => now } as Partial<Kit> as Kit;
  });
  after(() => stores.database.drop());
  beforeEach(() => {
    now = later(300);
  });

  async function signedIn(password?: string) {
    const user = await stores.addUser(password ? { password: await bcrypt.hash(password, 4) } : {});
    const session = { authTime: LOGIN, stamps: [user.securityStamp] } as Partial<Session> as Session;
    return { user, session };
  }
  const confirm = (who: { user: UserDocument; session: Session }, given: object = {}) =>
    confirmUser(kit, who, { operation: 'spec', context: { ip: null }, ...given });
  const codeOf = async (run: () => Promise<unknown>) => (await failureOf<AuthError>(run)).code;

  it('takes the password, however old the login is', async () => {
    const who = await signedIn(PASSWORD);
    now = later(86_400);
    const user = await confirm(who, { password: PASSWORD });
    expect([user._id, user.securityStamp]).to.deep.equal([who.user._id, who.session.stamps[0]]);
  });

  it('takes a recent login in its place, without a hash', async () => {
    for (const who of [await signedIn(PASSWORD), await signedIn()]) {
      for (const password of [undefined, null]) {
        const watch = watchCalls(bcrypt, 'compare');
        try {
          expect((await confirm(who, { password }))._id).to.deep.equal(who.user._id);
        } finally {
          watch.restore();
        }
        expect(watch.calls).to.deep.equal([]);
      }
    }
  });

  it('takes no login that is older than five minutes', async () => {
    now = later(301);
    for (const who of [await signedIn(PASSWORD), await signedIn()]) {
      expect(await codeOf(() => confirm(who))).to.equal('insufficient_user_authentication');
    }
    // Whatever is given for a password that there is not.
    const without = await signedIn();
    expect(await codeOf(() => confirm(without, { password: PASSWORD }))).to.equal(
      'insufficient_user_authentication',
    );
  });

  it('takes no wrong password, however recent the login', async () => {
    const who = await signedIn(PASSWORD);
    expect(await codeOf(() => confirm(who, { password: `${PASSWORD}!` }))).to.equal('wrong_password');
  });

  it('takes the login of no session that has ended meanwhile: it was another’s (hold 42)', async () => {
    const endings: ((user: UserDocument) => Promise<unknown>)[] = [
      ({ _id }) => stores.users.changePassword(_id, { passwordHash: bcrypt.hashSync('x', 4), stamp: 'new' }),
      ({ _id }) => stores.users.setStamp(_id, 'new'),
      ({ _id }) => stores.users.disable(_id, now, 'new'),
      ({ _id }) => stores.users.remove(_id),
    ];
    for (const end of endings) {
      const who = await signedIn();
      await end(who.user);
      expect(await codeOf(() => confirm(who))).to.equal('invalid_token');
    }
  });
});
