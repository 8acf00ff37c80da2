import express, { type ErrorRequestHandler, type Request, Router } from 'express';
import { type AuthRouter, NotFound, type UserOf, ValidationFailed } from 'express-auth-kit';
import type { User } from '../models/user.js';
import { ADMIN, keepAnAdmin } from './keep-an-admin.js';
import { listUsers, showUser } from './list-users.js';

/** A text that two people read as the same. */
const VISIBLE = /^[^\s\p{C}]([^\p{C}]*[^\s\p{C}])?$/u;

type Auth = Pick<AuthRouter<UserOf<typeof User>>, 'requireRole' | 'service'>;

/** What admins do to users, over HTTP. The work is the service's: this says who may ask for it, and how. */
export function createAdmin({ requireRole, service }: Auth): Router {
  const find = async ({ params }: Request) => {
    const user = await service.findUser(String(params.id));
    if (!user) throw new NotFound();
    return user;
  };
  /** As it is stored by now. */
  const show = async (req: Request) => showUser(await find(req));

  const users = Router();
  users.use(requireRole(ADMIN), (_req, res, next) => {
    res.set('Cache-Control', 'no-store');
    next();
  });

  users.get('/', async (req, res) => {
    res.json(await listUsers(req.query));
  });
  users.post('/:id/disable', async (req, res) => {
    const user = await find(req);
    await keepAnAdmin(
      user,
      () => service.disableUser(user, originOf(req)),
      () => service.enableUser(user, originOf(req)),
    );
    res.json(await show(req));
  });
  users.post('/:id/enable', async (req, res) => {
    await service.enableUser(await find(req), originOf(req));
    res.json(await show(req));
  });
  users.put('/:id/roles', express.json({ limit: '16kb' }), async (req, res) => {
    const user = await find(req);
    const [before, roles] = [[...user.roles], readRoles(req.body)];
    const set = () => service.setRoles(user, roles, originOf(req));
    if (roles.includes(ADMIN)) await set();
    else await keepAnAdmin(user, set, () => service.setRoles(user, before, originOf(req)));
    res.json(await show(req));
  });
  users.delete('/:id/sessions', async (req, res) => {
    await service.revokeSessions(await find(req), {}, originOf(req));
    res.status(204).end();
  });

  users.use(refuseUndecodable);
  return users;
}

/** For events and the audit trail: where the admin is. */
function originOf(req: Request) {
  return { ip: req.ip ?? null, userAgent: req.get('user-agent') ?? null };
}

/** @throws ValidationFailed (`validation_failed`, 422) */
function readRoles(body: unknown): string[] {
  const roles: unknown = body instanceof Object && 'roles' in body ? body.roles : undefined;
  const isRole = (role: unknown) => typeof role === 'string' && VISIBLE.test(role);
  if (Array.isArray(roles) && roles.every(isRole)) return [...new Set(roles)];
  const detail = 'The roles must be a list of texts, without blanks around them and what cannot be seen.';
  throw new ValidationFailed([{ code: 'invalid', detail, pointer: '#/roles' }]);
}

/** An id that cannot be decoded (`%E0%A4%A`) is nobody's. */
const refuseUndecodable: ErrorRequestHandler = (error, _req, _res, next) => {
  next(error instanceof URIError ? new NotFound({ cause: error }) : error);
};
