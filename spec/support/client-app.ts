import { type AuthClient, type AuthClientOptions, createAuthClient } from 'express-auth-kit/client';
import { createLossyProxy, type LossyProxy } from './lossy-proxy.js';
import { createTestApp, type TestApp, type TestAppOptions } from './test-app.js';

interface Own {
  phone: string | null;
}

/** An app, a network that can be told to fail, and clients of the app. */
export interface ClientApp {
  app: TestApp;
  network: LossyProxy;
  /** A client by the network. Two of them are two tabs, where they have a storage in common. */
  open(options?: Partial<AuthClientOptions>): AuthClient<Own>;
  /** The same, of a new user who is signed in. */
  signIn(options?: Partial<AuthClientOptions>): Promise<{ client: AuthClient<Own>; email: string }>;
  /** A route of the app, behind `requireUser`. */
  protected: string;
  close(): Promise<void>;
}

export async function createClientApp(options?: TestAppOptions): Promise<ClientApp> {
  const app = await createTestApp(options);
  const network = await createLossyProxy(app.url);
  const clients: AuthClient<Own>[] = [];
  const open = (given?: Partial<AuthClientOptions>) => {
    const client = createAuthClient<Own>({ baseUrl: `${network.url}/auth`, ...given });
    clients.push(client);
    return client;
  };
  return {
    app,
    network,
    open,
    async signIn(given) {
      const client = open(given);
      const { email, password } = await app.register();
      await client.login({ username: email, password });
      return { client, email };
    },
    protected: `${network.url}/protected`,
    async close() {
      for (const client of clients) client.close();
      network.close();
      await app.close();
    },
  };
}

/** What `localStorage` is, without its tabs being told: that is the channel's. */
export function createMapStorage() {
  const entries = new Map<string, string>();
  return {
    entries,
    getItem: (key: string) => entries.get(key) ?? null,
    setItem: (key: string, value: string) => void entries.set(key, value),
    removeItem: (key: string) => void entries.delete(key),
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
