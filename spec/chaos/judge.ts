import {
  type History,
  type Incident,
  KINDS,
  type Link,
  mayHaveBeenDone,
  type Operation,
  outcomeOf,
  settledAt,
} from './history.js';
import { Account, isDone } from './model.js';
import { endedAt, isStale, mayBeStale, mayHaveEnded } from './sessions.js';

/** What was answered in a way that no order of the requests explains. */
export interface Anomaly {
  rule: string;
  operation: Operation;
}

/**
 * How long a request may take, in milliseconds, beside the time in which the process that it went to stood still: on a
 * machine that starts such a process in two seconds, as long as that; on one that is slower by as much longer.
 */
const IN_TIME = 10_000;
const STARTS = 5;
/** A mail is written and sent at most so long before it is there, in milliseconds. */
const DELIVERY = 15_000;

/**
 * Judges every answer. A request that was done must have been possible: nothing that was acknowledged before it began rules
 * it out. One that was refused must have had a reason: something that may have happened before it ended. In between, where
 * requests overlap or their outcome is unknown, both are right.
 *
 * @param options.slowestStart how long the slowest start of a process took, in milliseconds
 */
export function judge(
  { operations, links, incidents }: History,
  { slowestStart = 0 }: { slowestStart?: number } = {},
): Anomaly[] {
  const inTime = Math.max(IN_TIME, STARTS * slowestStart);
  return [...new Set(operations.map(({ account }) => account))].flatMap((id) => {
    const account = new Account(
      operations.filter((each) => each.account === id),
      links.filter((each) => each.account === id),
      incidents,
    );
    const ends = new Map([...account.sessions.values()].map((each) => [each.id, endedAt(account, each)]));
    return account.operations.flatMap((operation) =>
      [...badForm(operation, { incidents, inTime }), ...wrongAnswer(account, ends, operation)].map(
        (rule) => ({
          rule,
          operation,
        }),
      ),
    );
  });
}

function badForm(
  operation: Operation,
  { incidents, inTime }: { incidents: readonly Incident[]; inTime: number },
): string[] {
  const { kind, status, begin, end, app } = operation;
  const { done, refused } = KINDS[kind];
  const met = incidents.filter((each) => each.app === app && each.from <= end && begin <= each.to);
  const away = met.reduce((sum, { from, to }) => sum + Math.min(to, end) - Math.max(from, begin), 0);
  const known: readonly number[] = [done, 503, 0, ...refused];
  return [
    ...(known.includes(status) ? [] : ['a status that nothing is answered by']),
    ...(status === 0 && met.length === 0 ? ['no answer from a process that was there'] : []),
    ...(end - begin - away > inTime ? ['an answer that came too late'] : []),
  ];
}

function wrongAnswer(account: Account, ends: ReadonlyMap<string, number>, operation: Operation): string[] {
  const outcome = outcomeOf(operation);
  if (outcome === 'done') return impossible(account, ends, operation);
  if (outcome === 'refused' && !hasReason(account, operation))
    return [`refused without a reason: ${operation.status}`];
  return [];
}

/** Why a request that was done cannot have been. */
function impossible(account: Account, ends: ReadonlyMap<string, number>, operation: Operation): string[] {
  const { kind, begin, session, email, password, link, generation, made } = operation;
  const broken: string[] = [];
  const rule = (isBroken: boolean, words: string) => isBroken && broken.push(words);
  if (kind !== 'logout')
    rule(
      begin > (ends.get(session ?? '') ?? Number.POSITIVE_INFINITY),
      'a session that was over let somebody in',
    );
  rule(begin > account.passwords.replacedAt(password), 'a password that was replaced let somebody in');
  rule(begin > account.emails.replacedAt(email), 'an address that was replaced let somebody in');
  if (['login', 'reset', 'confirmEmail'].includes(kind)) {
    rule(isDisabled(account, operation), 'somebody who is disabled was let in');
    rule(
      account.of('delete').some((each) => isDone(each) && each.end < begin),
      'somebody who is deleted was let in',
    );
  }
  if (kind === 'refresh') {
    rule(
      made?.session !== session || made?.generation !== (generation ?? 0) + 1,
      'a refresh led to another family',
    );
    rule(isStale(account, operation), 'an old refresh token worked');
  }
  if (link) {
    rule(begin > changedSince(account, link.receivedAt), 'a link worked that was void');
    rule(usesOf(account, link) > 1, 'a link worked twice');
  }
  return broken;
}

