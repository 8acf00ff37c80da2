import jwt from 'jsonwebtoken';
import type { Response } from 'supertest';
import { bearer, PASSWORD } from '../support/test-app.js';
import { CODE, type FlowSteps, NEW_PASSWORD } from './flow-steps.js';

/** Sends a request to a path of a row, with all that it needs. */
export type Ask = (path: string) => Promise<Response>;

/** Of every row, by its name: requests that it grants, each of another form. */
export function grantedFlows(steps: FlowSteps): Record<string, Ask[]> {
  const { app, address, post, form, signedIn, verifyToken, emailChange, resetToken, challenge } = steps;
  return {
    'POST /register': [
      (path) => post(path, { email: address(), password: PASSWORD }),
      (path) => post(path, { email: address(), password: PASSWORD, name: 'Ada Lovelace', phone: '1' }),
      (path) => post(path, { email: address(), password: PASSWORD, name: null }),
    ],
    'POST /token': [
      async (path) => post(path, { username: (await app.register()).email, password: PASSWORD }),
      async (path) => post(path, { email: (await app.register()).email, password: PASSWORD }),
    ],
    'POST /token (form)': [
      async (path) => {
        const { email: username, password } = await app.register();
        return form(path, { grant_type: 'password', username, password });
      },
      async (path) => {
        const { refresh_token } = await app.signUp();
        return form(path, { grant_type: 'refresh_token', refresh_token });
      },
    ],
    'POST /refresh': [async (path) => post(path, { refresh_token: (await app.signUp()).refresh_token })],
    'POST /logout': [
      async (path) => post(path, { refresh_token: (await app.signUp()).refresh_token }),
      async (path) => post(path).set(await signedIn()),
      (path) => app.http.post(`/auth${path}`),
    ],
    'POST /logout-all': [async (path) => app.http.post(`/auth${path}`).set(await signedIn())],
    'GET /sessions': [
      async (path) => app.http.get(`/auth${path}`).set(await signedIn()),
      async (path) => {
        const user = await app.register();
        const body = { username: user.email, password: PASSWORD, device_name: 'Till 3' };
        await post('/token', body).unset('user-agent').expect(200);
        return app.http.get(`/auth${path}`).set(bearer((await app.login(user)).access_token));
      },
    ],
    'DELETE /sessions': [async (path) => app.http.delete(`/auth${path}`).set(await signedIn())],
    'DELETE /sessions/:id': [
      async (path) => {
        const { access_token } = await app.signUp();
        const { sid } = jwt.decode(access_token) as jwt.JwtPayload;
        return app.http.delete(`/auth${path.replace(':id', sid)}`).set(bearer(access_token));
      },
    ],
    'POST /forgot-password': [
      async (path) => post(path, { email: (await app.register()).email }),
      (path) => post(path, { email: address('nobody') }),
    ],
    'POST /forgot-password/validate': [async (path) => post(path, { token: await resetToken() })],
    'POST /reset-password': [
      async (path) => post(path, { token: await resetToken(), password: NEW_PASSWORD }),
    ],
    'POST /verify-email': [async (path) => post(path, { token: await verifyToken() })],
    'POST /verify-email/resend': [
      async (path) => post(path, { email: (await app.register()).email }),
      (path) => post(path, { email: address('nobody') }),
    ],
    'POST /change-password': [
      async (path) => {
        const body = { current_password: PASSWORD, new_password: NEW_PASSWORD };
        return post(path, body).set(await signedIn());
      },
    ],
    'POST /change-email': [
      async (path) => post(path, { email: address(), password: PASSWORD }).set(await signedIn()),
    ],
    'POST /change-email/confirm': [async (path) => post(path, { token: (await emailChange()).confirm })],
    'POST /change-email/undo': [async (path) => post(path, { token: (await emailChange()).undo })],
    'POST /confirm': [async (path) => post(path, { password: PASSWORD }).set(await signedIn())],
    'GET /me': [async (path) => app.http.get(`/auth${path}`).set(await signedIn())],
    'PATCH /me': [
      async (path) =>
        app.http
          .patch(`/auth${path}`)
          .set(await signedIn())
          .send({ name: 'Ada' }),
    ],
    'DELETE /me': [
      async (path) => app.http.delete(`/auth${path}`).set(await signedIn()),
      async (path) =>
        app.http
          .delete(`/auth${path}`)
          .set(await signedIn())
          .send({ password: PASSWORD }),
    ],
    'GET /.well-known/jwks.json': [(path) => app.http.get(`/auth${path}`)],
    'POST /challenge': [
      async (path) => post(path, { challenge: await challenge(), method: 'app', code: CODE }),
    ],
  };
}
