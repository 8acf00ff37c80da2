import mongoose from 'mongoose';
import { Unavailable } from '../errors.js';
import { withDeadline } from '../runtime/deadline.js';

/**
 * How long an operation may take before the client is told 503, in milliseconds. Mongoose would buffer for 10 s. The server is
 * told too (`maxTimeMS`): a write that waits there for a lock would keep its connection, and the last one from what only reads.
 */
export const DEADLINE = 2500;

/** What ends something must still hold after a failover. */
export const MAJORITY = { w: 'majority' } as const;
/** How everything is written. */
export const WRITE = { writeConcern: MAJORITY, maxTimeMS: DEADLINE } as const;
/** The same for `save`, which hands no `maxTimeMS` on; its types offer a bare `w`, which the driver does not read any more. */
export const INSERT_MAJORITY: { w?: 'majority' } = { writeConcern: MAJORITY } as object;

/** The server's error codes that mean "ask again". */
const TRANSIENT_CODES = new Map([
  [6, 'HostUnreachable'],
  [7, 'HostNotFound'],
  [24, 'LockTimeout'],
  [46, 'LockBusy'],
  [50, 'MaxTimeMSExpired'],
  [63, 'StaleShardVersion'],
  [64, 'WriteConcernFailed'],
  [89, 'NetworkTimeout'],
  [91, 'ShutdownInProgress'],
  [112, 'WriteConflict'],
  [133, 'FailedToSatisfyReadPreference'],
  [134, 'ReadConcernMajorityNotAvailableYet'],
  [150, 'StaleEpoch'],
  [189, 'PrimarySteppedDown'],
  [202, 'NetworkInterfaceExceededTimeLimit'],
  [262, 'ExceededTimeLimit'],
  [365, 'TemporarilyUnavailable'],
  [391, 'ReauthenticationRequired'],
  [462, 'IngressRequestRateLimitExceeded'],
  [9001, 'SocketException'],
  [10058, 'LegacyNotPrimary'],
  [10107, 'NotWritablePrimary'],
  [11600, 'InterruptedAtShutdown'],
  [11601, 'Interrupted'],
  [11602, 'InterruptedDueToReplStateChange'],
  [13388, 'StaleConfig'],
  [13435, 'NotPrimaryNoSecondaryOk'],
  [13436, 'NotPrimaryOrSecondary'],
  [14031, 'OutOfDiskSpace'],
]);
/** What the system tells a server that cannot write: it hands it on as an unknown error, and stops a moment later. */
const DISK_MESSAGES = /^\d+: (No space left on device|Disk quota exceeded|File too large)/;
const SYSTEM_CODES = new Set([
  'EPIPE',
  'ECONNRESET',
  'ECONNREFUSED',
  'ECONNABORTED',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
]);

/**
 * Runs an operation on the database, for 2.5 s at most.
 *
 * @throws Unavailable (`unavailable`, 503) when the database is away or does not answer in time; what else the
 * operation throws
 */
export async function onDatabase<T>(operation: () => PromiseLike<T>): Promise<T> {
  try {
    return await withDeadline(
      operation(),
      DEADLINE,
      () => new Unavailable({ message: 'the database did not answer in time' }),
    );
  } catch (error) {
    hideQuotes(error);
    throw isAway(error) ? new Unavailable({ message: 'the database is away', cause: error }) : error;
  }
}

/** A server that refuses a document by a rule of the app's quotes what is in it, a hash too: that is not for loggers. */
function hideQuotes(error: unknown): void {
  if (!(error instanceof mongoose.mongo.MongoServerError)) return;
  for (const told of [error, error.errorResponse]) {
    if (told.errInfo) Object.defineProperty(told, 'errInfo', { enumerable: false });
  }
}

/** Whether an error says that the database cannot be reached now, rather than that the operation was wrong. */
export function isAway(error: unknown): boolean {
  if (!(error instanceof Error) || error instanceof Unavailable) return false;
  const { code, cause } = error as { code?: unknown; cause?: unknown };
  const { MongoError, MongoNetworkError, MongoServerSelectionError, MongoWriteConcernError } = mongoose.mongo;
  return (
    (typeof code === 'string' && SYSTEM_CODES.has(code)) ||
    (typeof code === 'number' && TRANSIENT_CODES.has(code)) ||
    error instanceof MongoNetworkError ||
    error instanceof MongoServerSelectionError ||
    error instanceof MongoWriteConcernError ||
    (error instanceof MongoError && error.hasErrorLabel('RetryableWriteError')) ||
    (error instanceof MongoError && DISK_MESSAGES.test(error.message)) ||
    CONNECTION_ERRORS.test(error.name) ||
    (error.name === 'MongooseError' && CONNECTION_MESSAGES.test(error.message)) ||
    // The errors of bulk writes are wrapped around what happened.
    isAway(cause)
  );
}

/** Mongoose has no class for these. */
const CONNECTION_MESSAGES = /buffering timed out|before initial connection|disconnected/i;

/** The driver's and mongoose's errors about the connection itself; not all of their classes are exported. */
const CONNECTION_ERRORS =
  /^(MongooseServerSelection|MongoNotConnected|MongoTopologyClosed|MongoPoolClosed|MongoPoolCleared|MongoWaitQueueTimeout|MongoClientClosed|MongoServerClosed|MongoExpiredSession|MongoOperationTimeout|PoolCleared)\w*Error$/;

/** The unique index that a write ran into (error 11000), by its field names; undefined for other errors. */
export function duplicateKey(error: unknown): string[] | undefined {
  const { code, keyPattern } = error as { code?: unknown; keyPattern?: object };
  return code === 11000 ? Object.keys(keyPattern ?? {}) : undefined;
}
