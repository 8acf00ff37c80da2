import { checkFunctions, checkKnown, refuse } from './config/checks.js';
import type { Settings } from './config/option-table.js';
import { type Brought, createCore } from './core/create-core.js';
import { createNoteShown } from './core/note-shown.js';
import { type AnswerErrorOptions, createAnswerError } from './http/answer-error.js';
import { createAuthenticator } from './http/authenticate.js';
import { createGuards } from './http/guards.js';
import { createIdentify } from './http/identify.js';
import { createProxyWatch } from './http/proxy-watch.js';
import { createRedirectFlow } from './http/redirect-flow.js';
import type { Route } from './http/route.js';
import { createTokenReader } from './http/token-reader.js';
import { createWebMode } from './http/web-mode.js';
import type { Feature, Kit, Parts } from './kit.js';
import { createRedirectStateStore, REDIRECT_STATES } from './models/redirect-state-store.js';
import type { UserModel } from './models/user.js';

const PARTS = Object.keys({
  routes: true,
  profile: true,
  strategies: true,
  redirectStrategies: true,
  hooks: true,
  limits: true,
  methods: true,
  record: true,
} satisfies Record<keyof Parts, true>);

/** A kit with its features, and the route tables that come of them. */
interface Assembled {
  kit: Kit;
  /** All of them, those of the profile too. */
  routes: Route[];
  /** Those of the profile, as they are below `/me`. */
  profile: Route[];
}

/**
 * Builds every part of one router and sets the features up, in their order.
 *
 * @throws Error when two features claim the same; TypeError for a template or a link of a mail that no feature
 * sends, and for a strategy that redirects without `appUrl`
 */
export function createKit(settings: Settings, model: UserModel, features: readonly Feature[]): Assembled {
  const mails = collect(
    'mail',
    features.map(({ mails }) => mails),
  );
  const brought: Brought = { mails, hooks: [], limits: [], methods: new Map(), recorders: [] };
  const kit = createBareKit(settings, model, brought);
  collect(
    'name',
    features.map(({ name }) => ({ [name]: true })),
  );
  const parts = features.map((feature) => install(kit, brought, feature));
  // The collection is there if a feature needs it, and only then.
  if (parts.some(({ redirectStrategies }) => redirectStrategies)) {
    if (!settings.appUrl)
      throw new TypeError('appUrl (or AUTH_APP_URL): required by a strategy that redirects');
    kit.collections.open(REDIRECT_STATES);
  }
  brought.hooks.push(settings.hooks);
  const profile = parts.flatMap(({ profile = [] }) => profile);
  return { kit, profile, routes: [...parts.flatMap(({ routes = [] }) => routes), ...profile.map(belowMe)] };
}

/** A kit as it is without features. */
function createBareKit(settings: Settings, model: UserModel, brought: Brought): Kit {
  const core = createCore(settings, model, brought);
  const { now, loadSignIn, keys } = core;
  const { issuer, audience, appUrl } = settings;
  const authenticator = createAuthenticator();
  const jwt = { keys, issuer, audience, now: () => now().getTime() };
  const tokenReader = createTokenReader(authenticator, jwt);
  // Typed by `createAuthRouter`.
  const { onError, messages } = settings as Pick<AnswerErrorOptions, 'onError' | 'messages'>;
  const answerError = createAnswerError({ onError, messages });
  const web = createWebMode(settings, Object.assign(core, { tokenReader }));
  const { transport, origins, pageForms, access } = web;
  const noteShown = createNoteShown(core);
  const identify = createIdentify({ access, transport, loadSignIn, noteShown, now });
  return Object.assign(core, {
    authenticator,
    tokenReader,
    identify,
    transport,
    origins,
    pageForms,
    guards: createGuards({ access, identify, answerError, now }),
    answerError,
    watchProxy: createProxyWatch(core.logger),
    redirectFlow: createRedirectFlow({
      authenticator,
      states: () => createRedirectStateStore(core.collections.get(REDIRECT_STATES)),
      isSecure: appUrl?.startsWith('https:') ?? false,
      now,
    }),
  });
}

/** Takes in what one feature brings. */
function install(kit: Kit, brought: Brought, feature: Feature): Parts {
  for (const definition of feature.collections ?? []) kit.collections.open(definition);
  const parts = feature.setup(kit);
  if (parts instanceof Promise) refuse(`the parts of the feature ${feature.name}`, 'a promise', 'an object');
  checkKnown(parts, PARTS, `the parts of the feature ${feature.name}`);
  if (parts.limits)
    checkFunctions(`the limits of the feature ${feature.name}`, parts.limits, ['admit', 'before', 'after']);
  const strategies = { ...parts.strategies, ...parts.redirectStrategies };
  for (const [name, strategy] of Object.entries(strategies)) kit.authenticator.use(name, strategy);
  collect('method', [parts.methods], brought.methods);
  if (parts.hooks) brought.hooks.push(parts.hooks);
  if (parts.limits) brought.limits.push(parts.limits);
  if (parts.record) brought.recorders.push(parts.record);
  return parts;
}

/** Puts together what features bring by name. */
function collect<Value>(
  what: string,
  all: readonly (Readonly<Record<string, Value>> | undefined)[],
  into = new Map<string, Value>(),
): Map<string, Value> {
  for (const [name, value] of all.flatMap((named) => Object.entries(named ?? {}))) {
    if (into.has(name)) throw new Error(`two features claim the ${what} ${name}`);
    into.set(name, value);
  }
  return into;
}

function belowMe({ path, aliases = [], formPath, ...route }: Route): Route {
  const atMe = (below: string) => (below === '/' ? '/me' : `/me${below}`);
  const forms = formPath && { formPath: atMe(formPath) };
  return { ...route, path: atMe(path), aliases: aliases.map(atMe), ...forms };
}
