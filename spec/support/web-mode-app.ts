import { randomUUID } from 'node:crypto';
import { parseCookie } from 'cookie';
import express, { type Request, type RequestHandler, type Response } from 'express';
import { serve } from './test-app.js';

/**
 * A stand-in for the kit's web mode, until the kit has one: what its contract says of cookies, for one user with the password
 * `right`, and nothing else. Take it away then.
 */
export async function createWebModeApp() {
  /** By access and by refresh token. */
  const sessions = new Map<string, { id: string; isExpired?: boolean }>();
  const tokensOf = (req: Request) => parseCookie(req.headers.cookie ?? '');
  const refuse = (res: Response, status: number, code: string, more = {}) =>
    void res.status(status).json({ type: 'about:blank', title: 'x', status, code, detail: code, ...more });

  const open = (res: Response, id: string) => {
    const [access, refresh] = [randomUUID(), randomUUID()];
    sessions.set(access, { id });
    sessions.set(refresh, { id });
    res.append('set-cookie', [`access=${access}; HttpOnly; Path=/`, `refresh=${refresh}; HttpOnly; Path=/`]);
  };
  const end = (id?: string) => {
    for (const [token, session] of sessions) if (session.id === id) sessions.delete(token);
  };
  const answer = (res: Response, more = {}) =>
    void res.json({ ...more, token_type: 'cookie', expires_in: 900 });
  const identify = (req: Request, res: Response) => {
    const { access = '', refresh = '' } = tokensOf(req);
    const session = sessions.get(access);
    if (session && !session.isExpired) return session.id;
    const renewed = sessions.get(refresh);
    if (renewed) open(res, renewed.id);
    return renewed?.id;
  };
  const guard: RequestHandler = (req, res, next) => {
    res.locals['session'] = identify(req, res);
    if (res.locals['session']) next();
    else refuse(res, 401, 'invalid_token');
  };

  const auth = express.Router().use(express.json());
  auth.use((req, res, next) => {
    const isPost = req.method === 'POST';
    if (isPost && req.headers['x-auth-mode'] !== 'cookies') refuse(res, 500, 'asked_for_no_cookies');
    else next();
  });
  auth.post('/token', (req, res) => {
    if (req.body.password === 'right, and more') {
      refuse(res, 403, 'second_factor_required', { challenge: 'handle', methods: ['totp'], expires_in: 600 });
    } else if (req.body.password === 'right') {
      open(res, randomUUID());
      answer(res);
    } else refuse(res, 401, 'invalid_credentials');
  });
  auth.post('/challenge', (_req, res) => {
    open(res, randomUUID());
    answer(res);
  });
  auth.post('/refresh', (req, res) => {
    const session = sessions.get(tokensOf(req)['refresh'] ?? '');
    if (!session) return refuse(res, 401, 'invalid_refresh_token');
    open(res, session.id);
    return answer(res);
  });
  auth.post('/logout', (req, res) => {
    const { access = '', refresh = '' } = tokensOf(req);
    end((sessions.get(access) ?? sessions.get(refresh))?.id);
    res.append('set-cookie', ['access=; Path=/; Max-Age=0', 'refresh=; Path=/; Max-Age=0']);
    res.status(204).end();
  });
  auth.get('/me', guard, (_req, res) => void res.json({ id: '1', email: 'ada@example.com' }));
  auth.post('/logout-all', guard, (_req, res) => {
    sessions.clear();
    res.status(204).end();
  });
  auth.post('/change-password', guard, (_req, res) => {
    end(res.locals['session']);
    open(res, randomUUID());
    answer(res, { message: 'Password changed successfully' });
  });

  const app = express().use('/auth', auth);
  app.get('/protected', guard, (_req, res) => void res.json({ user: 'ada@example.com' }));
  return { ...(await serve(app)), sessions };
}
