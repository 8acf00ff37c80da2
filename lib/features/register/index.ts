import { checkAccount } from '../../accounts/create-user.js';
import { ALREADY_REGISTERED, registerQuietly, registerUser } from '../../accounts/register-user.js';
import { VERIFY_EMAIL, verificationOf } from '../../accounts/verify-email.js';
import type { Settings } from '../../config/option-table.js';
import { RegistrationClosed } from '../../errors.js';
import { defineRoute, type Route } from '../../http/route.js';
import { MESSAGE, PUBLIC_USER } from '../../http/shapes.js';
import { emailAddress, personName, requiredString } from '../../http/validation.js';
import type { Feature, Kit } from '../../kit.js';
import { TEXTS } from '../../mail/texts.js';
import { NAME_MAX_LENGTH } from '../../models/base-user.js';
import { publicUser } from '../../models/public-user.js';
import { verificationRoutes } from './verification.js';

interface Registration {
  email: string;
  password: string;
  name?: string | null;
}

/** In minutes. */
const HOUR = 60;

/** A new user, not signed in yet, and the verification of the address, where it is on. */
export const register = ({ emailVerification }: Pick<Settings, 'emailVerification'>): Feature => ({
  name: 'register',
  // Where it is off, an app may have templates and links for them all the same: the environment says whether it is.
  mails: {
    [VERIFY_EMAIL]: {
      template: TEXTS.verifyEmail,
      link: { path: '/verify-email', expiresInMinutes: 24 * HOUR, boundTo: verificationOf },
      isOff: emailVerification === 'off',
    },
    [ALREADY_REGISTERED]: { template: TEXTS.alreadyRegistered, onceInMinutes: HOUR },
  },
  setup(kit) {
    if (emailVerification === 'off') return { routes: [registration(kit)] };
    const missing = kit.outbox.missing();
    if (missing.length > 0) {
      throw new TypeError(
        `emailVerification (or AUTH_EMAIL_VERIFICATION): "${emailVerification}" needs ${missing.join(' and ')}`,
      );
    }
    return { routes: [registration(kit), ...verificationRoutes(kit)] };
  },
});

/** `POST /register`. With verification required its answer does not tell whether the address was free. */
function registration(kit: Kit): Route {
  const isQuiet = kit.settings.emailVerification === 'required';
  return defineRoute<Registration>({
    method: 'post',
    path: '/register',
    accepts: 'json',
    attempts: 'register',
    hashes: true,
    rules: {
      email: emailAddress('The email'),
      password: requiredString('The password'),
      name: personName('The name', NAME_MAX_LENGTH),
    },
    ownFields: kit.settings.registerFields,
    success: isQuiet ? 202 : 201,
    answer: isQuiet ? MESSAGE : PUBLIC_USER,
    refusals: ['registration_closed', ...(isQuiet ? [] : ['email_taken'])],
    checkRest: ({ input, fields }) => checkAccount(kit, { ...input, fields }),
    async handle({ input, body, fields, context, signal }) {
      if (kit.settings.registration === 'closed') throw new RegistrationClosed();
      const { password: _secret, ...shown } = { ...body, ...input };
      const admit = () => kit.hooks.beforeRegister({ input: shown, context });
      const account = { ...input, fields, context, admit, signal };
      if (!isQuiet) return { body: publicUser(await registerUser(kit, account)) };
      await registerQuietly(kit, account);
      return { body: { message: 'Check your email to complete the registration' } };
    },
  });
}
