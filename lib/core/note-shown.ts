import { AsyncResource } from 'node:async_hooks';
import type { Session, SessionStore } from '../models/session-store.js';
import type { Background } from '../runtime/background.js';
import type { Logger } from '../runtime/logger.js';

/**
 * Is told of an access token that was good, and notes that the generation it is of has arrived: from then on the
 * predecessor of the refresh token is not answered for long any more. It is off the request's path, and nothing where it
 * is noted already, where the generation is not the current one, or where it is the first, which has no predecessor.
 *
 * A note that fails hurts nobody: the next request tries again.
 *
 * @param generation the claim `gen`; tokens from before there was one show nothing
 */
export type NoteShown = (session: Session, generation: number | undefined) => void;

interface NoteShownParts {
  sessions: Pick<SessionStore, 'noteShown'>;
  background: Background;
  logger: Logger;
  now(): Date;
}

export function createNoteShown({ sessions, background, logger, now }: NoteShownParts): NoteShown {
  // Of many requests at once one writes.
  const underway = new Set<string>();
  // In nobody's context: that of the request may be a transaction, which is over by then.
  const write = AsyncResource.bind(({ user, _id, generation }: Session, at: Date) =>
    sessions.noteShown(user, _id.toString(), { generation, now: at }),
  );
  return (session, shown) => {
    const { _id, generation, shownAt } = session;
    if (shown !== generation || generation === 0 || shownAt) return;
    const key = `${_id} ${generation}`;
    if (underway.has(key)) return;
    const at = now();
    const note = async () => {
      try {
        await write(session, at);
      } catch (error) {
        logger.warn?.('that a refresh has arrived could not be noted', { error });
      } finally {
        underway.delete(key);
      }
    };
    if (background.run(note)) underway.add(key);
  };
}
