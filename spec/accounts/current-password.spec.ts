import { expect } from 'chai';
import { requirePasswordOf } from '../../lib/accounts/current-password.js';
import type { Core } from '../../lib/core/core.js';
import type { ValidationFailed } from '../../lib/errors.js';
import { failureOf } from '../support/failure.js';
import { createTestStores, type TestStores } from '../support/test-stores.js';

describe('requirePasswordOf', () => {
  let stores: TestStores;

  before(async () => {
    stores = await createTestStores();
  });
  after(() => stores.database.drop());

  const ask = (id: unknown, given?: string | null) =>
    requirePasswordOf(stores as Partial<Core> as Core, id as never, given, {
      field: 'pin',
      label: 'The pin',
    });

  it('asks who has a password, and nobody else', async () => {
    const { _id } = await stores.addUser({ password: `$2b$04$${'a'.repeat(53)}` });
    const missing = { code: 'required', detail: 'The pin is required.', pointer: '#/pin' };
    for (const given of [undefined, null]) {
      const { errors } = await failureOf<ValidationFailed>(() => ask(_id, given));
      expect(errors).to.deep.equal([missing]);
    }
    // Whether it is right is asked elsewhere.
    await ask(_id, 'anything');
    const without = await stores.addUser();
    await ask(without._id);
  });
});
