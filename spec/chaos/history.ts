/** What can be asked, how each is answered when it is done, and by which statuses it may be refused. */
export const KINDS = {
  register: { done: 201, refused: [] },
  login: { done: 200, refused: [401] },
  visit: { done: 200, refused: [401] },
  refresh: { done: 200, refused: [401] },
  logout: { done: 204, refused: [] },
  logoutAll: { done: 204, refused: [401] },
  endOthers: { done: 204, refused: [401] },
  endSession: { done: 204, refused: [401, 404] },
  changePassword: { done: 200, refused: [400, 401] },
  forgot: { done: 202, refused: [] },
  reset: { done: 200, refused: [400] },
  changeEmail: { done: 202, refused: [400, 401] },
  confirmEmail: { done: 200, refused: [400] },
  disable: { done: 200, refused: [404] },
  enable: { done: 200, refused: [404] },
  delete: { done: 204, refused: [400, 401] },
} as const satisfies Record<string, { done: number; refused: readonly number[] }>;

export type Kind = keyof typeof KINDS;

/** A link from a mail. */
export interface Link {
  kind: 'reset' | 'confirmEmail';
  account: string;
  token: string;
  to: string;
  receivedAt: number;
}

/** A request and its answer. Addresses and new passwords are never used twice: each value names the request it is from. */
export interface Operation {
  kind: Kind;
  account: string;
  client: number;
  app: number;
  /** Before it was sent, and when the whole answer was there, in milliseconds of one clock. */
  begin: number;
  end: number;
  /** 0: no answer came. */
  status: number;
  code: string | undefined;
  /** Whose access or refresh token was shown. */
  session?: string;
  /** Of the refresh token that was shown. */
  generation?: number;
  /** Of the access token that was shown at a guard, which notes that it has arrived. */
  shows?: number;
  /** The session that `endSession` is to end. */
  target?: string;
  email?: string;
  password?: string;
  newEmail?: string;
  newPassword?: string;
  link?: Link;
  /** The tokens that came back. */
  made?: { session: string; generation: number };
}

/**
 * - `done`: acknowledged.
 * - `refused`: it has changed nothing.
 * - `unknown`: 503, no answer, or what is no answer to this. It may have been done, it may be done a while later, or never.
 */
export type Outcome = 'done' | 'refused' | 'unknown';

export function outcomeOf({ kind, status }: Operation): Outcome {
  if (status === KINDS[kind].done) return 'done';
  const refused: readonly number[] = KINDS[kind].refused;
  return refused.includes(status) ? 'refused' : 'unknown';
}

/**
 * How long after its end an unknown request may still be carried out, in milliseconds. A process that stood still goes on,
 * a command waits in the socket of a database that stands still, the driver sends it once more: no fault lasts longer than
 * 5 s, and the kit waits 2.5 s for a command.
 */
const SETTLES = 30_000;

/** When a request is over for good. */
export function settledAt(operation: Operation): number {
  const outcome = outcomeOf(operation);
  return outcome === 'unknown' ? operation.end + SETTLES : operation.end;
}

export function mayHaveBeenDone(operation: Operation): boolean {
  return outcomeOf(operation) !== 'refused';
}

/** A process was away or stood still, or something was done to the database, from when until when; the same clock. */
export interface Incident {
  app: number | 'database';
  from: number;
  to: number;
}

/** All that is known of a run. */
export interface History {
  operations: Operation[];
  links: Link[];
  incidents: Incident[];
}
