import { mayHaveBeenDone, type Operation, outcomeOf, settledAt } from './history.js';
import { type Account, isDone, type Session } from './model.js';

/** What ends all sessions of an account, those that are being made at that moment too. */
const ENDS_ALL = ['logoutAll', 'endOthers', 'changePassword', 'reset', 'disable', 'delete'] as const;
/**
 * The predecessor is forgiven for so long once its successor was shown, in milliseconds; and how far the begin and the end
 * of a request may be off.
 */
export const GRACE = 3000;
const MEASURING = 300;
/** So long after a request it is noted what it showed; and so long a fault is felt after its end. */
const NOTING = 2000;
const RECOVERING = 3000;

/** When it was certain that a session is over: a request that begins later is refused, for ever. */
export function endedAt(account: Account, session: Session): number {
  const ends = [
    ...directEnds(account, session).filter(isDone),
    // Who was in before it began is out when it is acknowledged.
    ...account
      .of(...ENDS_ALL)
      .filter((each) => isDone(each) && each.begin >= session.born.end && !spares(each, session)),
    // Without the user there is no session at all, however late it was made.
    ...account.of('delete').filter(isDone),
    ...replays(account, session),
  ].map(({ end }) => end);
  // Who came in by a password is out when it is replaced, also where the login was answered later.
  const { newPassword, password } = session.born;
  return Math.min(...ends, account.passwords.replacedAt(newPassword ?? password));
}

/** Whether a session may have been over at some moment of a request. */
export function mayHaveEnded(account: Account, session: Session, request: Operation): boolean {
  const direct = directEnds(account, session).some(
    (each) => mayHaveBeenDone(each) && each.begin < request.end,
  );
  const withAll = account
    .of(...ENDS_ALL)
    .some(
      (each) =>
        each !== request &&
        mayHaveBeenDone(each) &&
        each.begin < request.end &&
        settledAt(each) >= session.born.begin &&
        !spares(each, session),
    );
  const byReplay = account
    .refreshesOf(session.id)
    .some(
      (each) => each !== request && !isDone(each) && each.begin < request.end && mayBeStale(account, each),
    );
  return direct || withAll || byReplay;
}

/** Whether the token of a refresh may have been one that is forgiven no more at some moment of the request. */
export function mayBeStale(account: Account, request: Operation): boolean {
  const { session, generation = 0, end } = request;
  const isOlder = account
    .refreshesOf(session)
    .some(
      (other) =>
        other !== request &&
        mayHaveBeenDone(other) &&
        other.begin < end &&
        (other.generation ?? 0) > generation,
    );
  // Who is refused by a guard shows nothing; who is not answered may have shown it.
  const mayBeShown = account
    .showsOf(session, generation + 1)
    .some(({ status, begin }) => status !== 401 && end - begin > GRACE - MEASURING);
  return isOlder || mayBeShown;
}

/** Whether the token of a refresh was one that is forgiven no more, from the begin of the request on. */
export function isStale(account: Account, { session, generation = 0, begin }: Operation): boolean {
  const isOlder = account
    .refreshesOf(session)
    .some((other) => isDone(other) && other.end <= begin && (other.generation ?? 0) > generation);
  const shownAt = shownFor(account, session, generation + 1);
  return isOlder || begin - shownAt > GRACE + MEASURING;
}

/**
 * When it was certainly noted that a generation was shown. A note goes with a process or a primary that is killed, and the
 * next request tries again: two of them count at which nothing was wrong.
 */
function shownFor(account: Account, session: string | undefined, generation: number): number {
  const ends = account
    .showsOf(session, generation)
    .filter((each) => isDone(each) && isCalm(account, each))
    .map(({ end }) => end + NOTING)
    .sort((a, b) => a - b);
  return ends[1] ?? Number.POSITIVE_INFINITY;
}

/** Whether nothing was done to the database and the process that a request came to, until it was noted what it showed. */
function isCalm({ incidents }: Account, { app, begin, end }: Operation): boolean {
  return !incidents.some(
    (each) =>
      (each.app === app || each.app === 'database') &&
      each.from < end + NOTING &&
      begin < each.to + RECOVERING,
  );
}

/**
 * The refusals of old refresh tokens: they end the session. Not those that may have come from a session that was over
 * already by a request that has not been confirmed: what is only on its way may be read, and undone by a failover.
 */
function replays(account: Account, session: Session): Operation[] {
  return account.refreshesOf(session.id).filter((each) => {
    if (outcomeOf(each) !== 'refused' || !isStale(account, each)) return false;
    return !mayHaveEnded(account, session, each);
  });
}

function directEnds(account: Account, { id }: Session): Operation[] {
  return [
    ...account.of('logout').filter((each) => each.session === id),
    ...account.of('endSession').filter((each) => each.target === id),
  ];
}

/** Whose session goes on, or begins with it. */
function spares(request: Operation, { id, born }: Session): boolean {
  return request === born || (request.kind === 'endOthers' && request.session === id);
}
