import { setTimeout as wait } from 'node:timers/promises';
import type { SharedAccount } from './account.js';
import {
  changeEmail,
  changePassword,
  confirmEmail,
  disableForAWhile,
  forget,
  leave,
  logInByAFormerPassword,
  register,
  reset,
} from './account-actions.js';
import { type Action, type Actor, logIn } from './actor.js';
import {
  endOne,
  endOthers,
  logOut,
  logOutEverywhere,
  refresh,
  refreshInTwoTabs,
  replay,
  useWhatIsOver,
  visit,
} from './session-actions.js';

/** How long a client thinks between two requests at most, in milliseconds. */
const THINKING = 150;
/** How long an account is used at least and at most, in milliseconds: what became unknown of it is left behind. */
const LIFETIME = { least: 15_000, most: 45_000 };
/** How long one that was left is used still. */
const AFTER_LEAVING = 2000;

/** How often each is done. */
const ACTIONS: readonly [weight: number, action: Action][] = [
  [24, visit],
  [16, refresh],
  [8, logIn],
  [6, refreshInTwoTabs],
  [3, replay],
  [6, logOut],
  [2, logOutEverywhere],
  [2, endOthers],
  [2, endOne],
  [5, changePassword],
  [4, forget],
  [6, reset],
  [3, changeEmail],
  [5, confirmEmail],
  [1, disableForAWhile],
  [1, leave],
  [10, useWhatIsOver],
  [3, logInByAFormerPassword],
];

const DECK = ACTIONS.flatMap(([weight, action]) => Array.from({ length: weight }, () => action));

/** Some clients who share an account, one account after the other: so they meet each other. */
export interface Household {
  /** Undefined before the first one. */
  account: Promise<SharedAccount> | undefined;
  until: number;
}

/** A client: it does whatever comes to its mind, and has its questions and their answers written down. */
export async function runClient(actor: Actor, household: Household, isOver: () => boolean): Promise<void> {
  const { random, world } = actor;
  while (!isOver()) {
    if (!household.account || world.now() > household.until) {
      household.until = world.now() + random.whole(LIFETIME.least, LIFETIME.most);
      household.account = register(actor);
    }
    const account = await household.account;
    await random.pick(DECK)(actor, account);
    if (account.isLeft) household.until = Math.min(household.until, world.now() + AFTER_LEAVING);
    await wait(random.whole(0, THINKING));
  }
}
