import type { TokenPair } from '../sign-in.js';

/** The one place where tokens are put into an answer: in its JSON (RFC 6749 section 5.1). No handler knows. */
export function carryTokens(body: object | undefined, tokens: TokenPair): object {
  return { ...body, ...tokens };
}
