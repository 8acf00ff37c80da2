import type { Request } from 'express';
import type { NoteShown } from '../core/note-shown.js';
import { InvalidToken } from '../errors.js';
import type { SignedIn, SignInLoader } from '../models/sign-in-loader.js';
import type { AccessClaims } from '../security/tokens.js';
import type { AccessReader } from './access-reader.js';
import type { TokenTransport } from './token-transport.js';

/** Who a request comes from, and the claims that say so. */
export interface Identity extends SignedIn {
  claims: AccessClaims;
}

/** A request, or whatever else has its headers. */
type Identified = Pick<Request, 'headers'> & Partial<Pick<Request, 'user' | 'auth' | 'res'>>;

/**
 * Tells whose access token a request bears: by its claims, and by the user and the session as they are now. The one place
 * that does, for guards, routes and the service. It is asked once a request; `req.user` and `req.auth` are set.
 *
 * @throws MissingToken (`missing_token`), InvalidToken (`invalid_token`), Unavailable (`unavailable`); what the reader throws
 */
export type Identify = (req: Identified) => Promise<Identity>;

interface IdentifyParts {
  access: AccessReader;
  transport: Pick<TokenTransport, 'forget'>;
  loadSignIn: SignInLoader;
  noteShown: NoteShown;
  now(): Date;
}

export function createIdentify(parts: IdentifyParts): Identify {
  const { access, transport, loadSignIn, noteShown, now } = parts;
  const known = new WeakMap<Identified, Identity>();
  const find = async (req: Identified): Promise<Identity> => {
    const claims = await access.read(req);
    const signedIn = await loadSignIn(claims.sub, claims.sid, now());
    if (!signedIn) {
      transport.forget(req);
      throw new InvalidToken({ message: 'the session is over' });
    }
    // A renewed one has not arrived yet.
    if (!access.isNew(req)) noteShown(signedIn.session, claims.gen);
    return { ...signedIn, claims };
  };
  return async (req) => {
    const identity = known.get(req) ?? (await find(req));
    known.set(req, identity);
    // Again for each guard: what stands between two may have put somebody else there. What an app declares of
    // `Express.User` is the app's own model's.
    req.user = identity.user as unknown as Express.User;
    req.auth = identity.claims;
    return identity;
  };
}
