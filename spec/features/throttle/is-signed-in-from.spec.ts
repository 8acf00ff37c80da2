import { expect } from 'chai';
import type { Kit } from 'express-auth-kit/feature';
import { isSignedInFrom } from '../../../lib/features/throttle/is-signed-in-from.js';
import { recordCommands } from '../../support/commands.js';
import { createTestApp, type TestApp } from '../../support/test-app.js';

describe('whether an account is signed in from somewhere', () => {
  let app: TestApp;
  let kit: Kit;
  before(async () => {
    const watching = {
      name: 'watching',
      setup(own: Kit) {
        kit = own;
        return {};
      },
    };
    app = await createTestApp({ features: [watching] });
  });
  after(() => app.close());

  const signedUp = async (...ips: string[]) => {
    const { id } = await app.register();
    for (const ip of ips) await app.auth.service.issueTokens(id, { ip });
    return id;
  };

  it('goes by the network of its sessions', async () => {
    const user = await signedUp('192.0.2.1', '2001:db8:1:2::3');
    for (const [ip, isHome] of [
      ['192.0.2.1', true],
      ['192.0.2.2', false],
      ['2001:db8:1:2:9::9', true],
      ['2001:db8:1:3::3', false],
      [null, false],
    ] as const)
      expect(await isSignedInFrom(kit, { user, ip }), `${ip}`).to.equal(isHome);
  });

  it('knows no session that is over: ended, expired, or of other credentials', async () => {
    const ip = '192.0.2.1';
    const ended = await signedUp(ip);
    await app.auth.service.revokeSessions(ended);
    expect(await isSignedInFrom(kit, { user: ended, ip })).to.equal(false);
    const expired = await signedUp(ip);
    app.clock.advance(30 * 86_400_000);
    expect(await isSignedInFrom(kit, { user: expired, ip })).to.equal(false);
    const disabled = await signedUp(ip);
    await app.User.updateOne({ _id: disabled }, { securityStamp: 'another' });
    expect(await isSignedInFrom(kit, { user: disabled, ip })).to.equal(false);
  });

  it('asks the same of who is not there: nobody is told by the time who is (hold 16)', async () => {
    const user = await signedUp('192.0.2.1');
    const asked = (who: string | null) =>
      recordCommands(app.connection, async () => {
        await isSignedInFrom(kit, { user: who, ip: '192.0.2.9' });
      });
    const shapes = async (who: string | null) =>
      (await asked(who)).map(({ name, collection }) => `${name} ${collection}`).sort();
    expect(await shapes(null)).to.deep.equal(await shapes(user));
  });
});
