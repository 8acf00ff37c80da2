/** What is stored of every user, whatever the app adds, and may be read by it. */
export interface PublicFields {
  /** Unique; trimmed, NFC, lower-cased. */
  email: string;
  name?: string | null;
  roles: string[];
  /** When the address was proved to be the user's own. */
  emailVerifiedAt?: Date | null;
  /** Since when the user may not sign in. */
  disabledAt?: Date | null;
  createdAt: Date;
  updatedAt: Date;
}

/** What is worked out of it. */
export interface BaseUserVirtuals {
  readonly id: string;
  /** The name, or the email without one. */
  readonly displayName: string;
  /** First letters of the first and the last word of the name, or of the parts of the email's local part. */
  readonly initials: string;
}

/** What every user has, whatever the app adds. The hash and the stamps are not loaded unless asked for. */
export interface BaseUserFields extends PublicFields, BaseUserVirtuals {}
