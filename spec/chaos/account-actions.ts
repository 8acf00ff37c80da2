import { setTimeout as wait } from 'node:timers/promises';
import { holdPair, type SharedAccount, shownBy } from './account.js';
import { type Action, type Actor, ask, logIn, logInBy, withSession } from './actor.js';
import { type Link, outcomeOf } from './history.js';
import type { Recorded, Send } from './world.js';

/** How long it is tried to let a user in again, in milliseconds. */
const INSISTING = 15_000;

/** Where it is not known whether there is such an account now, another one is made. */
export async function register(actor: Actor): Promise<SharedAccount> {
  for (;;) {
    const { account, email, password } = actor.world.newAccount();
    const send: Send = (app) => app.post('/auth/register', { email, password });
    const details = { newEmail: email, newPassword: password, send };
    if (outcomeOf(await ask(actor, account, 'register', details)) === 'done') return account;
    await wait(200);
  }
}

export const logInByAFormerPassword: Action = async (actor, account) => {
  const { formerPasswords } = account;
  if (formerPasswords.length > 0) await logInBy(actor, account, actor.random.pick(formerPasswords));
};

export const changePassword: Action = (actor, account) =>
  withSession(actor, account, async (held) => {
    const password = actor.random.pick(account.passwords);
    const newPassword = actor.world.newPassword();
    const change = { current_password: password, new_password: newPassword };
    const { token, ...shown } = shownBy(held);
    const send: Send = (app) => app.post('/auth/change-password', change, token);
    const details = { ...shown, password, newPassword, send };
    const recorded = await ask(actor, account, 'changePassword', details);
    notePassword(account, recorded);
    if (recorded.status === 200) account.alive.push(holdPair(recorded.body));
  });

function notePassword(account: SharedAccount, recorded: Recorded): void {
  const { newPassword = '' } = recorded;
  const outcome = outcomeOf(recorded);
  if (outcome === 'unknown') account.passwords.push(newPassword);
  if (outcome !== 'done') return;
  account.setPassword(newPassword);
  account.endAll();
}

export const forget: Action = async (actor, account) => {
  const email = actor.random.pick(account.emails);
  await ask(actor, account, 'forgot', { send: (app) => app.post('/auth/forgot-password', { email }) });
};

/** The newest link mostly; now and then an older one, which was used or is void. */
function pickLink({ random }: Actor, account: SharedAccount, kind: Link['kind']): Link | undefined {
  const links = account.links.filter((each) => each.kind === kind);
  return random.chance(0.7) || links.length === 0 ? links.at(-1) : random.pick(links);
}

export const reset: Action = async (actor, account) => {
  const link = pickLink(actor, account, 'reset');
  if (!link) return forget(actor, account);
  const newPassword = actor.world.newPassword();
  const { token } = link;
  const send: Send = (app) => app.post('/auth/reset-password', { token, password: newPassword });
  notePassword(account, await ask(actor, account, 'reset', { link, newPassword, send }));
};

export const changeEmail: Action = (actor, account) =>
  withSession(actor, account, async (held) => {
    const password = actor.random.pick(account.passwords);
    const newEmail = actor.world.newEmail();
    const change = { email: newEmail, password };
    const { token, ...shown } = shownBy(held);
    const send: Send = (app) => app.post('/auth/change-email', change, token);
    await ask(actor, account, 'changeEmail', { ...shown, password, newEmail, send });
  });

export const confirmEmail: Action = async (actor, account) => {
  const link = pickLink(actor, account, 'confirmEmail');
  if (!link) return changeEmail(actor, account);
  const { to: newEmail, token } = link;
  const send: Send = (app) => app.post('/auth/change-email/confirm', { token });
  const outcome = outcomeOf(await ask(actor, account, 'confirmEmail', { link, newEmail, send }));
  if (outcome === 'done') account.emails = [newEmail];
  if (outcome === 'unknown') account.emails.push(newEmail);
};

export const disableForAWhile: Action = async (actor, account) => {
  const { world, client, random } = actor;
  const { userId } = account;
  if (!userId) return;
  const set = (standing: 'disable' | 'enable') => {
    const send: Send = (app) => app.post(`/users/${userId}/${standing}`);
    return world.insist(standing, { account, client, app: 0, send }, INSISTING);
  };
  await set('disable');
  account.endAll();
  for (let tries = random.whole(1, 4); tries > 0; tries -= 1) await logIn(actor, account);
  await set('enable');
};

/** Deletes the account: what is left of it is for the others to find out. */
export const leave: Action = (actor, account) =>
  withSession(actor, account, async (held) => {
    const password = actor.random.pick(account.passwords);
    const { token, ...shown } = shownBy(held);
    const send: Send = (app) => app.delete('/auth/me', { password }, token);
    await ask(actor, account, 'delete', { ...shown, password, send });
    account.isLeft = true;
  });
