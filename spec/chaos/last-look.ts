import { type SharedAccount, shownBy } from './account.js';
import type { Actor } from './actor.js';
import { type Kind, outcomeOf } from './history.js';
import type { Details, Send } from './world.js';

/** How many accounts are looked at at a time. */
const LOOKERS = 8;

/** When all is healed: asks for all that the clients have of every account. @throws Error for what stays unavailable */
export async function lookAtEverything(actor: Actor): Promise<void> {
  const waiting = [...actor.world.accounts];
  const work = async () => {
    for (let account = waiting.pop(); account; account = waiting.pop()) await lookAt(actor, account);
  };
  await Promise.all(Array.from({ length: LOOKERS }, work));
}

async function lookAt({ world, client }: Actor, account: SharedAccount): Promise<void> {
  const ask = async (kind: Kind, send: Send, details: Details) => {
    const recorded = await world.insist(kind, { account, client, app: 0, send, ...details });
    if (outcomeOf(recorded) === 'unknown') throw new Error(`${kind} stays unavailable when all is healed`);
  };
  for (const held of [...account.alive, ...account.over]) {
    const { id: session, refreshTokens } = held;
    const { token: accessToken, ...shown } = shownBy(held);
    const { token: refresh_token = '', generation = 0 } = refreshTokens.at(-1) ?? {};
    await ask('visit', (app) => app.get('/protected', accessToken), shown);
    await ask('refresh', (app) => app.post('/auth/refresh', { refresh_token }), { session, generation });
  }
  for (const password of [...account.formerPasswords, ...account.passwords]) {
    for (const email of account.emails) {
      const credentials = { username: email, password };
      await ask('login', (app) => app.post('/auth/token', credentials), { email, password });
    }
  }
  for (const link of account.links.filter(({ kind }) => kind === 'reset')) {
    const password = world.newPassword();
    const use = { token: link.token, password };
    await ask('reset', (app) => app.post('/auth/reset-password', use), { link, newPassword: password });
  }
}
