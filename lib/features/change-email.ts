import {
  CHANGE_EMAIL,
  changeIsBoundTo,
  confirmEmailChange,
  EMAIL_CHANGED,
  EMAIL_IN_USE,
  NEW_EMAIL,
  requestEmailChange,
  UNDO_EMAIL_CHANGE,
  undoEmailChange,
  undoIsBoundTo,
} from '../accounts/change-email.js';
import { requirePasswordOf } from '../accounts/current-password.js';
import type { RequestContext } from '../config/hooks.js';
import { defineRoute, defineUserRoute, type Route } from '../http/route.js';
import { MESSAGE, objectOf } from '../http/shapes.js';
import { emailAddress, optionalString, requiredString } from '../http/validation.js';
import type { Feature } from '../kit.js';
import { TEXTS } from '../mail/texts.js';

/** In minutes. */
const HOUR = 60;
const DAY = 24 * HOUR;

const ADDRESS = objectOf({ email: { type: 'string' } });

/**
 * Another address: `POST /change-email` asks for it, `/change-email/confirm` puts it in force, `/change-email/undo` takes it
 * back for seven days.
 */
export const changeEmail: Feature = {
  name: 'change-email',
  mails: {
    [CHANGE_EMAIL]: {
      template: TEXTS.changeEmail,
      toGivenAddress: true,
      link: { path: '/change-email/confirm', expiresInMinutes: DAY, boundTo: changeIsBoundTo },
    },
    [UNDO_EMAIL_CHANGE]: {
      template: TEXTS.undoEmailChange,
      // It may be the user's no more when the mail goes out.
      toGivenAddress: true,
      isNotice: true,
      link: { path: '/change-email/undo', expiresInMinutes: 7 * DAY, boundTo: undoIsBoundTo },
    },
    [EMAIL_IN_USE]: { template: TEXTS.emailInUse, onceInMinutes: HOUR },
    // When they go out, the user's address may be another one.
    [EMAIL_CHANGED]: { template: TEXTS.emailChanged, toGivenAddress: true, isNotice: true },
    [NEW_EMAIL]: { template: TEXTS.newEmail, toGivenAddress: true, isNotice: true },
  },
  setup: (kit) => ({
    routes: [
      defineUserRoute<{ email: string; password?: string | null }>({
        method: 'post',
        path: '/change-email',
        accepts: 'json',
        attempts: 'password',
        hashes: true,
        rules: { email: emailAddress('The email'), password: optionalString('The password') },
        success: 202,
        answer: MESSAGE,
        refusals: ['wrong_password', 'insufficient_user_authentication'],
        checkRest: ({ user, input }) =>
          requirePasswordOf(kit, user._id, input.password, { field: 'password', label: 'The password' }),
        async handle({ user, session, input, context, signal }) {
          await requestEmailChange(kit, { user, session }, input, { context, signal });
          return { body: { message: 'Check the new address for a link to confirm it' } };
        },
      }),
      linkRoute('/change-email/confirm', (token, context) => confirmEmailChange(kit, token, context)),
      linkRoute('/change-email/undo', (token, context) => undoEmailChange(kit, token, context)),
    ],
  }),
};

/** A row that uses the link of a mail, and answers the address that is in force by it. */
function linkRoute(path: string, use: (token: string, context: RequestContext) => Promise<string>): Route {
  return defineRoute<{ token: string }>({
    method: 'post',
    path,
    accepts: 'json',
    rules: { token: requiredString('The token') },
    success: 200,
    answer: ADDRESS,
    refusals: ['invalid_one_time_token', 'email_taken'],
    handle: async ({ input, context }) => ({ body: { email: await use(input.token, context) } }),
  });
}
