import type { AccessClaims } from '../security/tokens.js';

declare global {
  namespace Express {
    /**
     * The base user. An app adds its own fields once:
     * `declare global { namespace Express { interface User extends InstanceType<typeof User> {} } }`
     */
    interface User {
      email: string;
    }
    interface Request {
      /** The claims of the access token, behind a guard of the kit. */
      auth?: AccessClaims | undefined;
    }
  }
}
