import { EventEmitter } from 'node:events';
import { checkOneOf } from '../config/checks.js';
import type { RequestContext } from '../config/hooks.js';
import type { Logger } from '../runtime/logger.js';

/** Where the request came from; both null where the app's own code asked for it without one. */
type Origin = Pick<RequestContext, 'ip' | 'userAgent'>;

/** What an event tells of the request. */
export function originOf({ ip, userAgent }: RequestContext): Origin {
  return { ip, userAgent };
}

/**
 * Why sessions ended. `displaced` by a newer login (option `sessionsPerUser`), `password_set` by the service, `revoked` from
 * the list of sessions, by the service or by a feature of the app's own.
 */
export type SessionEndReason =
  | 'logout'
  | 'logout_all'
  | 'password_changed'
  | 'password_reset'
  | 'password_set'
  | 'email_restored'
  | 'way_in_added'
  | 'way_in_removed'
  | 'replayed'
  | 'displaced'
  | 'revoked'
  | 'disabled'
  | 'deleted';

/** What happened, for audit logs and alarms. Never a password, a token or a hash. */
export interface AuthEvents {
  'user.registered': Origin & { userId: string; email: string };
  /** A profile was changed: the names of the fields, and not what is in them. */
  'user.updated': Origin & { userId: string; fields: readonly string[] };
  /** By the app: what they are now. */
  'user.rolesChanged': Origin & { userId: string; roles: readonly string[] };
  /** After `session.ended`. */
  'user.disabled': Origin & { userId: string };
  'user.enabled': Origin & { userId: string };
  'user.deleted': Origin & { userId: string; email: string };
  /** Another address was asked for; nothing has changed yet. */
  'email.changeRequested': Origin & { userId: string };
  /** Another address is in force: by a confirmed change, or by the undo of one. */
  'email.changed': Origin & { userId: string; by: 'change' | 'undo' };
  /** By the link of a verification mail. */
  'email.verified': Origin & { userId: string; email: string };
  'login.succeeded': Origin & { userId: string; sessionId: string };
  /**
   * `userId` where the account exists, else `email`: what was typed, as it was typed, if it is an address; people type
   * passwords there by mistake. The client is told of `not_verified` alone, which comes after the right password.
   */
  'login.failed': Origin & {
    userId: string | null;
    email: string | null;
    reason: 'unknown' | 'wrong_password' | 'disabled' | 'limited' | 'not_verified';
  };
  /** Who is signed in has shown it once more, in the same session. */
  'login.confirmed': Origin & { userId: string; sessionId: string };
  /** A second step was tried and refused. */
  'challenge.failed': Origin & { userId: string; method: string | null };
  /** An old refresh token was presented: someone has a copy. The session was ended. */
  'session.replayed': Origin & { userId: string; sessionId: string };
  /** The predecessor of the current refresh token was presented, and forgiven: it was answered with the current one. */
  'session.repeated': Origin & { userId: string; sessionId: string };
  /** One session, or with `sessionId` null all of the user's, or all but the one that goes on. */
  'session.ended': Origin & { userId: string; sessionId: string | null; reason: SessionEndReason };
  /** Somebody asked for a recovery link: `userId` where the account exists, and the address, normalised. */
  'password.resetRequested': Origin & { userId: string | null; email: string };
  'password.changed': Origin & { userId: string; reason: 'change' | 'reset' | 'service' };
  /** The link is in none of it, though a mail server has quoted it. */
  'mail.failed': { userId: string; to: string; mail: string; error: unknown };
}

/** The names of all events. */
export const EVENTS = Object.keys({
  'user.registered': true,
  'user.updated': true,
  'user.rolesChanged': true,
  'user.disabled': true,
  'user.enabled': true,
  'user.deleted': true,
  'email.changeRequested': true,
  'email.changed': true,
  'email.verified': true,
  'login.succeeded': true,
  'login.failed': true,
  'login.confirmed': true,
  'challenge.failed': true,
  'session.replayed': true,
  'session.repeated': true,
  'session.ended': true,
  'password.resetRequested': true,
  'password.changed': true,
  'mail.failed': true,
} satisfies Record<keyof AuthEvents, true>) as readonly (keyof AuthEvents)[];

export interface Events {
  /**
   * Adds a listener. What it throws is logged and disturbs nothing.
   *
   * @returns stops listening
   * @throws TypeError for an event that there is not
   */
  on<Name extends keyof AuthEvents>(name: Name, listener: (event: AuthEvents[Name]) => unknown): () => void;
  /**
   * Tells the listeners, and waits for the recorders: what is not recorded must not be answered.
   *
   * @throws what a recorder throws
   */
  emit<Name extends keyof AuthEvents>(name: Name, event: AuthEvents[Name]): Promise<void>;
}

/** Notes what happened before the answer goes out. What it throws fails the request: Unavailable, say. */
export type Recorder = (name: keyof AuthEvents, event: AuthEvents[keyof AuthEvents]) => Promise<void>;

/** @param recorders read at each event */
export function createEvents(logger: Logger, recorders: readonly Recorder[] = []): Events {
  const emitter = new EventEmitter();
  emitter.setMaxListeners(0);
  return {
    on(name, listener) {
      checkOneOf('event', name, EVENTS);
      const listening = async (event: AuthEvents[typeof name]) => {
        try {
          await listener(event);
        } catch (error) {
          logger.error?.(`a listener of ${name} failed`, { error });
        }
      };
      emitter.on(name, listening);
      return () => void emitter.off(name, listening);
    },
    async emit(name, event) {
      emitter.emit(name, event);
      for (const record of recorders) await record(name, event);
    },
  };
}
