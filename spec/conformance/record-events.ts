import type { AuthEvents } from 'express-auth-kit';
import { EVENTS } from '../../lib/core/events.js';

interface Emitter {
  on<Name extends keyof AuthEvents>(name: Name, listener: (event: AuthEvents[Name]) => void): unknown;
}

/**
 * What a router says from now on, oldest first: each event's name and payload.
 *
 * @param names which events; all by default
 */
export function recordEvents(
  router: Emitter,
  names: readonly (keyof AuthEvents)[] = EVENTS,
): [name: keyof AuthEvents, payload: object][] {
  const events: [keyof AuthEvents, object][] = [];
  for (const name of names) router.on(name, (payload) => events.push([name, payload]));
  return events;
}
