import { AuthClientError } from './auth-client-error.js';
import { createAuthFetch } from './auth-fetch.js';
import { createBearerSession } from './bearer-session.js';
import { createCookieSession } from './cookie-session.js';
import type {
  Challenged,
  ChallengeInput,
  ClientSession,
  ClientUser,
  ConfirmInput,
  LoginInput,
  Message,
  RegisterInput,
  SignedIn,
  SignInResult,
} from './inputs.js';
import { readAnswer } from './read-answer.js';
import type { Session, TokenAnswer } from './session.js';
import type { AuthState } from './standing.js';
import type { TokenStorage } from './token-store.js';

export interface AuthClientOptions {
  /** Where the router is mounted: `https://api.example.com/auth`, or in a page `/auth`. */
  baseUrl: string;
  /** How tokens travel: in the hands of the client (the default), or in cookies that no script can read. */
  mode?: 'bearer' | 'cookies';
  /** Where tokens are kept, for the mode `bearer`: `localStorage`, say. In memory by default. */
  storage?: TokenStorage;
}

export type AuthClient<Own extends object = object> = ReturnType<typeof createAuthClient<Own>>;

/**
 * A client of one router. Its methods throw an {@link AuthClientError}.
 *
 * @param Own the app's own fields of the user, as JSON has them
 * @throws TypeError for a `baseUrl` that is no address, and a mode that is none
 *
 * @example
 * const auth = createAuthClient({ baseUrl: 'https://api.example.com/auth' });
 * await auth.login({ username: 'ada@example.com', password });
 * const orders = await auth.fetch('https://api.example.com/orders');
 */
export function createAuthClient<Own extends object = object>({
  baseUrl,
  mode = 'bearer',
  storage,
}: AuthClientOptions) {
  const { origin, pathname } = new URL(
    baseUrl,
    (globalThis as { location?: { href: string } }).location?.href,
  );
  const base = origin + pathname.replace(/\/+$/, '');
  const name = `express-auth-kit:${mode}:${base}`;
  const init = (method: string, body?: object, more?: RequestInit): RequestInit => ({
    ...session.init,
    method,
    headers: { ...session.init.headers, ...(body && { 'content-type': 'application/json' }) } as Record<
      string,
      string
    >,
    body: body && JSON.stringify(body),
    ...more,
  });
  const ask = <Answer>(path: string, body: object = {}, more?: RequestInit) =>
    readAnswer<Answer>(fetch(base + path, init('POST', body, more)));

  const session = createSession();
  const { standing } = session;
  const authFetch = createAuthFetch(origin, session);

  function createSession(): Session {
    if (mode === 'bearer') return createBearerSession(name, ask, storage) as Session;
    if (mode === 'cookies') return createCookieSession(name, ask) as Session;
    throw new TypeError(`mode: ${JSON.stringify(mode)} given; allowed: "bearer", "cookies"`);
  }

  /** Asks as who is signed in. */
  async function call<Answer = void>(method: string, path: string, body?: object): Promise<Answer> {
    const before = standing.now();
    const answer = await readAnswer<Answer>(authFetch(base + path, init(method, body)));
    if (standing.now() === before) standing.set({ ...before, state: 'signed-in' });
    return answer;
  }

  async function signIn(path: string, body: object): Promise<SignedIn> {
    session.begin(await ask<TokenAnswer>(path, body));
    return { state: 'signed-in' };
  }

  return {
    /** How it stands now. It is `unknown` with cookies, until an answer says it: `me()` asks for one. */
    get state(): AuthState {
      return standing.now().state;
    },
    /**
     * Is told each change, those of other tabs too: another login is one.
     *
     * @returns what stops it
     */
    onChange: standing.onChange,
    /** The platform's, with who is signed in to the origin of `baseUrl`, and to no other. */
    fetch: authFetch,
    /** Stops listening to other tabs. */
    close: session.close,

    /** @returns the user, or a message where the address is to be verified first */
    register: (input: RegisterInput<Own>) => ask<ClientUser<Own> | Message>('/register', input),
    async login({ deviceName, ...input }: LoginInput): Promise<SignInResult> {
      try {
        return await signIn('/token', { ...input, device_name: deviceName });
      } catch (error) {
        if (!(error instanceof AuthClientError && error.code === 'second_factor_required')) throw error;
        const { challenge, methods, expires_in, enrol, passkey } = error.problem;
        return { state: 'challenge', challenge, methods, expires_in, enrol, passkey } as Challenged;
      }
    },
    /** The second step of a login. */
    challenge: (input: ChallengeInput) => signIn('/challenge', input),
    /** In mode `bearer` the tokens are forgotten even where no answer comes; with cookies that throws, and nothing has changed. */
    logout: session.logout,
    /** Ends every session of the user. */
    async logoutAll(): Promise<void> {
      await call('POST', '/logout-all');
      session.end();
    },
    /** Once more who it is: what asks for a recent login goes on. */
    confirm: (input: ConfirmInput) => call<{ confirmed_at: string }>('POST', '/confirm', input),

    me: () => call<ClientUser<Own>>('GET', '/me'),
    updateMe: (changes: Partial<Own> & { name?: string | null }) =>
      call<ClientUser<Own>>('PATCH', '/me', changes),
    /** Deletes the user. Without a password a recent login is asked for. */
    async deleteMe(input?: { password: string }): Promise<void> {
      await call('DELETE', '/me', input);
      session.end();
    },

    forgotPassword: (email: string) => ask<Message>('/forgot-password', { email }),
    /** Whether a recovery link still works. It does not use it up. */
    validateReset: (token: string) =>
      ask<{ email: string; valid: true }>('/forgot-password/validate', { token }),
    resetPassword: (input: { token: string; password: string }) => ask<Message>('/reset-password', input),
    /** Every other session ends. */
    async changePassword(input: { currentPassword?: string; newPassword: string }): Promise<Message> {
      const body = { current_password: input.currentPassword, new_password: input.newPassword };
      const former = await session.current();
      const answer = await call<Message & TokenAnswer>('POST', '/change-password', body);
      session.replace(answer, former);
      return { message: answer.message };
    },

    changeEmail: (input: { email: string; password?: string }) =>
      call<Message>('POST', '/change-email', input),
    confirmEmailChange: (token: string) => ask<{ email: string }>('/change-email/confirm', { token }),
    undoEmailChange: (token: string) => ask<{ email: string }>('/change-email/undo', { token }),
    verifyEmail: (token: string) => ask<{ email: string; verified: true }>('/verify-email', { token }),
    resendVerification: (email: string) => ask<Message>('/verify-email/resend', { email }),

    /** Where the user is signed in, the newest login first. */
    sessions: () => call<ClientSession[]>('GET', '/sessions'),
    endSession: (id: string) => call('DELETE', `/sessions/${encodeURIComponent(id)}`),
    endOtherSessions: () => call('DELETE', '/sessions'),
  };
}
