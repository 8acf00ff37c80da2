/**
 * Where attempts are counted, in place of the app's MongoDB: any limiter of
 * [rate-limiter-flexible](https://github.com/animir/node-rate-limiter-flexible) (Redis, Valkey, PostgreSQL, memory, ...). Its own
 * `points` and `duration` are not used. What happens while the store is away is its option `insuranceLimiter`: without one,
 * whatever has to be counted is answered 503.
 *
 * @example
 * const store = new RateLimiterRedis({ storeClient: redis, keyPrefix: 'auth' });
 * createAuthRouter({ throttle: { store } });
 */
export interface ThrottleStore {
  penalty(
    key: string,
    points: number,
    options: { customDuration: number },
  ): Promise<{ consumedPoints: number; msBeforeNext: number }>;
  reward(
    key: string,
    points: number,
    options: { customDuration: number },
  ): Promise<{ consumedPoints: number }>;
  get(key: string): Promise<{ consumedPoints: number; msBeforeNext: number } | null>;
  delete(key: string): Promise<unknown>;
}

export interface ThrottleOptions {
  store?: ThrottleStore;
}

/** What the kit calls of a store. */
export const STORE_METHODS = Object.keys({
  penalty: true,
  reward: true,
  get: true,
  delete: true,
} satisfies Record<keyof ThrottleStore, true>);
