/** What the app's own code is told of a session. */
export interface SessionInfo {
  /** The claim `sid`. */
  id: string;
  /** How the user signed in (RFC 8176). */
  amr: string[];
  /** When the user last showed it. */
  authTime: Date;
  createdAt: Date;
  /** The last refresh, or the login. */
  lastUsedAt: Date;
  /** Absolute: a refresh does not extend it. */
  expiresAt: Date;
  /** Where the login came from. */
  ip: string | null;
  userAgent: string | null;
}
