import { endLiveSession, endSessions } from '../accounts/end-sessions.js';
import { listSessions } from '../accounts/list-sessions.js';
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
          const body = listed.map(({ id, device, ip, ...each }) => ({
            id,
            current: id === session._id.toString(),
            device,
            ip,
            user_agent: each.userAgent,
            created_at: each.createdAt,
            last_used_at: each.lastUsedAt,
            expires_at: each.expiresAt,
          }));
          return { body };
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
        success: 204,
        refusals: ['not_found'],
        async handle({ req, user, context }) {
          const ended = await endLiveSession(kit, user._id, String(req.params['id']), { context });
          if (!ended) throw new NotFound({ message: 'no such session of this user' });
          return {};
        },
      }),
    ],
  }),
};
