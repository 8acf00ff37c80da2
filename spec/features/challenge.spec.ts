import { expect } from 'chai';
import { InvalidChallenge } from '../../lib/errors.js';
import { expectFaults, expectProblem } from '../http/expect-refusal.js';
import { methods } from '../own-features/methods.js';
import { createTestApp, type TestApp } from '../support/test-app.js';

// What becomes of a challenge is in accounts/answer-challenge.spec.ts, and with a real method in own-features/.
describe('POST /challenge', () => {
  let app: TestApp;
  before(async () => {
    app = await createTestApp({ features: [methods({ totp: {} })] });
  });
  after(() => app.close());
  const post = (body: object) => app.http.post('/auth/challenge').send(body);

  it('needs a challenge and a method', async () => {
    expectFaults(await post({}), [
      { code: 'required', detail: 'The challenge is required.', pointer: '#/challenge' },
      { code: 'required', detail: 'The method is required.', pointer: '#/method' },
    ]);
    expectFaults(await post({ challenge: { $ne: '' }, method: ['totp'] }), [
      { code: 'invalid_type', detail: 'The challenge must be a string.', pointer: '#/challenge' },
      { code: 'invalid_type', detail: 'The method must be a string.', pointer: '#/method' },
    ]);
  });

  it('refuses a challenge that nobody was given', async () => {
    const { status, code, detail } = new InvalidChallenge();
    const response = await post({ challenge: 'x'.repeat(43), method: 'totp', code: 'right' });
    expectProblem(response, { status, code, detail }, 'Bearer');
    expect(response.body).to.not.have.property('challenge');
  });
});
