import { Strategy as LocalStrategy } from 'passport-local';
import { type Credentials, checkLogin, signInByPassword } from '../../accounts/check-login.js';
import { NO_REQUEST } from '../../config/hooks.js';
import { InvalidCredentials } from '../../errors.js';
import type { StrategyRequest } from '../../http/authenticate.js';
import { deviceName, flag, requiredString } from '../../http/validation.js';
import type { Kit } from '../../kit.js';
import type { UserDocument } from '../../models/user.js';
import type { PassportStrategy } from '../../security/passport-strategy.js';
import type { Grant } from './grant.js';

interface Login extends Omit<Credentials, 'deviceName'> {
  device_name?: string | null;
  remember?: boolean;
}

/** What the user logs in by (option `loginFields`) and the password, checked by passport-local. */
export const passwordGrant = (kit: Kit): Grant<Login> => ({
  rules: {
    // FastEdgy's clients and those of OAuth 2.0 say `username`; others call it by what it is.
    username: requiredString('The username', { alias: 'email' }),
    password: requiredString('The password'),
    device_name: deviceName('The device name'),
    ...(kit.settings.cookies && { remember: flag('remember') }),
  },
  attempts: 'password',
  hashes: true,
  refusals: [
    'invalid_credentials',
    'second_factor_required',
    ...(kit.settings.emailVerification === 'required' ? ['email_not_verified'] : []),
  ],

  async exchange({ req, input, context, signal }) {
    const shown = { body: input, context, signal };
    const outcome = await kit.authenticator.authenticate<UserDocument>('local', req, shown);
    if (!outcome.user) throw new InvalidCredentials();
    const { device_name, remember } = input;
    return signInByPassword(kit, outcome.user, { context, deviceName: device_name, remember });
  },
});

export function createLocalStrategy(kit: Kit): PassportStrategy {
  return new LocalStrategy({ passReqToCallback: true }, (req, username, password, done) => {
    const { context = NO_REQUEST, signal } = req as StrategyRequest;
    checkLogin(kit, { username, password }, { context, signal }).then(
      (user) => done(null, (user as Express.User | undefined) ?? false),
      (error) => done(error),
    );
  });
}
