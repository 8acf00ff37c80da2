import type { Method } from '../../lib/core/method.js';
import type { Feature } from '../../lib/kit.js';
import { bearer, PASSWORD, type TestApp } from '../support/test-app.js';

/** What is sent that is secret, or could be somebody's: each a word of its own, found wherever it turns up. */
export const WRONG = 'a wrong horse zqxj';
export const NEW_PASSWORD = 'another horse zqxj';
/** One of those that many have. */
export const COMMON_PASSWORD = 'q1w2e3r4t5';
/** In the place of a token or a handle. */
export const UNKNOWN = 'zqxj-token-of-nobody';
/** What the methods of `twoStep` take. */
export const CODE = 'zqxj-right-code';

/** Two methods, which are set up for some users and take one code: `/challenge` is there with them. */
export function twoStep(): Feature {
  const method: Omit<Method, 'kind' | 'amr'> = {
    isSetUp: ({ email }) => email.startsWith('two-step'),
    verify: async (_user, { code }) => code === CODE,
  };
  const methods: Record<string, Method> = {
    app: { ...method, kind: 'device', amr: 'otp' },
    mail: { ...method, kind: 'mailbox', amr: 'email' },
  };
  return { name: 'two-step', setup: () => ({ methods }) };
}

/** What comes before a request of a row: accounts, sessions, links, all over HTTP and by mail. */
export type FlowSteps = ReturnType<typeof createFlowSteps>;

/** @param app with `twoStep` and verification */
export function createFlowSteps(app: TestApp) {
  let count = 0;
  const address = (name = 'table') => {
    count += 1;
    return `${name}-${count}@example.com`;
  };
  const post = (path: string, body: object = {}) => app.http.post(`/auth${path}`).send(body);
  const form = (path: string, fields: object) => app.http.post(`/auth${path}`).type('form').send(fields);
  const signedIn = async () => bearer((await app.signUp()).access_token);
  /** Who has no password, and signed in more than five minutes ago. */
  const signedInLongAgo = async () => {
    const user = await app.auth.service.createUser({ email: address() });
    const { access_token } = await app.auth.service.issueTokens(user.id);
    app.clock.advance(301_000);
    return bearer(access_token);
  };
  const verifyToken = async () => {
    const { email } = await app.register();
    await app.auth.service.settled();
    const text = app.mailbox.messages.find(({ to }) => to === email)?.text ?? '';
    return /verify-email\?token=([\w-]+)/.exec(text)?.[1];
  };
  /** A change that was asked for, and what its mails bring. */
  const emailChange = async () => {
    const { email, access_token } = await app.signUp();
    const wanted = address();
    await post('/change-email', { email: wanted, password: PASSWORD }).set(bearer(access_token)).expect(202);
    await app.auth.service.settled();
    // In whichever order they went out, and whatever else did.
    const text = app.mailbox.messages
      .filter(({ to }) => to === email || to === wanted)
      .map((mail) => mail.text)
      .join();
    const tokenOf = (path: string) => new RegExp(`${path}\\?token=([\\w-]+)`).exec(text)?.[1];
    return { email, wanted, confirm: tokenOf('/change-email/confirm'), undo: tokenOf('/change-email/undo') };
  };
  const resetToken = async () => app.resetToken((await app.register()).email);
  /** The handle of a sign-in that waits for its second step. */
  const challenge = async () => {
    const { email: username, password } = await app.register({ email: address('two-step') });
    const { body } = await post('/token', { username, password }).expect(403);
    return body.challenge as string;
  };

  return {
    app,
    address,
    post,
    form,
    signedIn,
    signedInLongAgo,
    verifyToken,
    emailChange,
    resetToken,
    challenge,
  };
}
