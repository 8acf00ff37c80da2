import type { Settings } from '../config/option-table.js';
import type { Outbox } from '../mail/outbox.js';
import type { PendingSignInStore } from '../models/pending-sign-in-store.js';
import type { Stores } from '../models/stores.js';
import type { Background } from '../runtime/background.js';
import type { Logger } from '../runtime/logger.js';
import type { KeyRing } from '../security/key-ring.js';
import type { PasswordHasher } from '../security/password-hash.js';
import type { PasswordPolicy } from '../security/password-policy.js';
import type { TokenSigner } from '../security/tokens.js';
import type { Events } from './events.js';
import type { Hooks } from './hooks.js';
import type { Limit } from './limits.js';
import type { Methods } from './method.js';
import type { SessionLimit } from './session-limit.js';
import type { TokenReader } from './token-reader.js';

/** The settings, less those that the core has made parts of (`logger`, `outbox`, `keys`, ...). */
export type CoreSettings = Omit<
  Settings,
  | 'secretKey'
  | 'previousSecretKeys'
  | 'onError'
  | 'messages'
  | 'hooks'
  | 'templates'
  | 'links'
  | 'mail'
  | 'logger'
  | 'clock'
  | 'User'
  | 'features'
>;

/** What happens to accounts and sessions, whoever asks for it: every part of one router that knows nothing of HTTP. */
export interface Core extends Stores {
  settings: CoreSettings;
  /** Never throws. */
  logger: Logger;
  keys: KeyRing;
  signer: TokenSigner;
  hasher: PasswordHasher;
  policy: PasswordPolicy;
  outbox: Outbox;
  background: Background;
  events: Events;
  hooks: Hooks;
  limitSessions: SessionLimit;
  /** In the order of the features. */
  limits: readonly Limit[];
  methods: Methods;
  /** @throws Error where no feature brings a method */
  pendingSignIns(): PendingSignInStore;
  /** By the configured clock. */
  now(): Date;
}

/** A core that reads tokens, too. */
export interface TokenCore extends Core {
  tokenReader: TokenReader;
}
