import { once } from 'node:events';
import http from 'node:http';
import { expect } from 'chai';
import { runHash } from '../../lib/security/hash-queue.js';
import { expectRefusal } from '../http/expect-refusal.js';
import { recordCommands } from '../support/commands.js';
import { bearer, createTestApp, PASSWORD, type TestApp } from '../support/test-app.js';

const NEW = 'another good one';

/** More logins than can be hashed in time: what cannot be done is refused before anything is done for it. */
describe('a queue of hashes that is full', () => {
  let app: TestApp;
  let user: Awaited<ReturnType<TestApp['signUp']>>;
  const leaves: (() => void)[] = [];

  before(async () => {
    app = await createTestApp();
  });
  after(() => app.close());
  beforeEach(async () => {
    user = await app.signUp();
    for (;;) {
      try {
        leaves.push(runHash.enter({ ip: '127.0.0.1' }));
      } catch {
        return;
      }
    }
  });
  afterEach(() => {
    for (const leave of leaves.splice(0)) leave();
  });

  const operations: Record<string, [path: string, body: () => object, method?: string]> = {
    'a login': ['/auth/token', () => ({ username: user.email, password: PASSWORD })],
    'a registration': ['/auth/register', () => ({ email: 'new@example.com', password: PASSWORD })],
    'a reset': ['/auth/reset-password', () => ({ token: 'x', password: NEW })],
    'a change of the password': [
      '/auth/change-password',
      () => ({ current_password: PASSWORD, new_password: NEW }),
    ],
    'a change of the address': [
      '/auth/change-email',
      () => ({ email: 'other@example.com', password: PASSWORD }),
    ],
    'a confirmation': ['/auth/confirm', () => ({ password: PASSWORD })],
    'a deletion': ['/auth/me', () => ({ password: PASSWORD }), 'DELETE'],
  };

  for (const [what, [path, body, method = 'POST']] of Object.entries(operations)) {
    it(`refuses ${what} before its body is there, with no question to the database (hold 68)`, async () => {
      const length = Buffer.byteLength(JSON.stringify(body()));
      const commands = await recordCommands(app.connection, async () => {
        const headers = { 'content-type': 'application/json', 'content-length': length };
        const request = http.request(`${app.url}${path}`, {
          method,
          headers: { ...headers, ...bearer(user.access_token) },
        });
        request.on('error', () => {});
        request.flushHeaders();
        const [answer] = (await once(request, 'response')) as [http.IncomingMessage];
        expect(answer.statusCode).to.equal(503);
        expect(Number(answer.headers['retry-after'])).to.be.at.least(1);
        request.destroy();
      });
      expect(commands).to.deep.equal([]);
    });
  }

  it('refuses a login by a form as OAuth 2.0 says, with no question to the database', async () => {
    const form = { grant_type: 'password', username: user.email, password: PASSWORD };
    const commands = await recordCommands(app.connection, async () => {
      const { body } = await app.http.post('/auth/token').type('form').send(form).expect(503);
      expect(body.error).to.equal('temporarily_unavailable');
    });
    expect(commands).to.deep.equal([]);
  });

  it('lets everything else pass', async () => {
    const form = { grant_type: 'refresh_token', refresh_token: user.refresh_token };
    const { body } = await app.http.post('/auth/token').type('form').send(form).expect(200);
    await app.http.get('/protected').set(bearer(body.access_token)).expect(200);
    await app.http.post('/auth/forgot-password').send({ email: user.email }).expect(202);
    const { refresh_token } = body;
    await app.http.post('/auth/refresh').send({ refresh_token }).expect(200);
    await app.http.post('/auth/logout').set(bearer(body.access_token)).expect(204);
  });

  it('still refuses what the database says nothing about: a token that is no good is not let in', async () => {
    leaves.pop()?.();
    const body = { current_password: PASSWORD, new_password: NEW };
    expectRefusal(await app.http.post('/auth/change-password').set(bearer('x')).send(body), 'invalid_token');
  });
});
