import type { Request } from 'express';
import { type AuthRouter, NotFound, type UserOf } from 'express-auth-kit';
import type { User } from '../models/user.js';
import { ADMIN, keepAnAdmin } from './keep-an-admin.js';

export type Auth = Pick<AuthRouter<UserOf<typeof User>>, 'requireRole' | 'requireUserOr' | 'service'>;

/** What admins do to users, whoever asks for it: programs in JSON, people by the buttons of a page. */
export function createActions({ service }: Pick<Auth, 'service'>) {
  /** @throws NotFound (`not_found`, 404) */
  const find = async (id: unknown) => {
    const user = await service.findUser(String(id));
    if (!user) throw new NotFound();
    return user;
  };
  return {
    find,
    async disable(id: unknown, req: Request) {
      const user = await find(id);
      await keepAnAdmin(
        user,
        () => service.disableUser(user, originOf(req)),
        () => service.enableUser(user, originOf(req)),
      );
    },
    async enable(id: unknown, req: Request) {
      await service.enableUser(await find(id), originOf(req));
    },
    async setRoles(id: unknown, roles: string[], req: Request) {
      const user = await find(id);
      const before = [...user.roles];
      const set = () => service.setRoles(user, roles, originOf(req));
      if (roles.includes(ADMIN)) await set();
      else await keepAnAdmin(user, set, () => service.setRoles(user, before, originOf(req)));
    },
    async endSessions(id: unknown, req: Request) {
      await service.revokeSessions(await find(id), {}, originOf(req));
    },
  };
}

export type Actions = ReturnType<typeof createActions>;

/** For events and the audit trail: where the admin is. */
function originOf(req: Request) {
  return { ip: req.ip ?? null, userAgent: req.get('user-agent') ?? null };
}
