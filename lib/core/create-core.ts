import type { AuthHooks } from '../config/hooks.js';
import type { Settings } from '../config/option-table.js';
import type { MailKind } from '../mail/mail-kind.js';
import { createOutbox } from '../mail/outbox.js';
import { createPendingSignInStore, PENDING_SIGN_INS } from '../models/pending-sign-in-store.js';
import { createStores } from '../models/stores.js';
import type { UserDocument, UserModel } from '../models/user.js';
import { createBackground } from '../runtime/background.js';
import { daysInMs, SYSTEM_CLOCK } from '../runtime/clock.js';
import { createSafeLogger } from '../runtime/logger.js';
import { createKeyRing } from '../security/key-ring.js';
import { createPasswordHasher } from '../security/password-hash.js';
import { createPasswordPolicy } from '../security/password-policy.js';
import { createTokenSigner } from '../security/tokens.js';
import type { Core } from './core.js';
import { createEvents, type Recorder } from './events.js';
import { combineHooks } from './hooks.js';
import type { Limit } from './limits.js';
import type { Method } from './method.js';
import { createSessionLimit } from './session-limit.js';

/** What the features bring to the core: filled while they are set up, read when it is needed. The mails are known before. */
export interface Brought {
  mails: ReadonlyMap<string, MailKind>;
  hooks: AuthHooks<UserDocument>[];
  limits: Limit[];
  methods: Map<string, Method>;
  recorders: Recorder[];
}

/**
 * How many links of one mail an account has at most. More than one: who asks for another does not void the one that its owner
 * is about to use. Not many: nobody can fill a mailbox. While no mail goes out for that, there is a link that works.
 */
const LIVE_LINKS = { most: 5, throttled: 3 };

/** How long a session that is not to be remembered lives without being used: browsers that restore their tabs restore it too. */
const UNREMEMBERED_DAYS = 1;

/** Builds every part of one router that knows nothing of HTTP. */
export function createCore(settings: Settings, model: UserModel, brought: Brought): Core {
  const { secretKey, previousSecretKeys, hooks, templates, links, mail, clock, ...others } = settings;
  const {
    logger: ownLogger,
    User: _model,
    features: _features,
    onError: _form,
    messages: _words,
    ...rest
  } = others;
  const { algorithm, issuer, audience, appUrl } = rest;
  const logger = createSafeLogger(ownLogger);
  const stores = createStores(model, {
    clock: clock === SYSTEM_CLOCK ? 'database' : 'app',
    idleMs: rest.sessionIdleDays && daysInMs(rest.sessionIdleDays),
    unrememberedMs: rest.cookies ? daysInMs(UNREMEMBERED_DAYS) : undefined,
    loginFields: rest.loginFields,
    verifiers: rest.password.verifiers,
    onIndexFailure: (error) => logger.warn?.('an index of the user model could not be created', { error }),
  });
  const keys = createKeyRing({ secretKey, previousSecretKeys, algorithm, kind: stores.kind });
  const background = createBackground();
  const events = createEvents(logger, brought.recorders);
  const now = () => new Date(clock.now());
  return {
    ...stores,
    settings: rest,
    logger,
    keys,
    signer: createTokenSigner(keys, { issuer, audience }),
    hasher: createPasswordHasher({
      cost: rest.password.bcryptCost,
      verifiers: rest.password.verifiers,
      logger,
    }),
    policy: createPasswordPolicy({ ...rest.password, loginFields: rest.loginFields }),
    outbox: createOutbox({
      ...stores,
      kinds: brought.mails,
      mail,
      appUrl,
      links,
      templates,
      liveLinks: rest.throttle ? LIVE_LINKS.throttled : LIVE_LINKS.most,
      background,
      logger,
      now,
      onFailure: (failure) =>
        events.emit('mail.failed', failure).catch((error: unknown) => {
          logger.error?.('that a mail failed could not be recorded', { error });
        }),
    }),
    background,
    events,
    hooks: combineHooks(brought.hooks),
    limitSessions: createSessionLimit({ ...stores, events, now, most: rest.sessionsPerUser }),
    limits: brought.limits,
    methods: brought.methods,
    pendingSignIns: () => createPendingSignInStore(stores.collections.get(PENDING_SIGN_INS)),
    now,
  };
}
