import { endLiveSession, endSessions } from '../accounts/end-sessions.js';
import { listSessions } from '../accounts/list-sessions.js';
import type { SessionAnswer } from '../config/answers.js';
import type { ListedSession } from '../config/session-info.js';
import { NotFound } from '../errors.js';
import { defineUserRoute } from '../http/route.js';
import { SESSION_LIST } from '../http/shapes.js';
import type { Feature } from '../kit.js';

/** `GET /sessions`: where one is signed in. `DELETE /sessions`: nowhere else any more; `DELETE /sessions/:id`: not there. */
export const sessions: Feature = {
  name: 'sessions',
  setup: (kit) => ({
    routes: [
      defineUserRoute({
        method: 'get',
        path: '/sessions',
        success: 200,
        answer: SESSION_LIST,
        async handle({ user, session }) {
          const listed = await listSessions(kit, user._id);
          const current = session._id.toString();
          return {
            body: listed
              .map(showSession)
              .map(({ id, ...each }) => ({ id, current: id === current, ...each })),
          };
        },
      }),
      defineUserRoute({
        method: 'delete',
        path: '/sessions',
        success: 204,
        async handle({ user, session, context }) {
          await endSessions(kit, user._id, { except: session._id.toString(), context });
          return {};
        },
      }),
      defineUserRoute({
        method: 'delete',
        path: '/sessions/:id',
        formPath: '/sessions/:id/end',
        success: 204,
        refusals: ['not_found'],
        async handle({ req, user, session, context }) {
          const id = String(req.params['id']);
          const ended = await endLiveSession(kit, user._id, id, { context });
          if (!ended) throw new NotFound({ message: 'no such session of this user' });
          return { signedOut: id === session._id.toString() };
        },
      }),
    ],
  }),
};

/** A session by the names that clients know, but for whether it is the current one. */
export function showSession({ id, device, ip, ...session }: ListedSession): Omit<SessionAnswer, 'current'> {
  return {
    id,
    device,
    ip,
    user_agent: session.userAgent,
    created_at: session.createdAt,
    last_used_at: session.lastUsedAt,
    expires_at: session.expiresAt,
  };
}
