import { InvalidRefreshToken } from '../../errors.js';
import { signInContext } from '../../http/sign-in-context.js';
import { requiredString } from '../../http/validation.js';
import { isAlive } from '../../models/security-stamp.js';
import { issuePair } from '../../sign-in.js';
import type { Grant } from './grant.js';

/**
 * A refresh token against a new pair. RFC 9700 section 4.14.2: each is used once, and an old one coming back ends the
 * session; the immediate predecessor is forgiven for a few seconds, for second tabs and lost answers.
 */
export const refreshGrant: Grant<{ refresh_token: string }> = {
  rules: { refresh_token: requiredString('The refresh token') },

  async exchange(kit, { req, input }) {
    const claims = await kit.tokenReader.readRefresh(input.refresh_token);
    const user = await kit.users.findById(claims.sub);
    if (!user || user.disabledAt) throw new InvalidRefreshToken({ message: 'no such user, or disabled' });

    const { refreshGraceMs } = kit.settings;
    const presented = { generation: claims.gen, now: kit.now(), graceMs: refreshGraceMs };
    const rotation = await kit.sessions.rotate(user._id, claims.sid, presented);
    if (rotation.outcome === 'refused') throw new InvalidRefreshToken({ message: 'the session is over' });
    if (rotation.outcome === 'replayed') {
      const event = { userId: claims.sub, sessionId: claims.sid, ...signInContext(req) };
      kit.events.emit('session.replayed', event);
      throw new InvalidRefreshToken({ message: 'an old refresh token was presented; the session was ended' });
    }
    // A session made under credentials that have changed since is over, whatever generation it has; but the one that
    // changed them goes on, and may have been told so after the user was loaded.
    const current = isAlive(user, rotation.session) ? user : await kit.users.findById(user._id);
    if (!current || !isAlive(current, rotation.session))
      throw new InvalidRefreshToken({ message: 'the credentials have changed' });
    return issuePair(kit, current, rotation.session);
  },
};
