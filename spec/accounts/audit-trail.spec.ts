import { expect } from 'chai';
import { failureOf } from '../support/failure.js';
import { createTestApp, type TestApp } from '../support/test-app.js';

describe('readAuditTrail, by the service', () => {
  let app: TestApp;

  before(async () => {
    app = await createTestApp({ audit: 1 });
  });
  after(() => app.close());

  it('goes on where a page has ended', async () => {
    const user = await app.register();
    for (let count = 0; count < 5; count += 1) await app.login(user);
    const { service } = app.auth;
    const all = await service.auditTrail(user.id);
    expect(all).to.have.length(6);
    const first = await service.auditTrail({ _id: user.id }, { limit: 4 });
    const next = await service.auditTrail(user.id, { before: first.at(-1)?.id ?? '', limit: 4 });
    expect([...first, ...next]).to.deep.equal(all);
    expect(await service.auditTrail(user.id, { before: all[0]?.at ?? new Date() })).to.deep.equal([]);
  });

  it('names what it is given wrong', async () => {
    const wrong: [object, RegExp][] = [
      [{ limit: 0 }, /^auditTrail limit: 0 given; allowed: a whole number from 1 to 1000$/],
      [{ limit: 1001 }, /^auditTrail limit: 1001 given/],
      [{ before: 5 }, /^auditTrail before: 5 given; allowed: a Date, or the id of an entry$/],
      [{ before: new Date('x') }, /^auditTrail before: /],
    ];
    for (const [options, message] of wrong) {
      const error = await failureOf<TypeError>(() => app.auth.service.auditTrail('x', options));
      expect(error).to.be.instanceOf(TypeError);
      expect(error.message).to.match(message);
    }
  });

  it('has nothing of an id that is nobody’s', async () => {
    for (const id of ['x', '$where', '0'.repeat(24)]) {
      expect(await app.auth.service.auditTrail(id)).to.deep.equal([]);
    }
  });
});
