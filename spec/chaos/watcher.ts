import { setTimeout as wait } from 'node:timers/promises';
import { register } from './account-actions.js';
import { type Actor, logIn } from './actor.js';
import { visitBy } from './session-actions.js';

const SESSIONS = 4;
/** Between two visits by one session, in milliseconds. */
const PAUSE = 200;

/** Somebody whom nobody does anything to, and who looks all the time: nothing explains a refusal. */
export async function watch(actor: Actor, isOver: () => boolean): Promise<void> {
  const account = await register(actor);
  while (account.alive.length < SESSIONS && !isOver()) await logIn(actor, account);
  await Promise.all(
    account.alive.map(async (held) => {
      for (; !isOver(); await wait(PAUSE)) await visitBy(actor, account, held);
    }),
  );
}
