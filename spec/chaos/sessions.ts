import { mayHaveBeenDone, type Operation, outcomeOf, settledAt } from './history.js';
import { type Account, isDone, type Session } from './model.js';

/** What ends all sessions of an account, those that are being made at that moment too. */
const ENDS_ALL = ['logoutAll', 'endOthers', 'changePassword', 'reset', 'disable', 'delete'] as const;
/** The predecessor is forgiven for so long, in milliseconds; and how far the begin and the end of a request may be off. */
export const GRACE = 3000;
const MEASURING = 300;

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
  return account.refreshesOf(session).some((other) => {
    if (other === request || !mayHaveBeenDone(other) || other.begin >= end) return false;
    if ((other.generation ?? 0) > generation) return true;
    return other.generation === generation && end - other.begin > GRACE - MEASURING;
  });
}

/** Whether the token of a refresh was one that is forgiven no more, from the begin of the request on. */
export function isStale(account: Account, { session, generation = 0, begin }: Operation): boolean {
  return account.refreshesOf(session).some((other) => {
    if (!isDone(other) || other.end > begin) return false;
    if ((other.generation ?? 0) > generation) return true;
    return other.generation === generation && begin - other.end > GRACE + MEASURING;
  });
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
