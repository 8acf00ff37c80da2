import { expect } from 'chai';
import type { AuthError } from 'express-auth-kit';
import { addWayIn, type Kit } from 'express-auth-kit/feature';
import jwt from 'jsonwebtoken';
import { answerChallenge } from '../../lib/accounts/answer-challenge.js';
import { recordEvents } from '../conformance/record-events.js';
import { methods } from '../own-features/methods.js';
import { failureOf } from '../support/failure.js';
import { createTestApp, PASSWORD, type TestApp } from '../support/test-app.js';

describe('answerChallenge', () => {
  let app: TestApp;
  let kit: Kit;
  let signedIn: string[];

  before(async () => {
    const own = methods(
      { totp: {}, key: { kind: 'device', amr: 'hwk' }, other: { isSetUp: () => false } },
      (given) => {
        kit = given;
      },
    );
    app = await createTestApp({
      features: [own],
      hooks: { beforeSignIn: ({ user }) => void signedIn.push(user.email) },
    });
  });
  after(() => app.close());
  beforeEach(() => {
    signedIn = [];
  });

  const origin = { ip: '203.0.113.7', userAgent: 'UA' };
  const context = { ...origin, acceptLanguage: null };
  const answer = (challenge: string, code = 'right', method = 'totp') =>
    answerChallenge(kit, { challenge, method, input: { code }, context });
  const codeOf = async (run: () => unknown) => (await failureOf<AuthError>(run)).code;

  async function begin() {
    const { id, email } = await app.register();
    await addWayIn(kit, (await app.User.findById(id))?._id, { method: 'totp', id: 'one' });
    const { body } = await app.http.post('/auth/token').send({ username: email, password: PASSWORD });
    return { id, email, challenge: body.challenge as string };
  }

  it('signs in, where the request comes from, after the hooks were asked once', async () => {
    const { id, email, challenge } = await begin();
    expect(signedIn).to.deep.equal([]);
    const events = recordEvents(app.auth);
    const { access_token } = await answer(challenge);
    const { sub, sid, amr } = jwt.decode(access_token) as jwt.JwtPayload;
    expect({ sub, amr }).to.deep.equal({ sub: id, amr: ['pwd', 'otp', 'mfa'] });
    expect(signedIn).to.deep.equal([email]);
    expect(events).to.deep.equal([['login.succeeded', { userId: id, sessionId: sid, ...origin }]]);
  });

  it('makes a session of the device that the first step has named', async () => {
    const { id, email } = await app.register();
    await addWayIn(kit, (await app.User.findById(id))?._id, { method: 'totp', id: 'one' });
    const named = { username: email, password: PASSWORD, device_name: 'Till 3' };
    const { body } = await app.http.post('/auth/token').send(named).expect(403);
    await answer(body.challenge);
    const [session] = await app.auth.service.listSessions(id);
    expect(session).to.include({ device: 'Till 3', userAgent: 'UA' });
  });

  it('tells a wrong code as an event, and as one refusal whatever is wrong', async () => {
    const { id, challenge } = await begin();
    const events = recordEvents(app.auth);
    expect(await codeOf(() => answer(challenge, 'wrong'))).to.equal('invalid_code');
    expect(await codeOf(() => answer(challenge, 'right', 'nothing'))).to.equal('invalid_code');
    expect(await codeOf(() => answer(challenge, 'right', 'other'))).to.equal('invalid_code');
    expect(await codeOf(() => answer(challenge, 'right', 'key'))).to.equal('invalid_code');
    const failed = (method: string | null) => ['challenge.failed', { userId: id, method, ...origin }];
    expect(events).to.deep.equal(['totp', null, 'other', 'key'].map(failed));
  });

  it('is spent by the fifth wrong code', async () => {
    const { challenge } = await begin();
    for (let tried = 0; tried < 5; tried += 1) {
      expect(await codeOf(() => answer(challenge, 'wrong'))).to.equal('invalid_code');
    }
    expect(await codeOf(() => answer(challenge))).to.equal('invalid_challenge');
  });

  it('is over once the user has set up another method', async () => {
    const { id, challenge } = await begin();
    await addWayIn(kit, (await app.User.findById(id))?._id, { method: 'key', id: 'one' });
    expect(await codeOf(() => answer(challenge))).to.equal('invalid_challenge');
  });

  it('knows no challenge that was not given', async () => {
    for (const unknown of ['', 'x', 'x'.repeat(43)]) {
      expect(await codeOf(() => answer(unknown))).to.equal('invalid_challenge');
    }
  });
});
