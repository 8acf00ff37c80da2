import { EventEmitter } from 'node:events';
import type { Logger, MailTemplates } from './config/options.js';

/** What happened, for audit logs and alarms. Never a password, a token or a hash. */
export interface AuthEvents {
  'user.registered': { userId: string; email: string };
  'user.deleted': { userId: string; email: string };
  'login.succeeded': { userId: string; sessionId: string; ip: string | null; userAgent: string | null };
  /** `userId` where the account exists; the client is never told which of the reasons it was. */
  'login.failed': {
    userId: string | null;
    reason: 'unknown' | 'wrong_password' | 'disabled';
    ip: string | null;
  };
  /** An old refresh token was presented: someone has a copy. The session was ended. */
  'session.replayed': { userId: string; sessionId: string; ip: string | null; userAgent: string | null };
  /** One session, or with `sessionId` null all of the user's, or all but the one that goes on. */
  'session.ended': { userId: string; sessionId: string | null };
  'password.changed': { userId: string; reason: 'change' | 'reset' | 'service' };
  /** The link is in none of it, though a mail server has quoted it. */
  'mail.failed': { userId: string; to: string; mail: keyof MailTemplates; error: unknown };
}

export interface Events {
  /** Adds a listener. What it throws is logged and disturbs nothing. */
  on<Name extends keyof AuthEvents>(
    name: Name,
    listener: (event: AuthEvents[Name]) => void | Promise<void>,
  ): void;
  emit<Name extends keyof AuthEvents>(name: Name, event: AuthEvents[Name]): void;
}

export function createEvents(logger: Logger): Events {
  const emitter = new EventEmitter();
  emitter.setMaxListeners(0);
  return {
    on(name, listener) {
      emitter.on(name, async (event) => {
        try {
          await listener(event);
        } catch (error) {
          logger.error?.(`a listener of ${name} failed`, { error });
        }
      });
    },
    emit(name, event) {
      emitter.emit(name, event);
    },
  };
}