function isDisabled(account: Account, { begin, end }: Operation): boolean {
  return account.of('disable').some((off) => {
    if (!isDone(off) || off.end >= begin) return false;
    return !account
      .of('enable')
      .some((on) => mayHaveBeenDone(on) && on.begin < end && settledAt(on) > off.begin);
  });
}

/** The first moment at which all links that had come before a moment were certainly void. */
function changedSince({ passwords, emails }: Account, since: number): number {
  return Math.min(passwords.changedAt(since), emails.changedAt(since));
}

/** How often a link has certainly been used: acknowledged, or seen by a password that only it can have set. */
function usesOf(account: Account, { kind, token }: Link): number {
  const uses = account.of(kind).filter((each) => each.link?.token === token);
  if (kind === 'confirmEmail') return uses.filter(isDone).length;
  const passwords = new Set(uses.map(({ newPassword }) => newPassword));
  return [...passwords].filter((each) => account.passwords.certainAt(each) < Number.POSITIVE_INFINITY).length;
}

/** Whether a refusal can be explained. */
function hasReason(account: Account, operation: Operation): boolean {
  const { kind, status, session, target, link } = operation;
  const over = (id: string | undefined) => {
    const found = account.sessions.get(id ?? '');
    return found !== undefined && mayHaveEnded(account, found, operation);
  };
  if (kind === 'login') return wrongCredentials(account, operation) || mayBeOut(account, operation);
  if (link) return mayBeVoid(account, operation, link);
  if (status === 404)
    return kind === 'endSession' ? over(target) || over(session) : mayBeOut(account, operation);
  if (status === 400)
    return (
      wrongCredentials(account, operation) || mayBeOut(account, operation) || metAnother(account, operation)
    );
  return over(session) || (kind === 'refresh' && mayBeStale(account, operation));
}

function wrongCredentials({ passwords, emails }: Account, operation: Operation): boolean {
  const { email, password } = operation;
  return (
    passwords.mayBeWrong(password, operation) || (email !== undefined && emails.mayBeWrong(email, operation))
  );
}

/** Whether the user may be disabled or deleted at some moment of a request. */
function mayBeOut(account: Account, { begin, end }: Operation): boolean {
  const isBefore = (each: Operation) => mayHaveBeenDone(each) && each.begin < end;
  const isDisabled = account.of('disable').some((off) => {
    const isOver = (on: Operation) => isDone(on) && on.begin > settledAt(off) && on.end < begin;
    return isBefore(off) && !account.of('enable').some(isOver);
  });
  return isDisabled || account.of('delete').some(isBefore);
}

/** What a change was refused for that met another one between its check and its write. */
function metAnother(account: Account, operation: Operation): boolean {
  return account
    .of('logoutAll', 'endOthers', 'changePassword', 'reset', 'disable', 'enable')
    .some(
      (each) =>
        each !== operation &&
        mayHaveBeenDone(each) &&
        each.begin < operation.end &&
        settledAt(each) > operation.begin,
    );
}

/** Whether a link may be void: used, bound to what has changed since, of somebody who is out, or replaced by the mail sent again. */
function mayBeVoid(account: Account, operation: Operation, { kind, token, to, receivedAt }: Link): boolean {
  const since = receivedAt - DELIVERY;
  const changed = account
    .of('changePassword', 'reset', 'confirmEmail', 'disable', 'delete')
    .some(
      (each) =>
        each !== operation && mayHaveBeenDone(each) && each.begin < operation.end && settledAt(each) > since,
    );
  const isNewer = (each: Link) =>
    each.kind === kind && each.to === to && each.token !== token && each.receivedAt > receivedAt;
  return changed || account.links.some((each) => isNewer(each) && each.receivedAt - DELIVERY < operation.end);
}
