import { expect } from 'chai';
import { sessionInfo } from '../../lib/models/session-info.js';
import { draftSession } from '../../lib/models/session-store.js';

describe('sessionInfo', () => {
  it('shows a session without what only the kit goes by: stamps, proofs, generation', () => {
    const [now, authTime, expiresAt] = [1_000_000, 500_000, 2_000_000].map((ms) => new Date(ms)) as [
      Date,
      Date,
      Date,
    ];
    const proofs = [
      { method: 'password', kinds: ['knowledge'], amr: ['pwd'], at: authTime },
      { method: 'totp', kinds: ['device'], amr: ['otp'], at: authTime },
    ] as const;
    const where = { ip: '203.0.113.7', userAgent: 'UA' };
    const session = draftSession({ user: 'u1', stamp: 'secret', proofs, now, authTime, expiresAt, ...where });
    expect(sessionInfo(session)).to.deep.equal({
      id: String(session._id),
      amr: ['pwd', 'otp', 'mfa'],
      authTime,
      createdAt: now,
      lastUsedAt: now,
      expiresAt,
      ...where,
    });
  });
});
