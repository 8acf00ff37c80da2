import {
  bearer,
  createTestApp,
  PASSWORD,
  type TestApp,
  type TestAppOptions,
} from '../../support/test-app.js';

export const MINUTE = 60_000;
export const WRONG = 'not the right horse';

/** An app behind a proxy that it trusts, so that a spec says where a request comes from. */
export function createThrottledApp(options: TestAppOptions = {}): Promise<TestApp> {
  const { prepare, ...others } = options;
  return createTestApp({
    throttle: true,
    prepare(app) {
      app.set('trust proxy', true);
      prepare?.(app);
    },
    ...others,
  });
}

export type User = Awaited<ReturnType<TestApp['register']>>;

let addresses = 0;

/** Another address each time: what is bounded by account only. */
export function newAddress(): string {
  addresses += 1;
  return `198.18.${addresses >> 8}.${addresses & 255}`;
}

export const from = (ip: string) => ({ 'x-forwarded-for': ip });

/** What is tried in an app. */
export function attemptsIn(app: () => TestApp) {
  const login = ({ email }: Pick<User, 'email'>, password = PASSWORD, ip = newAddress()) =>
    app().http.post('/auth/token').set(from(ip)).send({ username: email, password });
  return {
    login,
    async register(): Promise<User> {
      const email = `guessed-${newAddress()}@example.com`;
      const body = { email, password: PASSWORD };
      const answer = await app().http.post('/auth/register').set(from(newAddress())).send(body).expect(201);
      return { email, password: PASSWORD, id: answer.body.id };
    },
    /** Wrong ones, one after another. */
    async guess(user: Pick<User, 'email'>, times: number, ip?: string): Promise<void> {
      for (let time = 0; time < times; time += 1) await login(user, WRONG, ip).expect(401);
    },
    signedIn: async (user: User, ip?: string) =>
      bearer((await login(user, PASSWORD, ip).expect(200)).body.access_token),
  };
}
