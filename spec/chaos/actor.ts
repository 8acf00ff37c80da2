import { claimsOf, type Held, holdPair, type SharedAccount } from './account.js';
import type { Kind } from './history.js';
import type { Random } from './random.js';
import type { Details, Recorded, Send, World } from './world.js';

/** Who asks: one of the clients. */
export interface Actor {
  world: World;
  client: number;
  random: Random;
}

/** What a client may do with an account. */
export type Action = (actor: Actor, account: SharedAccount) => Promise<void>;

/** Asks whichever process it comes to. */
export function ask(
  { world, client, random }: Actor,
  account: SharedAccount,
  kind: Kind,
  { send, ...details }: Details & { send: Send },
): Promise<Recorded> {
  return world.ask(kind, { account, client, app: random.whole(0, 1), send, ...details });
}

/** Logs in by what may be in force. */
export async function logIn(actor: Actor, account: SharedAccount): Promise<void> {
  const password = actor.random.pick(account.passwords);
  const { status } = await logInBy(actor, account, password);
  // The newest that works is the one in force.
  if (status === 200) account.passwords = account.passwords.slice(account.passwords.indexOf(password));
}

export async function logInBy(actor: Actor, account: SharedAccount, password: string): Promise<Recorded> {
  const email = actor.random.pick(account.emails);
  const send: Send = (app) => app.post('/auth/token', { username: email, password });
  const recorded = await ask(actor, account, 'login', { email, password, send });
  if (recorded.status !== 200) return recorded;
  if (account.emails.includes(email)) account.emails = account.emails.slice(account.emails.indexOf(email));
  account.userId = claimsOf(recorded.body.access_token).sub;
  account.alive.push(holdPair(recorded.body));
  return recorded;
}

/** Does something with one of the sessions that should be alive, whoever made it. */
export async function withSession(
  actor: Actor,
  account: SharedAccount,
  use: (held: Held) => Promise<unknown>,
): Promise<void> {
  if (account.alive.length === 0) await logIn(actor, account);
  if (account.alive.length > 0) await use(actor.random.pick(account.alive));
}
