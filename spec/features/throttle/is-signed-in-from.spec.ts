import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import type { Kit } from 'express-auth-kit/feature';
import { Schema } from 'mongoose';
import { isSignedInFrom } from '../../../lib/features/throttle/is-signed-in-from.js';
import { stampOf } from '../../../lib/models/security-stamp.js';
import { draftSession } from '../../../lib/models/session-store.js';
import { recordCommands } from '../../support/commands.js';
import { createTestApp, type TestApp } from '../../support/test-app.js';
import { createTestStores } from '../../support/test-stores.js';

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
    // Nor is it one whose sessions were ended and not cleared away.
    await app.User.updateOne({ _id: user }, { securityStamp: 'another' });
    expect(await shapes(null)).to.deep.equal(await shapes(user));
  });

  for (const [name, type, one] of [
    ['String', String, 'ada'],
    ['Number', Number, 0],
    ['UUID', Schema.Types.UUID, randomUUID()],
    ['BigInt', Schema.Types.BigInt, 1n],
    ['Decimal128', Schema.Types.Decimal128, '1.5'],
  ] as const) {
    it(`asks the same of who is not there, and finds nobody, where ids are of the type ${name} (hold 16)`, async () => {
      const of = await createTestStores({ fields: { _id: type as never } });
      try {
        const owner = await of.addUser({ fields: { _id: one } });
        const [now, ip] = [new Date('2030-01-01'), '192.0.2.1'];
        const opening = { proofs: [], now, expiresAt: new Date('2031-01-01'), ip, userAgent: null };
        await of.sessions.create(draftSession({ user: owner._id, stamp: stampOf(owner), ...opening }));
        const ask = async (user: string | null) => {
          let isHome: boolean | undefined;
          const asked = await recordCommands(of.database.connection, async () => {
            isHome = await isSignedInFrom({ ...of, now: () => now }, { user, ip });
          });
          return { isHome, asked: asked.map((each) => `${each.name} ${each.collection}`).sort() };
        };
        const known = await ask(String(owner._id));
        expect(known.isHome).to.equal(true);
        expect(await ask(null)).to.deep.equal({ ...known, isHome: false });
      } finally {
        await of.database.drop();
      }
    });
  }
});
