import { type Collection, type CollectionDefinition, trusted } from './collection.js';

/** What a strategy keeps while the browser is with a provider: state, nonce, code verifier. */
interface RedirectStateRow {
  /** Of the handle that the browser has. */
  hash: string;
  strategy: string;
  /** In JSON: the keys are the strategy's, and may be such that the database has no fields for. */
  data: string;
  expiresAt: Date;
}

export const REDIRECT_STATES: CollectionDefinition = {
  name: 'auth_redirect_states',
  fields: {
    hash: { type: String, required: true },
    strategy: { type: String, required: true },
    data: { type: String, required: true },
    expiresAt: { type: Date, required: true },
  },
  indexes: [{ keys: { hash: 1 }, unique: true }],
};

export interface RedirectStateStore {
  put(state: RedirectStateRow): Promise<void>;
  /** Single use: of many at once one gets it. @returns the data, unless it has expired or is another strategy's */
  take(hash: string, strategy: string, now: Date): Promise<string | undefined>;
}

export function createRedirectStateStore(states: Collection<RedirectStateRow>): RedirectStateStore {
  return {
    async put(state) {
      await states.insert(state);
    },
    async take(hash, strategy, now) {
      const state = await states.take({ hash, strategy, expiresAt: trusted({ $gt: now }) });
      return state?.data;
    },
  };
}
