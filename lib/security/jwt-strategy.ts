import jwt from 'jsonwebtoken';
import { Strategy as JwtStrategy, type StrategyOptionsWithoutRequest } from 'passport-jwt';
import type { KeyRing } from './key-ring.js';
import type { PassportStrategy } from './passport-strategy.js';
import { type AccessClaims, type RefreshClaims, TOKEN_TYP } from './tokens.js';

type TokenType = keyof typeof TOKEN_TYP;

/** What tokens are verified with. */
export interface JwtSettings {
  keys: KeyRing;
  issuer: string | undefined;
  audience: string | undefined;
  /** Milliseconds since the epoch. */
  now(): number;
}

/** Where in a request the token is. */
export type TokenExtractor = (req: {
  headers: { authorization?: string | undefined };
  body?: unknown;
}) => string | null;

/**
 * passport-jwt for one type of token: the only thing in the kit that verifies one.
 *
 * passport-jwt checks signature, algorithm, issuer and audience. What it leaves open is checked here: the header
 * (`kid`, `typ`, `crit`) before the key is handed out, and the claims after: their types, and `exp` and `nbf` by the
 * injected clock (passport-jwt would copy a clock's time when it is made, and then never see a token expire).
 * Its user is the claims.
 *
 * @param options.mayHaveExpired for what an expired token is still good for
 */
export function createJwtStrategy(
  type: TokenType,
  { keys, issuer, audience, now }: JwtSettings,
  jwtFromRequest: TokenExtractor,
  { mayHaveExpired = false } = {},
): PassportStrategy {
  const options: StrategyOptionsWithoutRequest = {
    jwtFromRequest,
    secretOrKeyProvider: (_request, token, done) => {
      const key = keys.find(readKid(token, TOKEN_TYP[type]));
      // passport-jwt passes the key on to jsonwebtoken, which takes a KeyObject; its types know strings alone.
      if (key) done(null, key.verifying as unknown as string);
      else done(new Error('the header names no key of ours, or is not of this type of token'));
    },
    algorithms: [keys.algorithm],
    issuer,
    audience,
    ignoreExpiration: true,
    jsonWebTokenOptions: { ignoreNotBefore: true },
  };
  return new JwtStrategy(options, (payload: unknown, done) => {
    const claims = payload as Partial<AccessClaims | RefreshClaims>;
    const isGood = hasClaims(claims, type) && hasBegun(claims, now());
    if (isGood && (mayHaveExpired || !hasExpired(claims, now()))) done(null, claims);
    else done(null, false, { message: 'the claims are incomplete, of another type of token, or expired' });
  });
}

/** The `kid` of a token whose header is one we write and whose payload is an object; jsonwebtoken throws on others. */
function readKid(token: string, typ: string): string | undefined {
  const decoded = decode(token);
  const plain = decoded && decoded.header.typ === typ && !('crit' in decoded.header);
  const hasObject = typeof decoded?.payload === 'object' && decoded.payload !== null;
  return plain && hasObject ? decoded.header.kid : undefined;
}

function decode(token: string): jwt.Jwt | null {
  try {
    return jwt.decode(token, { complete: true });
  } catch {
    return null;
  }
}

function hasClaims(claims: Partial<AccessClaims | RefreshClaims>, type: TokenType): boolean {
  const strings = [claims.sub, claims.sid, claims.email, claims.type === 'access' ? claims.jti : ''];
  const numbers = [
    claims.iat,
    claims.exp,
    claims.type === 'access' && claims.gen === undefined ? 0 : claims.gen,
  ];
  return (
    claims.type === type &&
    strings.every((claim) => typeof claim === 'string') &&
    numbers.every((claim) => Number.isSafeInteger(claim)) &&
    claims.sub !== '' &&
    claims.sid !== ''
  );
}

interface Times {
  exp?: number;
  nbf?: unknown;
}

/** RFC 7519 section 4.1.4. Exact, without leeway: who issues is who verifies. */
function hasExpired({ exp }: Times, now: number): boolean {
  return exp === undefined || now / 1000 >= exp;
}

/** RFC 7519 section 4.1.5. */
function hasBegun({ nbf }: Times, now: number): boolean {
  return nbf === undefined || (typeof nbf === 'number' && nbf <= now / 1000);
}
