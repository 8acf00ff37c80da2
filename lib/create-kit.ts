import { createBackground } from './background.js';
import { type AuthHooks, HOOKS, type Settings } from './config/options.js';
import { SYSTEM_CLOCK } from './config/resolve-options.js';
import { createEvents } from './events.js';
import { createAuthenticator } from './http/authenticate.js';
import { createGuards } from './http/guards.js';
import { createIdentify } from './http/identify.js';
import { createTokenReader } from './http/token-reader.js';
import type { Feature, Hooks, Kit } from './kit.js';
import { createMailer } from './mail/mailer.js';
import { defaultTemplates } from './mail/templates.js';
import { createStores } from './models/stores.js';
import type { UserDocument, UserModel } from './models/user-store.js';
import { createSafeLogger } from './safe-logger.js';
import { createKeyRing } from './security/key-ring.js';
import { createPasswordHasher } from './security/password-hash.js';
import { createPasswordPolicy } from './security/password-policy.js';
import { createTokenSigner } from './security/tokens.js';

/** Builds every part of one router, and lets the features register their strategies. */
export function createKit(settings: Settings, model: UserModel, features: readonly Feature[]): Kit {
  const {
    secretKey,
    previousSecretKeys,
    hooks,
    templates,
    mail,
    logger: ownLogger,
    clock,
    ...rest
  } = settings;
  const { algorithm, issuer, audience } = rest;
  const logger = createSafeLogger(ownLogger);
  const keys = createKeyRing({ secretKey, previousSecretKeys, algorithm });
  const stores = createStores(model, {
    clock: clock === SYSTEM_CLOCK ? 'database' : 'app',
    onIndexFailure: (error) => logger.warn?.('an index of the user model could not be created', { error }),
  });
  const authenticator = createAuthenticator();
  const now = () => new Date(clock.now());
  const tokenReader = createTokenReader(authenticator, { keys, issuer, audience, now: () => clock.now() });
  const identify = createIdentify({ tokenReader, loadSignIn: stores.loadSignIn, now });
  const parts: Omit<Kit, 'hooks'> = {
    ...stores,
    settings: rest,
    logger,
    keys,
    signer: createTokenSigner(keys, rest),
    hasher: createPasswordHasher({ cost: rest.password.bcryptCost }),
    policy: createPasswordPolicy(rest.password),
    authenticator,
    tokenReader,
    identify,
    guards: createGuards({ tokenReader, identify, now }),
    mailer: mail && createMailer(mail),
    templates: { ...defaultTemplates, ...templates },
    background: createBackground(),
    events: createEvents(logger),
    now,
  };
  // The features' hooks are given the kit that they become a part of.
  const kit = parts as Kit;
  const ofFeatures = features.map((feature) => feature.hooks?.(kit));
  kit.hooks = combineHooks([...ofFeatures, hooks as AuthHooks<UserDocument>]);
  for (const feature of features) {
    const strategies = Object.entries(feature.strategies?.(kit) ?? {});
    for (const [name, strategy] of strategies) authenticator.use(name, strategy);
  }
  return kit;
}

/** The features' hooks in the order of the features, then the app's. */
function combineHooks(all: readonly (AuthHooks<UserDocument> | undefined)[]): Hooks {
  const inOrder = (name: keyof Hooks) => async (event: never) => {
    for (const hooks of all) await hooks?.[name]?.(event);
  };
  return Object.fromEntries(HOOKS.map((name) => [name, inOrder(name)])) as Hooks;
}
