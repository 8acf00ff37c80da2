import { type AuthClient, type AuthClientOptions, createAuthClient } from 'express-auth-kit/client';
import { createClientWorld } from './client-platform.js';
import type { ClientWorld, WorldKind } from './client-world.js';
import type { ProxiedAnswer, SeenRequest } from './lossy-proxy.js';

interface Own {
  phone: string | null;
}

/** An app, a network that can be told to fail, and clients of the app. */
export interface ClientApp extends Omit<ClientWorld, 'hold' | 'arrival' | 'release'> {
  /** A client by the network. Two of them are two tabs, where they have a storage in common. */
  open(options?: Partial<AuthClientOptions>): AuthClient<Own>;
  /** The same, of a new user who is signed in. */
  signIn(options?: Partial<AuthClientOptions>): Promise<{ client: AuthClient<Own>; email: string }>;
  /** A route of the app, behind `requireUser`. */
  protected: string;
  lastRequest(): Promise<SeenRequest>;
  /**
   * The next request for a path waits: to be carried out, or its answer.
   *
   * @param instead another answer, in place of its own
   */
  hold(
    path: string,
    what: 'request' | 'answer',
    instead?: Partial<ProxiedAnswer>,
  ): Promise<{ arrived: Promise<void>; release(): Promise<void> }>;
}

export async function createClientApp(kind: WorldKind = 'bearer'): Promise<ClientApp> {
  const world = await createClientWorld(kind);
  const clients: AuthClient<Own>[] = [];
  const open = (given?: Partial<AuthClientOptions>) => {
    const client = createAuthClient<Own>({ baseUrl: `${world.url}/auth`, ...given });
    clients.push(client);
    return client;
  };
  return {
    ...world,
    open,
    async signIn(given) {
      const client = open(given);
      const { email, password } = await world.register();
      await client.login({ username: email, password });
      return { client, email };
    },
    protected: `${world.url}/protected`,
    async lastRequest() {
      const last = (await world.requests()).at(-1);
      if (!last) throw new Error('nothing came');
      return last;
    },
    async hold(...asked) {
      const held = await world.hold(...asked);
      return { arrived: world.arrival(held), release: () => world.release(held) };
    },
    async close() {
      for (const client of clients) client.close();
      await world.close();
    },
  };
}

/** The next change that a client tells. */
export function nextChange(client: Pick<AuthClient, 'onChange'>): Promise<string> {
  return new Promise((resolve) => {
    const stop = client.onChange((state) => {
      stop();
      resolve(state);
    });
  });
}
