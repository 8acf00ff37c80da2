import { expect } from 'chai';
import type { AuthError, ValidationFailed } from 'express-auth-kit';
import { failureOf } from './support/failure.js';
import { createTestApp, PASSWORD, type TestApp } from './support/test-app.js';

const EMAIL = 'ada@example.com';

/** What JavaScript lets the app's own code do, and a client is never told of. */
describe('what the service is given', () => {
  let app: TestApp;
  before(async () => {
    app = await createTestApp();
    await app.auth.service.createUser({ email: EMAIL, password: PASSWORD });
  });
  after(() => app.close());

  // biome-ignore lint/suspicious/noExplicitAny: as JavaScript sees it
  const service = () => app.auth.service as any;
  const texts = { username: EMAIL, password: PASSWORD };

  const slips: [what: string, call: () => unknown, message: string][] = [
    [
      'login by another name',
      () => service().login({ email: EMAIL, password: PASSWORD }),
      'login.email: unknown option; allowed: username, password, deviceName',
    ],
    [
      'login without a password',
      () => service().login({ username: EMAIL }),
      'login.password: undefined given; allowed: a string',
    ],
    [
      'login by a number, which may be the password',
      () => service().login({ ...texts, password: 123_456 }),
      'login.password: a value of type number given; allowed: a string',
    ],
    [
      'login with the name of a device as clients send it',
      () => service().login({ ...texts, device_name: 'Till 3' }),
      'login.device_name: unknown option; did you mean login.deviceName?; allowed: username, password, deviceName',
    ],
    [
      'endSession without an id',
      () => service().endSession('x'),
      'endSession: sessionId: undefined given; allowed: a string',
    ],
    [
      'listSessions of nobody',
      () => service().listSessions(),
      'listSessions: undefined given; allowed: a user, or the id of one',
    ],
    [
      'logout by the names of the answer',
      () => service().logout({ refresh_token: 'x' }),
      'logout.refresh_token: unknown option; did you mean logout.refreshToken?; allowed: refreshToken, accessToken',
    ],
    [
      'forgotPassword of an object',
      () => service().forgotPassword({ email: EMAIL }),
      'forgotPassword: email: a value of type object given; allowed: a string',
    ],
    [
      'resetPassword without a token',
      () => service().resetPassword({ password: PASSWORD }),
      'resetPassword.token: undefined given; allowed: a string',
    ],
    [
      'findUser by an address that is not there',
      () => service().findUser({ email: undefined }),
      'findUser: email: undefined given; allowed: a string',
    ],
    [
      'findUser by something else',
      () => service().findUser({ username: 'ada' }),
      'findUser: a value of type object given; allowed: a user, or the id of one',
    ],
    [
      'disableUser of nobody',
      () => service().disableUser(undefined),
      'disableUser: undefined given; allowed: a user, or the id of one',
    ],
    [
      'setRoles by an address',
      () => service().setRoles({ email: EMAIL }, ['admin']),
      'setRoles: a value of type object given; allowed: a user, or the id of one',
    ],
    [
      'ensureUser without an address',
      () => service().ensureUser({ password: PASSWORD }),
      'ensureUser: email: undefined given; allowed: a string',
    ],
    [
      'createUser with a misspelt field',
      () => service().createUser({ email: 'new@example.com', password: PASSWORD, phnoe: '1' }),
      'phnoe: no field of the user model; did you mean phone?',
    ],
  ];
  for (const [what, call, message] of slips) {
    it(`refuses a slip: ${what}`, async () => {
      const error = await failureOf(call);
      expect(error).to.be.an.instanceOf(TypeError);
      expect(error.message).to.equal(message);
    });
  }

  it('makes no user without a password of a hash that was meant, and is not there', async () => {
    const account = { email: 'new@example.com', passwordHash: undefined };
    const { errors } = await failureOf<ValidationFailed>(() => service().createUser(account));
    expect(errors.map(({ pointer }) => pointer)).to.deep.equal(['#/passwordHash']);
  });

  it('refuses the name of a device as POST /token does: it is a client’s', async () => {
    const { _id } = (await app.auth.service.findUser({ email: EMAIL })) ?? {};
    for (const deviceName of [5, {}, 'x'.repeat(101), 'Till\u202e3']) {
      for (const call of [
        () => service().login({ ...texts, deviceName }),
        () => service().issueTokens({ _id }, { deviceName }),
      ]) {
        const { code, errors } = await failureOf<ValidationFailed>(call);
        expect(code).to.equal('validation_failed');
        expect(errors.map(({ pointer }) => pointer)).to.deep.equal(['#/device_name']);
      }
    }
  });

  it('keeps as much of a browser’s name as of a header', async () => {
    const { id } = await app.auth.service.createUser({ email: 'long@example.com', password: PASSWORD });
    await app.auth.service.issueTokens(id, { userAgent: 'x'.repeat(600) });
    const [session] = await app.auth.service.listSessions(id);
    expect(session?.userAgent).to.equal('x'.repeat(512));
  });

  it('stores nothing of an account with a misspelt field', async () => {
    expect(await app.auth.service.findUser({ email: 'new@example.com' })).to.equal(null);
  });

  it('says of an address that is taken for an id how a user is found', async () => {
    const error = await failureOf<AuthError>(() => app.auth.service.disableUser(EMAIL));
    expect(error).to.include({
      code: 'not_found',
      message: 'no such user: a text is an id; by an address find the user with findUser({ email })',
    });
  });

  it('refuses a token that is none as a wrong one: it is a client’s', async () => {
    const codeOf = async (call: () => unknown) => (await failureOf<AuthError>(call)).code;
    for (const token of [undefined, null, {}, 5]) {
      expect(await codeOf(() => service().verifyAccessToken(token))).to.equal('invalid_token');
      expect(await codeOf(() => service().refresh(token))).to.equal('invalid_refresh_token');
      expect(await codeOf(() => service().validatePasswordReset(token))).to.equal('invalid_one_time_token');
      const passwords = { currentPassword: PASSWORD, newPassword: 'another good one' };
      expect(await codeOf(() => service().changePassword(token, passwords))).to.equal('invalid_token');
    }
  });
});
