import { randomUUID } from 'node:crypto';
import jwt from 'jsonwebtoken';
import type { KeyRing } from './key-ring.js';

/** What every token of the kit says. Times are in seconds since the epoch (RFC 7519 section 2). */
interface BaseClaims {
  /** The user's immutable id. */
  sub: string;
  /** Informative only; never used to find the user. */
  email: string;
  /** The session's id. */
  sid: string;
  iat: number;
  exp: number;
  iss?: string;
  aud?: string;
}

/** The claims of an access token: `req.auth` behind a guard. */
export interface AccessClaims extends BaseClaims {
  type: 'access';
  jti: string;
  /** How the user signed in (RFC 8176). */
  amr: string[];
  /** When the user last signed in, in seconds (OpenID Connect Core section 2). */
  auth_time: number;
  /** The session's generation when the token was made. Tokens from before there was this claim have none. */
  gen?: number;
}

/** The claims of a refresh token. `iat` is when the generation was made. */
export interface RefreshClaims extends BaseClaims {
  type: 'refresh';
  gen: number;
}

/**
 * The names of claims that mean something to the kit, or to whoever verifies a token (RFC 7519 section 4.1): no claim of
 * an app's own may have one.
 */
export const KIT_CLAIMS: readonly string[] = Object.keys({
  iss: true,
  sub: true,
  aud: true,
  exp: true,
  nbf: true,
  iat: true,
  jti: true,
  type: true,
  email: true,
  sid: true,
  gen: true,
  amr: true,
  auth_time: true,
} satisfies Record<keyof AccessClaims | keyof RefreshClaims | 'nbf', true>);

/** The header `typ` of each kind. RFC 9068 section 2.1 names the first; RFC 7519 section 5.1 the second. */
export const TOKEN_TYP = { access: 'at+jwt', refresh: 'JWT' } as const;

export interface TokenSubject {
  userId: string;
  email: string;
  sessionId: string;
  /** Of the session. */
  generation: number;
}

/** How a session came about, and when its user last showed who it is. */
export interface Authentication {
  amr: string[];
  authTime: Date;
}

export interface TokenSigner {
  /** @param own further claims, none of them among `KIT_CLAIMS` */
  signAccess(subject: TokenSubject, authentication: Authentication, validity: Validity, own?: object): string;
  /**
   * The refresh token of one generation of a session: a function of its arguments and the key, so that nothing of it
   * need be stored and the same generation can be handed out again. Its validity is from when the generation was made
   * to when the session ends.
   */
  signRefresh(subject: TokenSubject, validity: Validity): string;
}

/** From when to when a token is valid: the claims `iat` and `exp`, which are whole seconds. */
export interface Validity {
  from: Date;
  to: Date;
}

interface SignerSettings {
  issuer: string | undefined;
  audience: string | undefined;
}

export function createTokenSigner(keys: KeyRing, settings: SignerSettings): TokenSigner {
  const registered = {
    ...(settings.issuer !== undefined && { iss: settings.issuer }),
    ...(settings.audience !== undefined && { aud: settings.audience }),
  };
  const base = ({ userId, email, sessionId, generation }: TokenSubject) => ({
    sub: userId,
    email,
    sid: sessionId,
    gen: generation,
    ...registered,
  });

  return {
    signAccess: (subject, { amr, authTime }, validity, own) => {
      const authentication = { amr, auth_time: toSeconds(authTime) };
      const claims = { ...base(subject), type: 'access', jti: randomUUID(), ...authentication } as const;
      return sign(keys, { ...own, ...claims, ...times(validity) });
    },
    signRefresh: (subject, validity) => sign(keys, { ...base(subject), type: 'refresh', ...times(validity) }),
  };
}

function times({ from, to }: Validity): { iat: number; exp: number } {
  return { iat: toSeconds(from), exp: toSeconds(to) };
}

/** A time as tokens have it (RFC 7519 section 2). */
export function toSeconds(time: Date): number {
  return Math.floor(time.getTime() / 1000);
}

/**
 * What a token says, whoever has signed it: nothing to trust, and enough to know how long to keep it.
 *
 * @throws TypeError for what is no token
 */
export function claimsIn(token: string): Pick<BaseClaims, 'sid' | 'exp'> {
  const claims = jwt.decode(token);
  if (typeof claims !== 'object' || claims === null) throw new TypeError('no token');
  return claims as Pick<BaseClaims, 'sid' | 'exp'>;
}

/** `iat` and `exp` are claims of ours, never options: jsonwebtoken reads the clock and takes `"15"` for 15 ms. */
function sign({ algorithm, current }: KeyRing, claims: AccessClaims | RefreshClaims): string {
  return jwt.sign(claims, current.signing, {
    algorithm,
    keyid: current.kid,
    header: { alg: algorithm, typ: TOKEN_TYP[claims.type] },
  });
}
