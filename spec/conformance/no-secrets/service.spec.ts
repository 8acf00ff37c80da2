import bcrypt from 'bcrypt';
import { expect } from 'chai';
import type { AuthService, TokenPair } from 'express-auth-kit';
import { failureOf } from '../../support/failure.js';
import { PASSWORD, type TestApp } from '../../support/test-app.js';
import { CODE, NEW_PASSWORD, twoStep, UNKNOWN, WRONG } from '../flow-steps.js';
import { createWatchedApp, type WatchedApp } from './watched-app.js';

type Service = AuthService<unknown>;

describe('logs, events and errors of the service', function () {
  // Each plays a lot.
  this.timeout(120_000);

  let watched: WatchedApp;
  let app: TestApp;
  let service: TestApp['auth']['service'];
  let passwordHash: string;

  before(async () => {
    watched = await createWatchedApp({ features: [twoStep()], emailVerification: 'optional' });
    app = watched.app;
    service = app.auth.service;
    passwordHash = await bcrypt.hash(PASSWORD, 4);
    watched.secrets.add(PASSWORD, NEW_PASSWORD, WRONG, CODE, UNKNOWN, passwordHash);
  });
  after(() => watched.close());

  let count = 0;
  const address = (name = 'served') => {
    count += 1;
    return `${name}-${count}@example.com`;
  };
  const create = (email = address()) => service.createUser({ email, password: PASSWORD });
  /** What is answered beside HTTP is secret too. */
  const keep = (pair: TokenPair) => {
    watched.secrets.add(pair.access_token, pair.refresh_token);
    return pair;
  };
  const signIn = async () => keep(await service.issueTokens(await create()));
  const tokenOf = async (path: string) => {
    await service.settled();
    watched.secrets.inMails(app.mailbox);
    const mail = app.mailbox.messages.findLast((each) => each.text.includes(path));
    return new RegExp(`${path}\\?token=([\\w-]+)`).exec(mail?.text ?? '')?.[1] as string;
  };
  const challengeOf = async () => {
    const user = await create(address('two-step'));
    const error = await service.issueTokens(user).catch((refused) => refused);
    watched.secrets.add(error.extensions.challenge);
    return error.extensions.challenge as string;
  };
  const changed = async (path: string) => {
    const { access_token } = await signIn();
    await service.changeEmail(access_token, { email: address('moved'), password: PASSWORD });
    return tokenOf(path);
  };
  const spoilt = async () => `${(await signIn()).access_token}x`;

  /** Of every method: what it grants, and what it refuses; of some there is nothing to refuse. */
  const CALLS: Record<keyof Service, [grant: () => unknown, ...refuse: (() => unknown)[]]> = {
    createUser: [
      () => create(),
      () => service.createUser({ email: PASSWORD, password: PASSWORD }),
      () => service.createUser({ email: address(), password: PASSWORD, passwordHash }),
      () => service.createUser({ email: address(), passwordHash: passwordHash.slice(0, -1) }),
    ],
    ensureUser: [() => service.ensureUser({ email: address(), passwordHash })],
    findUser: [async () => service.findUser(await create())],
    updateUser: [
      async () => service.updateUser(await create(), { name: 'Ada' }),
      async () => service.updateUser(await create(), { password: NEW_PASSWORD } as never),
    ],
    setRoles: [async () => service.setRoles(await create(), ['admin']), () => service.setRoles(UNKNOWN, [])],
    login: [
      async () => keep(await service.login({ username: (await create()).email, password: PASSWORD })),
      async () => service.login({ username: (await create()).email, password: WRONG }),
      () => service.login({ username: { name: WRONG } as never, password: PASSWORD }),
    ],
    answerChallenge: [
      async () =>
        keep(await service.answerChallenge({ challenge: await challengeOf(), method: 'app', code: CODE })),
      async () => service.answerChallenge({ challenge: await challengeOf(), method: 'app', code: WRONG }),
      () => service.answerChallenge({ challenge: UNKNOWN, method: 'app', code: CODE }),
    ],
    issueTokens: [signIn, () => service.issueTokens(PASSWORD), challengeOfRefusal],
    refresh: [
      async () => keep(await service.refresh((await signIn()).refresh_token)),
      async () => service.refresh((await signIn()).access_token),
      () => service.refresh({ refresh_token: UNKNOWN } as never),
    ],
    logout: [
      async () => service.logout({ refreshToken: (await signIn()).refresh_token }),
      async () => service.logout({ refresh_token: (await signIn()).refresh_token } as never),
    ],
    verifyAccessToken: [
      async () => service.verifyAccessToken((await signIn()).access_token),
      async () => service.verifyAccessToken(await spoilt()),
      async () => service.verifyAccessToken((await signIn()).refresh_token),
      () => service.verifyAccessToken({ token: UNKNOWN } as never),
    ],
    listSessions: [async () => service.listSessions(await create()), () => service.listSessions(UNKNOWN)],
    endSession: [
      async () => {
        const user = await create();
        const { access_token } = keep(await service.issueTokens(user));
        const { claims } = await service.verifyAccessToken(access_token);
        await service.endSession(user, claims.sid);
      },
      async () => service.endSession(await create(), UNKNOWN),
    ],
    revokeSessions: [
      async () => service.revokeSessions(await create()),
      async () => service.revokeSessions(UNKNOWN),
    ],
    setPassword: [
      async () => service.setPassword(await create(), NEW_PASSWORD),
      () => service.setPassword('no id', NEW_PASSWORD),
      async () => service.setPassword(await create(), 'zqxj'),
      async () => service.setPassword(await create(), { password: NEW_PASSWORD } as never),
    ],
    changePassword: [
      async () => {
        const given = { currentPassword: PASSWORD, newPassword: NEW_PASSWORD };
        keep(await service.changePassword((await signIn()).access_token, given));
      },
      async () => {
        const given = { currentPassword: WRONG, newPassword: NEW_PASSWORD };
        await service.changePassword((await signIn()).access_token, given);
      },
      async () => service.changePassword(await spoilt(), { newPassword: NEW_PASSWORD }),
    ],
    confirm: [
      async () => service.confirm((await signIn()).access_token, { password: PASSWORD }),
      async () => service.confirm((await signIn()).access_token, { password: WRONG }),
      async () => service.confirm(await spoilt(), { password: PASSWORD }),
    ],
    forgotPassword: [
      async () => service.forgotPassword((await create()).email),
      () => service.forgotPassword([PASSWORD] as never),
    ],
    validatePasswordReset: [
      async () => service.validatePasswordReset(await resetToken()),
      async () => service.validatePasswordReset(UNKNOWN),
    ],
    resetPassword: [
      async () => service.resetPassword({ token: await resetToken(), password: NEW_PASSWORD }),
      async () => service.resetPassword({ token: await resetToken(), password: 'zqxj' }),
      () => service.resetPassword({ token: UNKNOWN, password: NEW_PASSWORD }),
      () => service.resetPassword({ token: [UNKNOWN] as never, password: NEW_PASSWORD }),
    ],
    verifyEmail: [async () => service.verifyEmail(await verifyToken()), () => service.verifyEmail(UNKNOWN)],
    resendVerification: [
      async () => service.resendVerification((await create()).email),
      () => service.resendVerification([PASSWORD] as never),
    ],
    changeEmail: [
      async () => changed('/change-email/confirm'),
      async () => {
        const { access_token } = await signIn();
        await service.changeEmail(access_token, { email: address(), password: WRONG });
      },
      async () => {
        const { access_token } = await signIn();
        await service.changeEmail(access_token, { email: PASSWORD, password: PASSWORD });
      },
    ],
    confirmEmailChange: [
      async () => service.confirmEmailChange(await changed('/change-email/confirm')),
      () => service.confirmEmailChange(UNKNOWN),
    ],
    undoEmailChange: [
      async () => service.undoEmailChange(await changed('/change-email/undo')),
      () => service.undoEmailChange(UNKNOWN),
    ],
    disableUser: [async () => service.disableUser(await create()), () => service.disableUser(UNKNOWN)],
    enableUser: [async () => service.enableUser(await create()), () => service.enableUser(UNKNOWN)],
    deleteUser: [async () => service.deleteUser(await create()), () => service.deleteUser(UNKNOWN)],
    auditTrail: [async () => watched.output.note('audit trail', await service.auditTrail(await create()))],
    createIndexes: [() => service.createIndexes()],
    settled: [() => service.settled()],
    // The app goes on: nothing of it was looking for mails.
    close: [() => service.close()],
  };

  async function challengeOfRefusal() {
    await challengeOf();
    throw new Error('refused');
  }
  async function resetToken() {
    await service.forgotPassword((await create()).email);
    return tokenOf('/reset');
  }
  async function verifyToken() {
    await service.resendVerification((await create()).email);
    return tokenOf('verify-email');
  }

  it('are watched for every method', () => {
    expect(Object.keys(CALLS)).to.have.members(Object.keys(service));
  });

  for (const [method, [grant, ...refuse]] of Object.entries(CALLS)) {
    it(`show no secret of ${method}, granted or refused (hold 63)`, async () => {
      await watched.expectNothingSeen(async () => {
        await grant();
        for (const call of refuse) watched.output.note('thrown', await failureOf(call));
      });
    });
  }
});
