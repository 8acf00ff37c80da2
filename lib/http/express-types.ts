import type { AccessClaims } from '../security/tokens.js';

declare global {
  namespace Express {
    /**
     * The base user, as plain members: an app adds its own fields once, by
     * `declare global { namespace Express { interface User extends InstanceType<typeof User> {} } }`. Without `name`, which
     * a schema may have in another form.
     */
    interface User {
      readonly id: string;
      email: string;
      roles: string[];
      readonly displayName: string;
      readonly initials: string;
      emailVerifiedAt?: Date | null;
      disabledAt?: Date | null;
      createdAt: Date;
      updatedAt: Date;
    }
    interface Request {
      /** As `@types/passport` declares it, which an app need not have. */
      user?: User | undefined;
      /** The claims of the access token, behind a guard of the kit. */
      auth?: AccessClaims | undefined;
    }
  }
}
