import type { AuthEvents } from 'express-auth-kit';

interface Emitter {
  on<Name extends keyof AuthEvents>(name: Name, listener: (event: AuthEvents[Name]) => void): void;
}

const NAMES = Object.keys({
  'user.registered': true,
  'user.deleted': true,
  'login.succeeded': true,
  'login.failed': true,
  'session.replayed': true,
  'session.ended': true,
  'password.changed': true,
  'mail.failed': true,
} satisfies Record<keyof AuthEvents, true>) as (keyof AuthEvents)[];

/** What a router says from now on, oldest first: each event's name and payload. */
export function recordEvents(router: Emitter): [name: keyof AuthEvents, payload: object][] {
  const events: [keyof AuthEvents, object][] = [];
  for (const name of NAMES) router.on(name, (payload) => events.push([name, payload]));
  return events;
}
