import { answerChallenge } from './accounts/answer-challenge.js';
import { readAuditTrail } from './accounts/audit-trail.js';
import { confirmEmailChange, requestEmailChange, undoEmailChange } from './accounts/change-email.js';
import { changePassword } from './accounts/change-password.js';
import { checkLogin, signInByPassword } from './accounts/check-login.js';
import { confirmSignIn } from './accounts/confirm-sign-in.js';
import { createUser } from './accounts/create-user.js';
import { deleteUser } from './accounts/delete-user.js';
import { disableUser } from './accounts/disable-user.js';
import { enableUser } from './accounts/enable-user.js';
import { endLiveSession, endSessions } from './accounts/end-sessions.js';
import { ensureUser } from './accounts/ensure-user.js';
import { findUser } from './accounts/find-user.js';
import { listSessions } from './accounts/list-sessions.js';
import { logOut } from './accounts/log-out.js';
import { findRecoverable, mailRecoveryLink, resetPassword } from './accounts/recover-password.js';
import { refreshSession } from './accounts/refresh-session.js';
import { replacePassword } from './accounts/replace-password.js';
import { requireGoodPassword } from './accounts/require-good-password.js';
import { setRoles } from './accounts/set-roles.js';
import { updateProfile } from './accounts/update-profile.js';
import { mailVerificationLink, verifyEmail } from './accounts/verify-email.js';
import { checkKnown, isObject } from './config/checks.js';
import { NO_REQUEST } from './config/hooks.js';
import {
  InvalidCredentials,
  InvalidOneTimeToken,
  InvalidRefreshToken,
  InvalidToken,
  NotFound,
} from './errors.js';
import type { Kit } from './kit.js';
import type { UserDocument } from './models/user.js';
import type { AuthService, UserReference } from './service.js';
import {
  contextOf,
  readAccount,
  readDeviceName,
  readReference,
  requireText,
  requireTexts,
} from './service-input.js';
import { signIn } from './sign-in.js';

