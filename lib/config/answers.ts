/**
 * What the endpoints answer, in types that bring nothing else along: the client has them too, in pages where there is neither
 * Express nor Mongoose.
 */

/** The user as the HTTP interface shows it: these, always present, and the app's own fields. */
export interface PublicUser {
  id: string;
  email: string;
  name: string | null;
  displayName: string;
  initials: string;
  roles: string[];
  emailVerifiedAt: Date | null;
  createdAt: Date | null;
  updatedAt: Date | null;
  [field: string]: unknown;
}

/** A session as `GET /sessions` lists it. */
export interface SessionAnswer {
  id: string;
  /** That it is the one that asks. */
  current: boolean;
  /** "Firefox on Windows", or the name that the login gave. Null where neither says anything. */
  device: string | null;
  ip: string | null;
  user_agent: string | null;
  created_at: Date;
  last_used_at: Date;
  expires_at: Date;
}
