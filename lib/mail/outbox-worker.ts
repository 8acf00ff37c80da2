import { Unavailable } from '../errors.js';
import type { ClaimedMail } from '../models/outbox-store.js';
import type { Stores } from '../models/stores.js';
import type { Logger } from '../runtime/logger.js';
import { createOneTimeSecret, type OneTimeSecret } from '../security/one-time-secret.js';
import { concealSecret } from './conceal-secret.js';
import type { Delivery } from './delivery.js';
import { MailNotSent } from './mailer.js';

/** How many mails are sent at a time. */
const AT_ONCE = 8;
/**
 * Between two looks, in milliseconds: a number in between, by chance. A look has nothing to do with the request that made it
 * find something, and nobody can tell by the pace of others whether there was somebody to mail.
 */
const PAUSE = { least: 500, most: 1500 };
/** Who has taken a mail has so long to send it, in milliseconds. Longer than it is written and sent at most. */
const LEASE = 25_000;
/** The first pause after a failure, in milliseconds. Each is twice the one before, up to an hour. */
const FIRST_RETRY = 10_000;
const LAST_RETRY = 3_600_000;
/** How often it is begun without a word of how it ended. The mail may have come each time (RFC 5321 section 4.5.3.2.6). */
const MOST_OPEN_ENDS = 2;

/** A mail that could not be sent. The secret of its link is in none of it. */
export interface MailFailure {
  userId: string;
  to: string;
  mail: string;
  error: unknown;
}

interface WorkerParts extends Pick<Stores, 'oneTimeTokens' | 'waitingMails'> {
  /** Those that can be sent here: others are somebody else's. */
  mails: readonly string[];
  /** Who writes them here. */
  writer: string;
  deliver: Delivery;
  report(failure: MailFailure): Promise<void>;
  logger: Logger;
  now(): Date;
  isConnected(): boolean;
}

export interface OutboxWorker {
  /** Looks every second or so. */
  start(): void;
  /** Sends those of this writer that are due, and waits for those that are being sent. Never rejects. */
  settled(): Promise<void>;
  /** Looks no more, and waits for those that are being sent. */
  close(): Promise<void>;
}

/**
 * Sends what waits in the outbox, in the order in which it is due. Several processes share the work. Of those to one address
 * a process sends one at a time: the link that was asked for last comes last.
 */
export function createOutboxWorker(parts: WorkerParts): OutboxWorker {
  const { waitingMails, oneTimeTokens, logger, now } = parts;
  let looking: Promise<void> = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;
  let isClosed = false;

  const giveUp = async (row: ClaimedMail, error: unknown) => {
    // Nobody is told whether somebody has an address that was only typed.
    const { user, address, mail } = row;
    if (user !== null) await parts.report({ userId: String(user), to: address, mail, error });
    await waitingMails.finish(row, now());
  };

  const fail = async (row: ClaimedMail, { secret, hash }: OneTimeSecret, error: unknown) => {
    // The mail may have come all the same; if not, its link takes no place from the next one.
    await oneTimeTokens.giveWay(hash);
    const told = concealSecret(error, secret);
    const next = new Date(now().getTime() + Math.min(FIRST_RETRY * 2 ** row.failures, LAST_RETRY));
    const isLater = error instanceof MailNotSent && !error.isFinal && next <= row.lastAt;
    if (!isLater) return giveUp(row, told);
    logger.warn?.(`the mail ${row.mail} could not be sent yet`, { error: told });
    await waitingMails.putOff(row, next, { isOpen: error.mayHaveCome });
  };

  const handle = async (row: ClaimedMail, secret: OneTimeSecret) => {
    if (row.openEnds > MOST_OPEN_ENDS)
      return giveUp(row, new Error('it was begun twice, and may have been sent'));
    if (row.lastAt < now()) return giveUp(row, new Error('its time is over: nobody was there to send it'));
    try {
      await parts.deliver(row, secret);
    } catch (error) {
      if (!(error instanceof Unavailable)) return fail(row, secret, error);
      // The database is away, and nothing is sent: another turn comes when the time of this one is up.
      return waitingMails.putOff(row, row.dueAt);
    }
    await waitingMails.finish(row, now());
  };

  /** Takes one row. @returns what sends it; undefined when none is due */
  const take = async (writer: string | undefined, except: readonly string[]) => {
    const secret = createOneTimeSecret();
    const until = new Date(now().getTime() + LEASE);
    const { mails } = parts;
    const row = await waitingMails.claim(now(), { mails, writer, except, until, hash: secret.hash });
    return row && { address: row.address, send: () => handle(row, secret).catch(logFailure) };
  };

  const logFailure = (error: unknown) => {
    if (!(error instanceof Unavailable)) logger.error?.('the outbox could not be worked off', { error });
  };

  /** Sends all that are due, some at a time. Where there is nothing it costs one question. */
  const look = async (writer: string | undefined) => {
    const sending = new Map<string, Promise<void>>();
    try {
      while (!isClosed || writer) {
        const before = [...sending.values()];
        const next = before.length < AT_ONCE && (await take(writer, [...sending.keys()]));
        if (next) {
          const sent = next.send().then(() => void sending.delete(next.address));
          sending.set(next.address, sent);
        } else if (before.length > 0) await Promise.race(before);
        else return;
      }
    } finally {
      await Promise.all(sending.values());
    }
  };

  /** One look after another. Never rejects. */
  const run = (writer?: string) => {
    looking = looking.then(() => look(writer)).catch(logFailure);
    return looking;
  };

  const start = () => {
    const pause = PAUSE.least + Math.random() * (PAUSE.most - PAUSE.least);
    timer = setTimeout(async () => {
      if (parts.isConnected()) await run();
      if (!isClosed) start();
    }, pause).unref();
  };

  return {
    start,
    settled: () => run(parts.writer),
    async close() {
      isClosed = true;
      clearTimeout(timer);
      await looking;
    },
  };
}
