import type { RequestContext } from './config/hooks.js';
import type { Core } from './core/core.js';
import { originOf } from './core/events.js';
import { isSetUp } from './core/method.js';
import { ownClaims } from './core/own-claims.js';
import { EmailNotVerified, InvalidCredentials, SecondFactorRequired } from './errors.js';
import { concealCredentials, hasCredentials } from './models/conceal-credentials.js';
import { stampOf } from './models/security-stamp.js';
import { draftSession, type Session } from './models/session-store.js';
import type { UserDocument } from './models/user.js';
import { daysInMs } from './runtime/clock.js';
import { createOneTimeSecret } from './security/one-time-secret.js';
import { amrOf, kindsOf, type Proof } from './security/proof.js';
import { toSeconds } from './security/tokens.js';

export const WITH_BROWSER = Symbol('ends with the browser');

/** The answer to a login and to a refresh: RFC 6749 section 5.1. */
export interface TokenPair {
  access_token: string;
  refresh_token: string;
  token_type: 'bearer';
  /** Of the access token, in seconds. */
  expires_in: number;
  /** That cookies with them are to end with the browser. No JSON has it. */
  [WITH_BROWSER]?: true;
}

/** What a sign-in rests on. */
export interface SignIn {
  /** What the user has shown: at least one. */
  proofs: readonly Proof[];
  context: RequestContext;
  /** What the client calls itself, for the list of sessions: one line of text, checked. */
  deviceName?: string | null | undefined;
  /** `false`: it ends with the browser. */
  remember?: boolean | undefined;
  /** Skips the second factor: the app takes the responsibility. */
  bypassSecondFactor?: boolean;
}

/** A sign-in that waits for its second step, in seconds, and how often it may be tried. */
const PENDING = { seconds: 600, attempts: 5 };

/**
 * The gate: every way in ends here, whatever proved the user's identity, and here alone is decided whether it is enough.
 * Runs the hooks, makes the session, signs the first pair of tokens.
 *
 * @param user as loaded with its credentials when they were checked: a session made for credentials that were changed
 * meanwhile is over before it begins
 * @throws InvalidCredentials (`invalid_credentials`, 401) for a disabled user, and one who goes meanwhile; EmailNotVerified
 * (`email_not_verified`, 403) for an address that is not verified, where it has to be; SecondFactorRequired (`second_factor_required`, 403) when another
 * kind of proof is outstanding; what a `beforeSignIn` hook or a method's `begin` throws; Unavailable (`unavailable`, 503);
 * Error where nothing was shown, and for a user that was loaded without its credentials
 *
 * @example
 * const proof = { method: 'company', kinds: ['federated'], amr: ['fed'], at: kit.now() } as const;
 * return { tokens: await signIn(kit, user, { proofs: [proof], context }) };
 */
export async function signIn(
  core: Core,
  user: UserDocument,
  { proofs, context, deviceName = null, remember = true, bypassSecondFactor = false }: SignIn,
): Promise<TokenPair> {
  // Without them every user would look as if there was nothing more to ask for.
  if (!hasCredentials(user)) throw new Error('signIn: load the user with its credentials');
  if (proofs.length === 0) throw new Error('signIn: nothing was shown');
  if (user.disabledAt) throw new InvalidCredentials({ message: 'the user is disabled' });
  if (core.settings.emailVerification === 'required' && !user.emailVerifiedAt) throw new EmailNotVerified();
  const stamp = stampOf(user);
  const outstanding = bypassSecondFactor ? undefined : outstandingMethods(core, user, proofs);
  const begun = { stamp, proofs, deviceName, remember };
  if (outstanding) throw await suspend(core, user, { ...begun, methods: outstanding });
  concealCredentials(user);
  await core.hooks.beforeSignIn({ user, context });

  const { session, tokens } = await openSession(core, user, { ...begun, context });
  const [owner] = await Promise.all([core.users.load(user._id), core.limitSessions({ session, context })]);
  // The sessions were ended meanwhile, and perhaps cleared away before this one was there: nobody else would do it.
  if (!owner || stampOf(owner) !== stamp) await core.sessions.end(user._id, session._id.toString());
  if (!owner) throw new InvalidCredentials({ message: 'the user has gone meanwhile' });
  const event = { userId: String(user._id), sessionId: session._id.toString(), ...originOf(context) };
  await core.events.emit('login.succeeded', event);
  return tokens;
}

/** A sign-in that goes on in another session. */
interface Resumed {
  /** The session that it was in. */
  session: Session;
  /** The stamp under which the new one lives. */
  stamp: string;
  context: RequestContext;
}

