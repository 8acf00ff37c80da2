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

/** A session as it stands in the list of a user's sessions. */
export interface ListedSession extends SessionInfo {
  /** When it is over unless it is refreshed before, by `sessionIdleDays` too. */
  expiresAt: Date;
  /** What the login named it (`device_name`), else what the browser says: "Firefox on Windows". Null where it says nothing. */
  device: string | null;
}
