import {
  type AuthClient,
  AuthClientError,
  createAuthClient,
  type TokenStorage,
} from 'express-auth-kit/client';

/** A page: it has the types of browsers, and none of Node.js, Express or Mongoose. */
interface Own {
  phone: string | null;
}

const storage: TokenStorage = sessionStorage;
export const plain: AuthClient = createAuthClient({ baseUrl: '/auth', storage });
export const auth: AuthClient<Own> = createAuthClient<Own>({ baseUrl: '/auth', storage: localStorage });

export async function use(): Promise<void> {
  const stop = auth.onChange((state) => {
    document.title = state;
  });
  const { phone, createdAt, email, roles } = await auth.me();
  const texts: (string | null)[] = [phone, createdAt, email, ...roles];
  const response: Response = await auth.fetch(new Request('/orders'), { priority: 'high' });
  const result = await auth.login({ username: texts.join(), password: await response.text() });
  if (result.state === 'challenge') {
    await auth.challenge({ challenge: result.challenge, method: 'totp', code: '123456' });
  }
  for (const { current, last_used_at } of await auth.sessions()) if (!current) Date.parse(last_used_at);
  await auth.register({ email, password: 'x', phone: '1' });
  stop();
}

export function wordsOf(error: unknown): string[] {
  return error instanceof AuthClientError ? error.errors.map(({ pointer, detail }) => pointer + detail) : [];
}

// @ts-expect-error the user has no such field
auth.updateMe({ phnoe: '1' });
// @ts-expect-error the state is told, not set
auth.state = 'signed-in';
// @ts-expect-error a time is a text in JSON
auth.me().then(({ createdAt }) => createdAt?.getTime());
