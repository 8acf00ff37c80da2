import express, { type ErrorRequestHandler, type Request, Router } from 'express';
import { NotFound, ValidationFailed } from 'express-auth-kit';
import { type Auth, createActions } from './actions.js';
import { ADMIN } from './keep-an-admin.js';
import { listUsers, showUser } from './list-users.js';

/** A text that two people read as the same. */
const VISIBLE = /^[^\s\p{C}]([^\p{C}]*[^\s\p{C}])?$/u;

/** The admin's operations over HTTP: this says who may ask for them, and how. */
export function createAdmin({ requireRole, service }: Pick<Auth, 'requireRole' | 'service'>): Router {
  const actions = createActions({ service });
  /** As it is stored by now. */
  const show = async ({ params }: Request) => showUser(await actions.find(params.id));

  const users = Router();
  users.use(requireRole(ADMIN), (_req, res, next) => {
    res.set('Cache-Control', 'no-store');
    next();
  });

  users.get('/', async (req, res) => {
    res.json(await listUsers(req.query));
  });
  users.post('/:id/disable', async (req, res) => {
    await actions.disable(req.params.id, req);
    res.json(await show(req));
  });
  users.post('/:id/enable', async (req, res) => {
    await actions.enable(req.params.id, req);
    res.json(await show(req));
  });
  users.put('/:id/roles', express.json({ limit: '16kb' }), async (req, res) => {
    await actions.find(req.params.id);
    await actions.setRoles(req.params.id, readRoles(req.body), req);
    res.json(await show(req));
  });
  users.delete('/:id/sessions', async (req, res) => {
    await actions.endSessions(req.params.id, req);
    res.status(204).end();
  });

  users.use(refuseUndecodable);
  return users;
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