/**
 * Goes on in a new session with what was shown for another one, which is to end: who had a copy of its tokens is out, and
 * who is in goes on. Nobody comes in here: nothing is asked again, no hook runs, and the time of the login stays what it
 * was, so that a password alone makes no recent login where a second factor is due.
 */
export function resumeSignIn(
  core: Core,
  user: UserDocument,
  { session: { proofs, authTime, deviceName, remember = true }, ...where }: Resumed,
): Promise<OpenSession> {
  return openSession(core, user, { proofs, authTime, deviceName, remember, ...where });
}

interface OpenSession {
  session: Session;
  /** Its first pair. */
  tokens: TokenPair;
}

interface Opening extends Omit<Resumed, 'session'> {
  proofs: readonly Proof[];
  deviceName: string | null;
  remember: boolean;
  authTime?: Date;
}

/** Makes a session and its first pair. It is stored last: who could not be given tokens has no session. */
async function openSession(
  core: Core,
  user: UserDocument,
  { context, ...shown }: Opening,
): Promise<OpenSession> {
  const now = core.now();
  const expiresAt = new Date(now.getTime() + daysInMs(core.settings.refreshTokenExpireDays));
  const session = draftSession({ user: user._id, ...shown, now, expiresAt, ...originOf(context) });
  const tokens = issuePair(core, user, session, await ownClaims(core, user, session));
  await core.sessions.create(session);
  return { session, tokens };
}

/**
 * What may be shown beside the proofs that were. None, where two kinds were shown or nothing that the user has set up asks
 * for a second one; an empty list, where it is asked for and the user has nothing of another kind: then nobody gets in.
 */
export function outstandingMethods(
  { methods }: Pick<Core, 'methods'>,
  user: UserDocument,
  proofs: readonly Proof[],
): string[] | undefined {
  const shown = kindsOf(proofs);
  const isTwoStep = [...methods].some(
    ([name, method]) => method.isRequired?.(user) ?? isSetUp(methods, name, user),
  );
  if (!isTwoStep || shown.size > 1) return undefined;
  const usable = [...methods].filter(([name, { kind }]) => !shown.has(kind) && isSetUp(methods, name, user));
  return usable.map(([name]) => name);
}

/** What a right password shows. */
export function passwordProof(at: Date): Proof {
  return { method: 'password', kinds: ['knowledge'], amr: ['pwd'], at };
}

/** Keeps what was shown until the rest is. There is no session meanwhile, and no token of any kind. */
async function suspend(
  core: Core,
  user: UserDocument,
  {
    methods,
    ...shown
  }: Pick<Opening, 'stamp' | 'proofs' | 'deviceName' | 'remember'> & { methods: string[] },
): Promise<SecondFactorRequired> {
  const { secret, hash } = createOneTimeSecret();
  const begun: Record<string, object> = {};
  for (const name of methods) {
    const told = await core.methods.get(name)?.begin?.(user);
    if (told) begun[name] = told;
  }
  await core.pendingSignIns().create({
    user: user._id,
    hash,
    ...shown,
    attemptsLeft: PENDING.attempts,
    expiresAt: new Date(core.now().getTime() + PENDING.seconds * 1000),
  });
  return new SecondFactorRequired({ challenge: secret, methods, expiresIn: PENDING.seconds, begun });
}

/**
 * The pair of tokens of a session's present generation.
 *
 * @param own the app's claims
 */
export function issuePair(core: Core, user: UserDocument, session: Session, own: object): TokenPair {
  const { generation, rotatedAt, expiresAt, proofs, authTime } = session;
  const sessionId = session._id.toString();
  const subject = { userId: String(user._id), email: user.email, sessionId, generation };
  const now = core.now();
  const lifetime = Math.round(core.settings.accessTokenExpireMinutes * 60) * 1000;
  // No longer than the session lives: who verifies claims alone would not notice its end.
  const sessionEnds = core.sessions.endOf(session);
  const accessEnds = new Date(Math.min(now.getTime() + lifetime, sessionEnds.getTime()));
  const authentication = { amr: amrOf(proofs), authTime };
  return {
    access_token: core.signer.signAccess(subject, authentication, { from: now, to: accessEnds }, own),
    refresh_token: core.signer.signRefresh(subject, { from: rotatedAt, to: expiresAt }),
    token_type: 'bearer',
    expires_in: toSeconds(accessEnds) - toSeconds(now),
    ...(session.remember === false && { [WITH_BROWSER]: true as const }),
  };
}
