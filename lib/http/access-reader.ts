import type { Request } from 'express';
import type { TokenReader } from '../core/token-reader.js';
import { InvalidRefreshToken, InvalidToken, MissingToken } from '../errors.js';
import type { AccessClaims } from '../security/tokens.js';
import type { TokenPair } from '../sign-in.js';
import type { Origins } from './origins.js';
import type { TokenTransport } from './token-transport.js';
import { isSafe } from './web-request.js';

/** Reads the access token of a request, wherever it has it. */
export interface AccessReader {
  /**
   * Its claims: signature and claims are checked.
   *
   * @throws MissingToken (`missing_token`), InvalidToken (`invalid_token`); in web mode also ForbiddenOrigin
   * (`forbidden_origin`), Unavailable (`unavailable`) and what a renewal throws
   */
  read(req: Pick<Request, 'headers'>): Promise<AccessClaims>;
  /** Whether it was made for this request: then the client does not have it yet, and may never get it. */
  isNew(req: Pick<Request, 'headers'>): boolean;
}

/** Whether a refusal says that nobody is signed in, as far as the request shows. */
export function isNobody(error: unknown): boolean {
  return error instanceof MissingToken || error instanceof InvalidToken;
}

interface RenewingParts {
  tokenReader: Pick<TokenReader, 'readAccess'>;
  transport: TokenTransport;
  origins: Origins;
  /** @throws InvalidRefreshToken (`invalid_refresh_token`), Unavailable (`unavailable`); what a hook or a limit throws */
  refresh(refreshToken: string, req: Request): Promise<TokenPair>;
}

/**
 * In web mode: what a browser has left for so long that the access token is over is renewed, and the answer, whatever it is,
 * carries the new cookies. Of many requests at once one rotates, and the grace time serves the others.
 */
export function createRenewingReader({
  tokenReader,
  transport,
  origins,
  refresh,
}: RenewingParts): AccessReader {
  /** A request is renewed once, however many guards it passes. */
  const known = new WeakMap<object, Promise<AccessClaims>>();
  const renewed = new WeakSet<object>();

  const renew = async (refreshToken: string, req: Request): Promise<AccessClaims> => {
    try {
      const tokens = await refresh(refreshToken, req);
      renewed.add(req);
      await transport.carry(req, { body: undefined, tokens, isCookie: true });
      const authorization = `Bearer ${tokens.access_token}`;
      return await tokenReader.readAccess({ headers: { authorization } });
    } catch (error) {
      if (!(error instanceof InvalidRefreshToken)) throw error;
      transport.forget(req);
      throw new InvalidToken({ message: 'neither cookie is good', cause: error });
    }
  };

  const read = async (req: Request): Promise<AccessClaims> => {
    const { bearer, refreshToken, isCookie } = transport.bring(req);
    if (isCookie && !isSafe(req)) origins.require(req);
    try {
      return await tokenReader.readAccess(bearer);
    } catch (error) {
      if (!isNobody(error) || !isCookie) throw error;
      if (refreshToken !== undefined) return renew(refreshToken, req);
      transport.forget(req);
      throw error;
    }
  };

  return {
    read(req) {
      const reading = known.get(req) ?? read(req as Request);
      known.set(req, reading);
      return reading;
    },
    isNew: (req) => renewed.has(req),
  };
}
