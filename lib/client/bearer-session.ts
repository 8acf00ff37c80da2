import { isRefused } from './auth-client-error.js';
import { unexpectedAnswer } from './read-answer.js';
import type { Ask, Session, TokenAnswer } from './session.js';
import { createSingleFlight } from './single-flight.js';
import { keepStanding, type Standing } from './standing.js';
import { inTurn, openLine, PATIENCE } from './tabs.js';
import { createTokenStore, type HeldTokens, type TokenStorage } from './token-store.js';

/** Of its lifetime an access token is used so much: routes that let anybody in would not say that it has expired. */
const MOST = 0.95;

/** Tokens in the hands of the client. */
export function createBearerSession(name: string, ask: Ask, storage?: TokenStorage): Session<HeldTokens> {
  const store = createTokenStore(name, storage);
  const look = (): Standing => {
    const held = store.read();
    return held ? { state: 'signed-in', login: held.login } : { state: 'signed-out' };
  };
  const standing = keepStanding(look());
  // What each tab has in its own memory is none of another's business.
  const line = storage && openLine(name, () => standing.set(look()));
  const fly = createSingleFlight();

  const keep = (held?: HeldTokens) => {
    store.write(held);
    if (standing.set(look())) line?.tell(null);
  };
  const isHeld = ({ access_token }: HeldTokens) => store.read()?.access_token === access_token;

  async function rotate(stale: HeldTokens): Promise<void> {
    // Another tab was first.
    if (!isHeld(stale)) return;
    try {
      const { refresh_token } = stale;
      const answer = await ask<TokenAnswer>(
        '/refresh',
        { refresh_token },
        { signal: AbortSignal.timeout(PATIENCE) },
      );
      const renewed = heldOf(answer, stale.login);
      // A logout meanwhile wins, and so does another login.
      if (isHeld(stale)) keep(renewed);
    } catch (error) {
      if (!isRefused(error)) throw error;
      if (isHeld(stale)) keep();
    }
  }

  async function leave({ refresh_token }: HeldTokens): Promise<void> {
    const init = { signal: AbortSignal.timeout(PATIENCE), keepalive: true };
    // With the server away there is nothing more that could be done here.
    await ask('/logout', { refresh_token }, init).catch(() => {});
  }

  const session: Session<HeldTokens> = {
    standing,
    // No cookie of the same origin has a say.
    init: { credentials: 'omit' },
    async current() {
      const held = store.read();
      standing.set(look());
      if (!held || Date.now() < held.renewAt) return held;
      // It may still be good.
      return session.renew(held).catch(() => held);
    },
    identify(request, held) {
      if (held) request.headers.set('authorization', `Bearer ${held.access_token}`);
      return request;
    },
    async renew(stale) {
      const work = () => rotate(stale);
      const turn = () => (line ? inTurn(name, work, () => isHeld(stale) && line.next()) : work());
      if (isHeld(stale)) await fly(stale.access_token, turn);
      const held = store.read();
      return held?.login === stale.login ? held : undefined;
    },
    begin: (answer) => keep(heldOf(answer, Math.random())),
    replace(answer, former) {
      const renewed = heldOf(answer, former?.login ?? 0);
      if (store.read()?.login === renewed.login) keep(renewed);
      else leave(renewed);
    },
    end: () => keep(),
    async logout() {
      const held = store.read();
      keep();
      if (held) await leave(held);
    },
    close: () => line?.close(),
  };
  return session;
}

function heldOf(answer: TokenAnswer | null | undefined, login: number): HeldTokens {
  if (answer?.token_type !== 'bearer' || !answer.access_token || !answer.refresh_token) {
    throw unexpectedAnswer(200);
  }
  const { access_token, refresh_token, expires_in } = answer;
  return { access_token, refresh_token, renewAt: Date.now() + expires_in * 1000 * MOST, login };
}
