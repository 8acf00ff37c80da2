import type { Request } from 'express';
import type { Bearer } from '../core/token-reader.js';
import type { TokenPair } from '../sign-in.js';

/** The tokens that a request brings. */
export interface BroughtTokens {
  /** As a request that bears the access token would have it. */
  bearer: Bearer;
  refreshToken: string | undefined;
  /** Whether a cookie brings one: then the request is from a browser, whoever has written the page. */
  isCookie: boolean;
}

/** A pair of tokens that is to be answered. */
export interface Carried {
  body: object | undefined;
  tokens: TokenPair;
  /** Whether the request was identified by a cookie, and is answered by one. */
  isCookie: boolean;
}

/** The one place where tokens come from and go to. No handler knows. */
export interface TokenTransport {
  bring(req: Pick<Request, 'headers'>): BroughtTokens;
  /** @returns the body of the answer */
  carry(req: Request, carried: Carried): Promise<object>;
  /** Whoever asked is signed in no more: what the browser still has is to go. */
  forget(req: Pick<Request, 'headers'> & Partial<Pick<Request, 'res'>>): void;
}

/** Tokens in headers and in JSON alone (RFC 6750 section 2.1, RFC 6749 section 5.1). */
export const headerTransport: TokenTransport = {
  bring: (bearer) => ({ bearer, refreshToken: undefined, isCookie: false }),
  carry: async (_, { body, tokens }) => ({ ...body, ...tokens }),
  forget: () => {},
};
