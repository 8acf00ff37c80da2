import type { Request } from 'express';
import type { AuthHooks } from './config/hooks.js';
import type { TokenCore } from './core/core.js';
import type { Recorder } from './core/events.js';
import type { Limit } from './core/limits.js';
import type { Method } from './core/method.js';
import type { AnswerError } from './http/answer-error.js';
import type { Authenticator } from './http/authenticate.js';
import type { Guards } from './http/guards.js';
import type { Identify } from './http/identify.js';
import type { Origins } from './http/origins.js';
import type { PageForms } from './http/page-forms.js';
import type { RedirectFlow } from './http/redirect-flow.js';
import type { Route } from './http/route.js';
import type { TokenTransport } from './http/token-transport.js';
import type { MailKind } from './mail/mail-kind.js';
import type { CollectionDefinition } from './models/collection.js';
import type { UserDocument } from './models/user.js';
import type { PassportStrategy } from './security/passport-strategy.js';

/** What a feature gets: the core, and what reads requests. */
export interface Kit extends TokenCore {
  authenticator: Authenticator;
  identify: Identify;
  /** Where tokens come from and go to. */
  transport: TokenTransport;
  /** Which pages a cookie may be used by. */
  origins: Origins;
  /** What HTML forms are answered by. */
  pageForms: PageForms;
  guards: Guards;
  /** Answers a refusal in the form that the app wants it in. */
  answerError: AnswerError;
  /** Tells the operator of a proxy that the app does not trust. */
  watchProxy(req: Request): void;
  /** Asks the strategies among the features' `redirectStrategies`. */
  redirectFlow: RedirectFlow;
}

/**
 * The only way to extend the kit, for an app as for the kit itself. A feature is one room: it brings what it owns, and
 * knows no other feature. Two that claim one route, strategy, collection, mail or method stop the start.
 *
 * @example
 * const visits: Feature = {
 *   name: 'visits',
 *   collections: [VISITS],
 *   setup(kit) {
 *     const visits = kit.collections.get<Visit>(VISITS);
 *     return { hooks: { beforeSignIn: async ({ user }) => void (await visits.insert({ user: user._id })) } };
 *   },
 * };
 * createAuthRouter({ features: [visits] });
 */
export interface Feature {
  name: string;
  /** What it stores: indexed with the rest, on the user model's connection. A user's rows go with the user. */
  collections?: readonly CollectionDefinition[];
  /** What it mails, by the names that `kit.outbox.send` takes. */
  mails?: Readonly<Record<string, MailKind>>;
  /** Called once a router: what several parts share is a local constant of it. */
  setup(kit: Kit): Parts;
}

/** What a feature brings to one router. */
export interface Parts {
  routes?: readonly Route[];
  /** Routes below `/me`, which are in the router `auth.me` too: `/` is `/me` itself. */
  profile?: readonly Route[];
  /** By the names that `kit.authenticator` asks them by. */
  strategies?: Readonly<Record<string, PassportStrategy>>;
  /** Strategies that send the browser elsewhere: `kit.redirectFlow` asks them. */
  redirectStrategies?: Readonly<Record<string, PassportStrategy>>;
  hooks?: AuthHooks<UserDocument>;
  /** Asked around every operation in which a guess could be made. */
  limits?: Limit;
  /** Further ways to show who one is, by the names that clients know: for `POST /challenge`. */
  methods?: Readonly<Record<string, Method>>;
  /** Notes every event before its request is answered; what it throws is answered in its place. */
  record?: Recorder;
}
