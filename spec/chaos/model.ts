import {
  type Incident,
  type Link,
  mayHaveBeenDone,
  type Operation,
  outcomeOf,
  settledAt,
} from './history.js';

/** A request that sets the password, or the address. */
interface Write {
  value: string;
  operation: Operation;
}

/**
 * The password or the address of one account: what is certain of it, and what is possible.
 *
 * Its writes take effect in the order in which they begin, those that take effect at all. For each of them needs what only
 * the state before it gives, the current password or a link that is bound to it; whoever began it had that already. Once a
 * write that began later has taken effect, it is worth nothing.
 */
export class Register {
  /** When each value was seen to be in force at the latest. */
  readonly #certainAt = new Map<string, number>();
  /** The last time when each value was asked for, and was right: the begin of that request. */
  readonly #rightAt = new Map<string, number>();

  /** @param uses the requests that were let in by a value: each is followed by a write that a majority has confirmed */
  constructor(
    private readonly writes: readonly Write[],
    uses: readonly Write[],
  ) {
    const note = (value: string, { end }: Operation) =>
      this.#certainAt.set(value, Math.min(end, this.certainAt(value)));
    for (const { value, operation } of writes) if (outcomeOf(operation) === 'done') note(value, operation);
    for (const { value, operation } of uses) {
      note(value, operation);
      this.#rightAt.set(value, Math.max(operation.begin, this.#rightAt.get(value) ?? 0));
    }
  }

  certainAt(value: string | undefined): number {
    return this.#certainAt.get(value ?? '') ?? Number.POSITIVE_INFINITY;
  }

  /** When a value was asked for first: a link that is used again sets the same. */
  #beginOf(value: string | undefined): number {
    const own = this.writes.filter((write) => write.value === value);
    return Math.min(...own.map(({ operation }) => operation.begin), Number.POSITIVE_INFINITY);
  }

  /** Those that are later than the one that set a value, if they are anything. */
  after(value: string | undefined): readonly Write[] {
    const begin = this.#beginOf(value);
    return this.writes.filter((write) => this.#beginOf(write.value) > begin);
  }

  /** When it was certain that a value is in force no more. */
  replacedAt(value: string | undefined): number {
    return Math.min(
      ...this.after(value).map((later) => this.certainAt(later.value)),
      Number.POSITIVE_INFINITY,
    );
  }

  /**
   * Whether a value may have been wrong at some moment of a request. What is only on its way may be read, and undone by a
   * failover: then the value is right again.
   */
  mayBeWrong(value: string | undefined, { begin, end }: Operation): boolean {
    if (this.certainAt(value) > begin) return true;
    const lastRight = this.#rightAt.get(value ?? '') ?? 0;
    const isOnItsWay = (write: Operation) => outcomeOf(write) === 'unknown' && settledAt(write) > begin;
    return this.after(value).some(
      ({ operation: write }) =>
        write.begin < end && mayHaveBeenDone(write) && (settledAt(write) > lastRight || isOnItsWay(write)),
    );
  }

  /** The first moment at which it is certain that one has taken effect of those that began after a moment. */
  changedAt(since: number): number {
    const later = this.writes.filter(({ value }) => this.#beginOf(value) >= since);
    return Math.min(...later.map(({ value }) => this.certainAt(value)), Number.POSITIVE_INFINITY);
  }
}

/** A session of an account, from the request whose answer brought it. */
export interface Session {
  id: string;
  born: Operation;
}

/** What the requests of one account say together. */
export class Account {
  readonly passwords: Register;
  readonly emails: Register;
  readonly sessions = new Map<string, Session>();
  readonly #refreshes = new Map<string, Operation[]>();
  readonly #shows = new Map<string, Operation[]>();
  readonly #byKind = new Map<string, Operation[]>();

  constructor(
    readonly operations: readonly Operation[],
    readonly links: readonly Link[],
    readonly incidents: readonly Incident[],
  ) {
    for (const each of operations) {
      push(this.#byKind, each.kind, each);
      const { kind, session, made, shows } = each;
      if (shows !== undefined) push(this.#shows, `${session} ${shows}`, each);
      if (kind === 'refresh') push(this.#refreshes, session ?? '', each);
      else if (made) this.sessions.set(made.session, { id: made.session, born: each });
    }
    const credentials = this.of('login', 'changePassword').filter(isDone);
    this.passwords = new Register(
      valuesOf(this.of('register', 'changePassword', 'reset'), 'newPassword'),
      valuesOf(credentials, 'password'),
    );
    this.emails = new Register(
      valuesOf(this.of('register', 'confirmEmail'), 'newEmail'),
      valuesOf(credentials, 'email'),
    );
  }

  of(...kinds: Operation['kind'][]): Operation[] {
    return kinds.flatMap((kind) => this.#byKind.get(kind) ?? []);
  }

  refreshesOf(session: string | undefined): readonly Operation[] {
    return this.#refreshes.get(session ?? '') ?? [];
  }

  /** The requests with an access token of a generation of a session. */
  showsOf(session: string | undefined, generation: number): readonly Operation[] {
    return this.#shows.get(`${session} ${generation}`) ?? [];
  }
}

export function isDone(operation: Operation): boolean {
  return outcomeOf(operation) === 'done';
}

function valuesOf(
  operations: readonly Operation[],
  name: 'password' | 'email' | 'newPassword' | 'newEmail',
): Write[] {
  return operations.map((operation) => ({ value: operation[name] ?? '', operation }));
}

function push(lists: Map<string, Operation[]>, key: string, operation: Operation): void {
  const list = lists.get(key);
  if (list) list.push(operation);
  else lists.set(key, [operation]);
}
