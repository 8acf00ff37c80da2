/** A number that an option allows: `min` and `max` included, `allowed` is what the message says. */
export interface Range {
  min: number;
  max: number;
  integer?: boolean;
  allowed: string;
}

const SECOND_IN_MINUTES = 1 / 60;
const SECOND_IN_DAYS = 1 / 86_400;

/** What each numeric option allows: one table for the option and its variable. */
export const LIMITS = {
  /** A month at most: what lives longer is a session, and sessions have refresh tokens. */
  accessTokenExpireMinutes: {
    min: SECOND_IN_MINUTES,
    max: 43_200,
    allowed: 'a number of minutes above 0, at most 43200',
  },
  refreshTokenExpireDays: {
    min: SECOND_IN_DAYS,
    max: 3650,
    allowed: 'a number of days above 0, at most 3650',
  },
  sessionIdleDays: {
    min: SECOND_IN_DAYS,
    max: 3650,
    allowed: 'off, or a number of days above 0, at most 3650',
  },
  auditDays: { min: SECOND_IN_DAYS, max: 3650, allowed: 'off, or a number of days above 0, at most 3650' },
  sessionsPerUser: { min: 1, max: 1000, integer: true, allowed: 'a whole number from 1 to 1000' },
  refreshGraceSeconds: { min: 0, max: 3600, allowed: 'a number of seconds from 0 to 3600' },
  minLength: { min: 1, max: 64, integer: true, allowed: 'a whole number of code points from 1 to 64' },
  maxLength: { min: 64, max: 1024, integer: true, allowed: 'a whole number of code points from 64 to 1024' },
  bcryptCost: { min: 10, max: 15, integer: true, allowed: 'a whole number from 10 to 15' },
  /** By the option alone: tests hash a lot and protect nothing. */
  bcryptCostOption: {
    min: 4,
    max: 15,
    integer: true,
    allowed: 'a whole number from 10 to 15 (4 to 9 for tests)',
  },
} as const satisfies Record<string, Range>;

/** What is kept of a header, in characters: no honest browser sends more, and some of it is stored. */
export const HEADER_MAX_LENGTH = 512;

/** The longest name that a device may have, in characters. */
export const DEVICE_NAME_MAX_LENGTH = 100;

/** The longest body that the kit takes, in bytes; no value in one is longer. */
export const BODY_LIMIT = 16 * 1024;
