import { isRefused } from './auth-client-error.js';
import { unexpectedAnswer } from './read-answer.js';
import type { Ask, Session, TokenAnswer } from './session.js';
import { createSingleFlight } from './single-flight.js';
import { keepStanding, type Standing } from './standing.js';
import { inTurn, openLine, PATIENCE } from './tabs.js';

/** Which login a request was sent under, and after how many renewals. */
interface Sent {
  login?: number;
  renewals: number;
}

/** Tokens in cookies that no script can see: the guards renew them, and all there is to know here is what answers say. */
export function createCookieSession(name: string, ask: Ask): Session<Sent> {
  const standing = keepStanding({ state: 'unknown' });
  const line = openLine(name, (message) => {
    if (!message) return;
    // Whatever it is, the cookies are others.
    renewals += 1;
    const { state, login } = message as Partial<Standing>;
    // A tab that was opened later does not know which login it is.
    if (login || (state && state !== standing.now().state)) standing.set(message as Standing);
  });
  const fly = createSingleFlight();
  let renewals = 0;

  const settle = (next: Standing) => {
    if (standing.set(next)) line.tell(next);
  };
  const sent = (): Sent | undefined => {
    const { state, login } = standing.now();
    return state === 'signed-out' ? undefined : { login, renewals };
  };

  async function refresh(): Promise<void> {
    const before = standing.now();
    let next: Standing = { state: 'signed-out' };
    try {
      check(await ask('/refresh', {}, { signal: AbortSignal.timeout(PATIENCE) }));
      next = { ...before, state: 'signed-in' };
      renewals += 1;
      line.tell({});
    } catch (error) {
      if (!isRefused(error)) throw error;
    }
    // A logout meanwhile wins, and so does another login.
    if (standing.now() === before) settle(next);
  }

  return {
    standing,
    init: { credentials: 'include', headers: { 'x-auth-mode': 'cookies' } },
    current: async () => sent(),
    identify: (request) => new Request(request, { credentials: 'include' }),
    async renew(refused) {
      const isDue = () => sent()?.renewals === refused.renewals;
      const work = async () => {
        // Another tab was first.
        if (isDue()) await refresh();
      };
      if (isDue()) await fly(renewals, () => inTurn(name, work, () => isDue() && line.next()));
      const now = sent();
      return now?.login === refused.login ? now : undefined;
    },
    begin(answer) {
      check(answer);
      settle({ state: 'signed-in', login: Math.random() });
    },
    replace: check,
    end: () => settle({ state: 'signed-out' }),
    async logout() {
      await ask('/logout', {}, { signal: AbortSignal.timeout(PATIENCE), keepalive: true });
      settle({ state: 'signed-out' });
    },
    close: line.close,
  };
}

/** A server without web mode would send the tokens themselves. */
function check(answer: TokenAnswer | null | undefined): void {
  if (answer?.token_type !== 'cookie') throw unexpectedAnswer(200);
}
