import type { Response } from 'supertest';
import type { Route } from '../../lib/http/route.js';
import type { Rules } from '../../lib/http/validation.js';
import { bearer, PASSWORD, type TestApp } from '../support/test-app.js';
import { CODE, COMMON_PASSWORD, type FlowSteps, NEW_PASSWORD, UNKNOWN, WRONG } from './flow-steps.js';
import type { Ask } from './granted-flows.js';

const FORM = 'application/x-www-form-urlencoded';

/**
 * Of some rows, by name: requests that they refuse for what they say, beside those that every row of their kind refuses.
 *
 * @param closed where nobody may register
 */
export function refusedFlows(steps: FlowSteps, closed: TestApp): Record<string, Ask[]> {
  const { app, address, post, form, signedIn, signedInLongAgo, emailChange, resetToken, challenge } = steps;
  return {
    'POST /register': [
      async (path) => post(path, { email: (await app.register()).email, password: PASSWORD }),
      (path) => post(path, { email: address(), password: COMMON_PASSWORD }),
      (path) => post(path, { email: address(), password: 'x' }),
      (path) => closed.http.post(`/auth${path}`).send({ email: address(), password: PASSWORD }),
    ],
    'POST /token': [
      async (path) => post(path, { username: (await app.register()).email, password: WRONG }),
      (path) => post(path, { username: address('nobody'), password: PASSWORD }),
      async (path) => {
        const { email: username, password } = await app.register({ email: address('two-step') });
        return post(path, { username, password });
      },
    ],
    'POST /token (form)': [
      (path) => form(path, { grant_type: 'password', username: address('nobody'), password: PASSWORD }),
      (path) => form(path, { grant_type: 'refresh_token', refresh_token: UNKNOWN }),
      (path) => form(path, { grant_type: 'password' }),
      (path) => form(path, { username: 'x' }),
      (path) => form(path, { grant_type: 'client_credentials' }),
      async (path) => {
        const { email: username, password } = await app.register({ email: address('two-step') });
        return form(path, { grant_type: 'password', username, password });
      },
    ],
    'POST /refresh': [
      (path) => post(path, { refresh_token: UNKNOWN }),
      async (path) => post(path, { refresh_token: (await app.signUp()).access_token }),
      async (path) => {
        const { refresh_token } = await app.signUp();
        await post('/logout', { refresh_token }).expect(204);
        return post(path, { refresh_token });
      },
    ],
    'DELETE /sessions/:id': [async (path) => app.http.delete(`/auth${path}`).set(await signedIn())],
    'POST /forgot-password': [(path) => post(path, { email: 'no address' })],
    'POST /forgot-password/validate': [(path) => post(path, { token: UNKNOWN })],
    'POST /verify-email': [(path) => post(path, { token: UNKNOWN })],
    'POST /verify-email/resend': [(path) => post(path, { email: 'no address' })],
    'POST /reset-password': [
      (path) => post(path, { token: UNKNOWN, password: PASSWORD }),
      async (path) => post(path, { token: await resetToken(), password: COMMON_PASSWORD }),
    ],
    'POST /change-password': [
      async (path) => {
        const body = { current_password: WRONG, new_password: NEW_PASSWORD };
        return post(path, body).set(await signedIn());
      },
      async (path) => {
        const body = { current_password: PASSWORD, new_password: COMMON_PASSWORD };
        return post(path, body).set(await signedIn());
      },
      async (path) => post(path, { new_password: NEW_PASSWORD }).set(await signedInLongAgo()),
    ],
    'POST /change-email': [
      async (path) => post(path, { email: address(), password: WRONG }).set(await signedIn()),
      async (path) => post(path, { email: address() }).set(await signedIn()),
      async (path) => post(path, { email: address() }).set(await signedInLongAgo()),
    ],
    'POST /change-email/confirm': [
      (path) => post(path, { token: UNKNOWN }),
      async (path) => {
        const { wanted, confirm } = await emailChange();
        await app.register({ email: wanted });
        return post(path, { token: confirm });
      },
    ],
    'POST /change-email/undo': [
      (path) => post(path, { token: UNKNOWN }),
      async (path) => {
        const { email, confirm, undo } = await emailChange();
        await post('/change-email/confirm', { token: confirm }).expect(200);
        const { id } = await app.register({ email });
        await app.User.updateOne({ _id: id }, { emailVerifiedAt: new Date() });
        return post(path, { token: undo });
      },
    ],
    'POST /confirm': [
      async (path) => post(path, { password: WRONG }).set(await signedIn()),
      async (path) => post(path, {}).set(await signedIn()),
      async (path) => {
        const { access_token } = await app.signUp();
        const body = { password: PASSWORD, method: 'app', code: WRONG };
        return post(path, body).set(bearer(access_token));
      },
    ],
    'PATCH /me': [
      async (path) =>
        app.http
          .patch(`/auth${path}`)
          .set(await signedIn())
          .send({ name: 5 }),
    ],
    'DELETE /me': [
      async (path) =>
        app.http
          .delete(`/auth${path}`)
          .set(await signedIn())
          .send({ password: WRONG }),
      async (path) => app.http.delete(`/auth${path}`).set(await signedInLongAgo()),
    ],
    'POST /challenge': [
      (path) => post(path, { challenge: UNKNOWN, method: 'app', code: CODE }),
      async (path) => post(path, { challenge: await challenge(), method: 'app', code: WRONG }),
      async (path) => post(path, { challenge: await challenge(), method: 'password', password: PASSWORD }),
    ],
  };
}

/** What every row with a guard, with a body, with rules refuses. */
export async function refusedByKind(
  { app, post, signedIn }: FlowSteps,
  { method, path, guard, accepts, rules }: Route,
): Promise<Response[]> {
  const ask = () => app.http[method](`/auth${path}`);
  const token = guard ? await signedIn() : {};
  const type = accepts === 'form' ? FORM : 'application/json';
  const send = (text: string, as = type) => ask().set(token).set('content-type', as).send(text);
  const gone = await app.signUp();
  await post('/logout', { refresh_token: gone.refresh_token }).expect(204);
  const requests = [
    ...(guard ? [ask(), ask().set(bearer(UNKNOWN)), ask().set(bearer(gone.access_token))] : []),
    ...(accepts ? [send('a'.repeat(17 * 1024)), send('a', `${type}; charset=foo`)] : []),
    // A form is whatever it is; where each media type has its row, another one is neither's.
    ...(accepts ? [ask().set(token).set('content-encoding', 'gzip').type(type).send('a=1')] : []),
    ...(accepts === 'json' ? [send('['), send('[]'), send('5'), send('x', 'text/plain')] : []),
  ];
  const bodies = accepts === 'json' && rules ? wrongBodies(rules as Rules) : [];
  requests.push(...bodies.map((body) => send(JSON.stringify(body))));
  const answers: Response[] = [];
  for (const request of requests) answers.push(await request);
  return answers;
}

/** Bodies of which each has one field that its rule refuses. */
function wrongBodies(rules: Rules): object[] {
  return Object.keys(rules).flatMap((name) => [{ [name]: 5 }, { [name]: ['x'] }, { [name]: { $ne: null } }]);
}
