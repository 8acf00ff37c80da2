import type { Strategy } from 'passport';
import type { Background } from './background.js';
import type { AuthHooks, Logger, MailTemplates, Settings } from './config/options.js';
import type { Events } from './events.js';
import type { Authenticator } from './http/authenticate.js';
import type { Guards } from './http/guards.js';
import type { Identify } from './http/identify.js';
import type { Route } from './http/route.js';
import type { TokenReader } from './http/token-reader.js';
import type { Mailer } from './mail/mailer.js';
import type { Stores } from './models/stores.js';
import type { UserDocument } from './models/user-store.js';
import type { KeyRing } from './security/key-ring.js';
import type { PasswordHasher } from './security/password-hash.js';
import type { PasswordPolicy } from './security/password-policy.js';
import type { TokenSigner } from './security/tokens.js';

/** The settings, less those that the kit has made parts of (`logger`, `mailer`, `keys`, ...). */
export type KitSettings = Omit<
  Settings,
  'secretKey' | 'previousSecretKeys' | 'hooks' | 'templates' | 'mail' | 'logger' | 'clock'
>;

/** What a feature gets: every part of one router, made once. */
export interface Kit extends Stores {
  settings: KitSettings;
  /** Never throws. */
  logger: Logger;
  keys: KeyRing;
  signer: TokenSigner;
  hasher: PasswordHasher;
  policy: PasswordPolicy;
  authenticator: Authenticator;
  tokenReader: TokenReader;
  identify: Identify;
  guards: Guards;
  /** Absent where no mail is configured. */
  mailer: Mailer | undefined;
  templates: MailTemplates;
  background: Background;
  events: Events;
  hooks: Hooks;
  /** By the configured clock. */
  now(): Date;
}

/** The hooks of all features and of the app, each a function that awaits them in order. */
export type Hooks = Required<AuthHooks<UserDocument>>;

/**
 * The only way to extend the kit. A feature owns its routes, strategies and hooks; it never imports another one. Two
 * that claim one route or strategy stop the start.
 */
export interface Feature {
  name: string;
  routes?(kit: Kit): Route[];
  /** By the names they are asked for. */
  strategies?(kit: Kit): Record<string, Strategy>;
  hooks?(kit: Kit): AuthHooks<UserDocument>;
}
