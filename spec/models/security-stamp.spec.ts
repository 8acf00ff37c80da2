import { expect } from 'chai';
import { createStamp, isAlive, passwordStampOf, stampOf } from '../../lib/models/security-stamp.js';
import type { Session } from '../../lib/models/session-store.js';
import type { UserDocument } from '../../lib/models/user.js';

describe('a stamp', () => {
  it('is 96 random bits, another each time', () => {
    const stamps = Array.from({ length: 1000 }, createStamp);
    expect(new Set(stamps).size).to.equal(1000);
    for (const stamp of stamps) expect(stamp).to.match(/^[\w-]{16}$/);
  });

  it('is empty for who has none', () => {
    for (const user of [{}, { securityStamp: null, passwordStamp: null }] as UserDocument[]) {
      expect([stampOf(user), passwordStampOf(user)]).to.deep.equal(['', '']);
    }
    const user = { securityStamp: 's', passwordStamp: 'p' } as UserDocument;
    expect([stampOf(user), passwordStampOf(user)]).to.deep.equal(['s', 'p']);
  });

  it('lets a session live that was made under it, of a user who is not disabled (holds 40, 41)', () => {
    const alive = (user: object, stamps: string[]) => isAlive(user as UserDocument, { stamps } as Session);
    expect(alive({ securityStamp: 's' }, ['s'])).to.equal(true);
    expect(alive({ securityStamp: 's' }, ['r', 's'])).to.equal(true);
    expect(alive({}, [''])).to.equal(true);
    expect(alive({ securityStamp: 's' }, ['r'])).to.equal(false);
    expect(alive({ securityStamp: 's' }, [''])).to.equal(false);
    expect(alive({}, ['s'])).to.equal(false);
    expect(alive({ securityStamp: 's', disabledAt: new Date() }, ['s'])).to.equal(false);
  });
});
