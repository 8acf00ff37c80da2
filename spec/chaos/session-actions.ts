import { generationOf, type Held, type SharedAccount, shownBy } from './account.js';
import { type Action, type Actor, ask, withSession } from './actor.js';
import { outcomeOf } from './history.js';
import type { Send } from './world.js';

export const visit: Action = (actor, account) =>
  withSession(actor, account, (held) => visitBy(actor, account, held));

export async function visitBy(actor: Actor, account: SharedAccount, held: Held): Promise<void> {
  const { token, ...shown } = shownBy(held);
  const send: Send = (app) => app.get('/protected', token);
  const { status } = await ask(actor, account, 'visit', { ...shown, send });
  if (status === 401) account.end(held);
}

export const refresh: Action = (actor, account) =>
  withSession(actor, account, (held) => rotate(actor, account, held));

async function rotate(
  actor: Actor,
  account: SharedAccount,
  held: Held,
  shown = held.refreshTokens.at(-1),
): Promise<void> {
  const { token = '', generation = 0 } = shown ?? {};
  const send: Send = (app) => app.post('/auth/refresh', { refresh_token: token });
  const { status, body } = await ask(actor, account, 'refresh', { session: held.id, generation, send });
  if (status === 401) account.end(held);
  if (status !== 200) return;
  const access = generationOf(body.access_token);
  if (access.generation >= held.access.generation) held.access = access;
  const next = generationOf(body.refresh_token);
  if (next.generation > (held.refreshTokens.at(-1)?.generation ?? 0)) held.refreshTokens.push(next);
}

/** The same token twice at once. */
export const refreshInTwoTabs: Action = (actor, account) =>
  withSession(actor, account, (held) =>
    Promise.all([rotate(actor, account, held), rotate(actor, account, held)]),
  );

/** A token that was exchanged before, as a thief has it. */
export const replay: Action = async (actor, account) => {
  const held = account.alive.find(({ refreshTokens }) => refreshTokens.length > 1);
  if (held) await rotate(actor, account, held, actor.random.pick(held.refreshTokens.slice(0, -1)));
};

export const logOut: Action = (actor, account) =>
  withSession(actor, account, async (held) => {
    account.end(held);
    const refresh_token = held.refreshTokens.at(-1)?.token;
    const send: Send = actor.random.chance(0.5)
      ? (app) => app.post('/auth/logout', { refresh_token })
      : (app) => app.post('/auth/logout', {}, held.access.token);
    await ask(actor, account, 'logout', { session: held.id, send });
  });

export const logOutEverywhere: Action = (actor, account) =>
  withSession(actor, account, async (held) => {
    const { token, ...shown } = shownBy(held);
    const send: Send = (app) => app.post('/auth/logout-all', {}, token);
    const recorded = await ask(actor, account, 'logoutAll', { ...shown, send });
    if (outcomeOf(recorded) === 'done') account.endAll();
  });

export const endOthers: Action = (actor, account) =>
  withSession(actor, account, async (held) => {
    const { token, ...shown } = shownBy(held);
    const send: Send = (app) => app.delete('/auth/sessions', {}, token);
    const recorded = await ask(actor, account, 'endOthers', { ...shown, send });
    if (outcomeOf(recorded) === 'done') account.endAll(held);
  });

export const endOne: Action = (actor, account) =>
  withSession(actor, account, async (held) => {
    const target = actor.random.pick(account.alive);
    account.end(target);
    const { token, ...shown } = shownBy(held);
    const send: Send = (app) => app.delete(`/auth/sessions/${target.id}`, {}, token);
    await ask(actor, account, 'endSession', { ...shown, target: target.id, send });
  });

export const useWhatIsOver: Action = async (actor, account) => {
  if (account.over.length === 0) return;
  const held = actor.random.pick(account.over);
  await (actor.random.chance(0.5) ? visitBy : rotate)(actor, account, held);
};
