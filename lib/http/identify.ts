import { InvalidToken } from '../errors.js';
import type { SignedIn, SignInLoader } from '../models/sign-in-loader.js';
import type { AccessClaims } from '../security/tokens.js';
import type { Bearer, TokenReader } from './token-reader.js';

/** Who a request comes from, and the claims that say so. */
export interface Identity extends SignedIn {
  claims: AccessClaims;
}

/**
 * Tells whose access token a request bears: by its claims, and by the user and the session as they are now.
 *
 * @throws MissingToken (`missing_token`), InvalidToken (`invalid_token`), Unavailable (`unavailable`)
 */
export type Identify = (req: Bearer) => Promise<Identity>;

interface IdentifyParts {
  tokenReader: TokenReader;
  loadSignIn: SignInLoader;
  now(): Date;
}

export function createIdentify({ tokenReader, loadSignIn, now }: IdentifyParts): Identify {
  return async (req) => {
    const claims = await tokenReader.readAccess(req);
    const signedIn = await loadSignIn(claims.sub, claims.sid, now());
    if (!signedIn) throw new InvalidToken({ message: 'the session is over' });
    return { ...signedIn, claims };
  };
}
