import { expect } from 'chai';
import { findUser } from '../../lib/accounts/find-user.js';
import type { Feature, Kit } from '../../lib/kit.js';
import { hasCredentials } from '../../lib/models/conceal-credentials.js';
import { createTestApp, type TestApp } from '../support/test-app.js';

/** `spec/create-service.spec.ts` says the rest, as an app asks. */
describe('findUser', () => {
  let app: TestApp;
  let kit: Kit;

  before(async () => {
    const feature: Feature = {
      name: 'kit',
      setup(own) {
        kit = own;
        return {};
      },
    };
    app = await createTestApp({ features: [feature] });
  });
  after(() => app.close());

  it('finds by id and by address, and gives nothing that signs anybody in', async () => {
    const { id, email } = await app.register();
    for (const by of [{ id }, { email: ` ${email.toUpperCase()}` }]) {
      const user = await findUser(kit, by);
      expect(user?.id).to.equal(id);
      expect(user && hasCredentials(user)).to.equal(false);
      expect(user?.toObject()).to.not.have.any.keys('password', 'securityStamp', 'passwordStamp', 'waysIn');
    }
  });

  it('finds nobody where there is nobody', async () => {
    for (const by of [{ id: 'f'.repeat(24) }, { id: 'no id' }, { email: 'nobody@example.com' }]) {
      expect(await findUser(kit, by)).to.equal(undefined);
    }
  });
});
