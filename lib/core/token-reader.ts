import type { AccessClaims, RefreshClaims } from '../security/tokens.js';

/** What may bear an access token: a request, or whatever else has its headers. */
export interface Bearer {
  headers: { authorization?: string | undefined };
}

/** The claims of tokens: signature and claims are checked, no database is asked. */
export interface TokenReader {
  /**
   * The access token of the `Authorization` header.
   *
   * @throws MissingToken (`missing_token`), InvalidToken (`invalid_token`)
   */
  readAccess(from: Bearer): Promise<AccessClaims>;
  /**
   * The same, though it has expired: enough to end its session, and for nothing else.
   *
   * @throws as `readAccess`
   */
  readExpiredAccess(from: Bearer): Promise<AccessClaims>;
  /**
   * A refresh token, taken from wherever it was.
   *
   * @throws InvalidRefreshToken (`invalid_refresh_token`)
   */
  readRefresh(token: string): Promise<RefreshClaims>;
}