/** The operations, on the parts of one router. */
export function createService(kit: Kit): AuthService<UserDocument> {
  const load = async (
    method: string,
    reference: UserReference,
    options?: { withCredentials: boolean },
  ): Promise<UserDocument> => {
    const id = readReference(method, reference);
    const user = await kit.users.findById(id, options);
    requireFound(user, id);
    return user as UserDocument;
  };
  const requireFound = (found: unknown, id?: unknown) => {
    if (found) return;
    const isAddress = typeof id === 'string' && id.includes('@');
    const hint = isAddress ? ': a text is an id; by an address find the user with findUser({ email })' : '';
    throw new NotFound({ message: `no such user${hint}` });
  };

  // A token is a client's: what is none is refused as a wrong one is.
  const identify = async (accessToken: unknown) => {
    if (typeof accessToken !== 'string') throw new InvalidToken({ message: 'no token given' });
    return kit.identify({ headers: { authorization: `Bearer ${accessToken}` } });
  };

  return {
    createUser: (input, from) => createUser(kit, { ...readAccount(input), context: contextOf(from) }),
    async ensureUser(input) {
      requireText('ensureUser: email', input.email);
      return ensureUser(kit, { ...readAccount(input), context: NO_REQUEST });
    },

    async findUser(by) {
      const isAddress = isObject(by) && 'email' in by && !('_id' in by);
      const named = isAddress
        ? { email: requireText('findUser: email', by.email) }
        : { id: readReference('findUser', by as UserReference) };
      return (await findUser(kit, named)) ?? null;
    },
    async updateUser(reference, { name, ...fields }, from) {
      return updateProfile(kit, await load('updateUser', reference), { name, fields }, contextOf(from));
    },
    async setRoles(reference, roles, from) {
      requireFound(await setRoles(kit, await load('setRoles', reference), roles, contextOf(from)));
    },

    async login(credentials, from) {
      requireTexts('login', credentials, ['username', 'password'], ['deviceName']);
      const deviceName = await readDeviceName(credentials.deviceName);
      const context = contextOf(from);
      const user = await checkLogin(kit, credentials, { context });
      if (!user) throw new InvalidCredentials();
      return signInByPassword(kit, user, { context, deviceName });
    },
    answerChallenge: ({ challenge, method, ...input }, from) =>
      answerChallenge(kit, { challenge, method, input, context: contextOf(from) }),

    async issueTokens(reference, { bypassSecondFactor = false, deviceName: named, ...from } = {}) {
      const deviceName = await readDeviceName(named);
      const user = await load('issueTokens', reference, { withCredentials: true });
      if (user.disabledAt) throw new NotFound({ message: 'the user is disabled' });
      const proof = { method: 'app', kinds: ['federated'], amr: [], at: kit.now() } as const;
      const context = contextOf(from);
      return signIn(kit, user, { proofs: [proof], context, deviceName, bypassSecondFactor });
    },

    async refresh(refreshToken, from) {
      if (typeof refreshToken !== 'string') throw new InvalidRefreshToken({ message: 'no token given' });
      return refreshSession(kit, refreshToken, contextOf(from));
    },
    async logout(tokens, from) {
      // A slip would end nothing, and say nothing.
      checkKnown(tokens, ['refreshToken', 'accessToken'], 'logout');
      return logOut(kit, tokens, contextOf(from));
    },

    async verifyAccessToken(token) {
      const { user, claims } = await identify(token);
      return { user, claims };
    },

    async listSessions(reference) {
      return listSessions(kit, (await load('listSessions', reference))._id);
    },
    async endSession(reference, sessionId, from) {
      requireText('endSession: sessionId', sessionId);
      const { _id } = await load('endSession', reference);
      const ended = await endLiveSession(kit, _id, sessionId, { context: contextOf(from) });
      if (!ended) throw new NotFound({ message: 'no such session of this user' });
    },
    async revokeSessions(reference, { except } = {}, from) {
      const { _id } = await load('revokeSessions', reference);
      requireFound(await endSessions(kit, _id, { except, context: contextOf(from) }));
    },

    async setPassword(reference, given, from) {
      const user = await load('setPassword', reference);
      const password = await requireGoodPassword(kit, given, user, 'password');
      const context = contextOf(from);
      requireFound(await replacePassword(kit, user._id, { password, reason: 'service', context }));
    },
    async changePassword(accessToken, passwords, from) {
      const signedIn = await identify(accessToken);
      return changePassword(kit, signedIn, passwords, { context: contextOf(from) });
    },
    async confirm(accessToken, { password, method, ...input }, from) {
      return confirmSignIn(
        kit,
        await identify(accessToken),
        { password, method, input },
        { context: contextOf(from) },
      );
    },
    async forgotPassword(email, from) {
      return mailRecoveryLink(kit, requireText('forgotPassword: email', email), contextOf(from));
    },
    async validatePasswordReset(token) {
      if (typeof token !== 'string') throw new InvalidOneTimeToken({ message: 'no token given' });
      const { email } = await findRecoverable(kit, token);
      return { email };
    },
    async resetPassword(reset, from) {
      requireTexts('resetPassword', reset, ['token', 'password']);
      return resetPassword(kit, { ...reset, context: contextOf(from) });
    },

    async verifyEmail(token, from) {
      if (typeof token !== 'string') throw new InvalidOneTimeToken({ message: 'no token given' });
      const { email } = await verifyEmail(kit, token, contextOf(from));
      return { email };
    },
    async resendVerification(email, from) {
      return mailVerificationLink(kit, requireText('resendVerification: email', email), contextOf(from));
    },

    async changeEmail(accessToken, change, from) {
      requireText('changeEmail: email', change.email);
      return requestEmailChange(kit, await identify(accessToken), change, { context: contextOf(from) });
    },
    async confirmEmailChange(token, from) {
      if (typeof token !== 'string') throw new InvalidOneTimeToken({ message: 'no token given' });
      return { email: await confirmEmailChange(kit, token, contextOf(from)) };
    },
    async undoEmailChange(token, from) {
      if (typeof token !== 'string') throw new InvalidOneTimeToken({ message: 'no token given' });
      return { email: await undoEmailChange(kit, token, contextOf(from)) };
    },

    async disableUser(reference, from) {
      const { _id } = await load('disableUser', reference);
      requireFound(await disableUser(kit, _id, contextOf(from)));
    },
    async enableUser(reference, from) {
      const { _id } = await load('enableUser', reference);
      requireFound(await enableUser(kit, _id, contextOf(from)));
    },
    async deleteUser(reference, from) {
      requireFound(await deleteUser(kit, await load('deleteUser', reference), { context: contextOf(from) }));
    },
    auditTrail: async (reference, options) =>
      readAuditTrail(kit, String(readReference('auditTrail', reference)), options),
    createIndexes: () => kit.indexes.create(),
    async settled() {
      // What runs there may send a mail.
      await kit.background.settled();
      await kit.outbox.settled();
    },
    async close() {
      await kit.outbox.close();
      await kit.background.settled();
    },
  };
}
