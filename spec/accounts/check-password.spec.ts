import bcrypt from 'bcrypt';
import { expect } from 'chai';
import { confirmPassword } from '../../lib/accounts/check-password.js';
import { WrongPassword } from '../../lib/errors.js';
import type { Kit } from '../../lib/kit.js';
import { createPasswordHasher } from '../../lib/security/password-hash.js';
import { failureOf } from '../support/failure.js';
import { createTestStores, type TestStores } from '../support/test-stores.js';
import { watchCalls } from '../support/watch-calls.js';

const context = { ip: null };
const PASSWORD = 'correct horse battery';

describe('confirmPassword', () => {
  let stores: TestStores;
  let kit: Kit;

  before(async () => {
    stores = await createTestStores();
    kit = { ...stores, limits: [], hasher: createPasswordHasher({ cost: 4 }) } as Partial<Kit> as Kit;
  });
  after(() => stores.database.drop());

  it('gives the user with the credentials that the password was right for', async () => {
    const { _id, securityStamp } = await stores.addUser({ password: await bcrypt.hash(PASSWORD, 4) });
    const user = await confirmPassword(kit, _id, 'spec', { password: PASSWORD, context });
    expect(user._id).to.deep.equal(_id);
    expect(user.securityStamp).to.equal(securityStamp);
  });

  it('refuses, at the cost of one hash, a wrong password and who has none or is gone', async () => {
    const known = await stores.addUser({ password: await bcrypt.hash(PASSWORD, 4) });
    const gone = await stores.addUser({ password: await bcrypt.hash(PASSWORD, 4) });
    await stores.users.remove(gone._id);
    const refused: [id: unknown, password: string][] = [
      [known._id, `${PASSWORD}!`],
      [(await stores.addUser())._id, PASSWORD],
      [gone._id, PASSWORD],
    ];
    for (const [id, password] of refused) {
      const watch = watchCalls(bcrypt, 'compare');
      try {
        const error = await failureOf<WrongPassword>(() =>
          confirmPassword(kit, id, 'spec', { password, context }),
        );
        expect(error).to.be.an.instanceOf(WrongPassword);
        expect(error).to.include({
          status: 400,
          code: 'wrong_password',
          detail: 'Current password is incorrect',
        });
      } finally {
        watch.restore();
      }
      expect(watch.calls).to.have.length(1);
    }
  });
});
