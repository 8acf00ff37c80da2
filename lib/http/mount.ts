import { type ErrorRequestHandler, type Request, type RequestHandler, type Response, Router } from 'express';
import { admitByLimits, type Limit } from '../core/limits.js';
import {
  type FieldFault,
  InvalidRefreshToken,
  NotFound,
  UnsupportedMediaType,
  ValidationFailed,
} from '../errors.js';
import { pickOwnFields } from '../models/own-fields.js';
import { allFaults } from '../runtime/all-faults.js';
import type { PasswordHasher } from '../security/password-hash.js';
import { type AnswerError, sendRefusal } from './answer-error.js';
import { FORM_TYPE, mediaTypeOf, readBody } from './body.js';
import { groupRows } from './group-rows.js';
import { holdBack } from './hold-back.js';
import type { Identify } from './identify.js';
import type { Origins } from './origins.js';
import type { PageForms } from './page-forms.js';
import { toAuthError } from './problem.js';
import { addressOf, requestContext } from './request-context.js';
import type { Answer, Route, UserRouteRequest } from './route.js';
import { headerTransport, type TokenTransport } from './token-transport.js';
import { createValidator, type Validator } from './validation.js';
import { asksForCookies, isSafe, showsToken } from './web-request.js';

/** What the rows are served by. */
interface RouterParts {
  identify: Identify;
  transport: TokenTransport;
  origins: Origins;
  pageForms: PageForms;
  hasher: Pick<PasswordHasher, 'admit'>;
  limits: readonly Limit[];
  watchProxy(req: Request): void;
  answerError: AnswerError;
}

/** A row, and what is made of it once. */
interface Mounted {
  route: Route;
  validate: Validator | undefined;
}

/**
 * A router of the rows of a route table, each: guard, body, rules, handler, answer.
 *
 * @throws Error when two rows claim the same method, path and media type; TypeError for what is no row
 */
export function createRouter(routes: readonly Route[], parts: RouterParts): Router {
  const router = Router();
  for (const { method, path, rows } of groupRows(routes, { withForms: parts.pageForms.isOn })) {
    const mounted = rows.map((route) => ({ route, validate: route.rules && createValidator(route.rules) }));
    router[method](path, createHandler(mounted, parts));
  }
  router.use(refuseUndecodable(parts));
  return router;
}

/** An id that cannot be decoded (`%E0%A4%A`) is nobody's: Express would leave the answer to the app. */
function refuseUndecodable({ answerError }: RouterParts): ErrorRequestHandler {
  return (error, req, res, next) => {
    const isOfPath = error instanceof URIError && (error as { status?: unknown }).status === 400;
    if (isOfPath) answerError(new NotFound({ cause: error }), req, res, next);
    else next(error);
  };
}

function createHandler(rows: readonly Mounted[], parts: RouterParts): RequestHandler {
  const { identify, answerError } = parts;
  const isGuarded = rows.every(({ route }) => route.guard === 'user');
  return (req, res, next) => {
    parts.watchProxy(req);
    let row = rows[0] as Mounted;
    const isForm = parts.pageForms.is(req);
    const choose = () => (isForm ? formRow(rows) : chooseRow(rows, req));
    const answer = async () => {
      if (!isGuarded) row = choose();
      if (!isSafe(req)) admitOrigin(row.route, req, parts);
      const { attempts, hashes } = row.route;
      if (typeof attempts === 'string') admitByLimits(parts.limits, { kind: attempts, ...addressOf(req) });
      // It leaves at once: as long as the body is not here, it keeps no place from others.
      if (hashes === true) (await admit(req, res, parts))();
      if (isGuarded) {
        await identify(req);
        row = choose();
      }
      await handle({ ...row, isForm }, req, res, parts);
    };
    answer()
      .catch(async (error) => {
        const refusal = toAuthError(error);
        const isShown = refusal && isForm && !res.headersSent;
        if (isShown && (await parts.pageForms.refuse(refusal, req, res))) return;
        const translated = refusal && row.route.dialect?.(refusal);
        if (translated && !res.headersSent)
          sendRefusal(res, translated.error, 'application/json', translated.body);
        else answerError(error, req, res, next);
      })
      // An AuthError of the app's own may have a status or headers that no answer can have.
      .catch(next);
  };
}

/** By the media type, if a body is read; a request without one is in JSON, where there is a choice. */
function chooseRow(rows: readonly Mounted[], req: Request): Mounted {
  if (rows.every(({ route }) => route.forms === 'only')) throw new UnsupportedMediaType(FORM_TYPE);
  const accepted = rows.map(({ route }) => route.accepts).filter((accepts) => accepts !== undefined);
  const type = accepted.length > 0 ? mediaTypeOf(req, accepted) : undefined;
  return rows.find(({ route }) => route.accepts === type) ?? (rows[0] as Mounted);
}

/** The row that a page's form is for: its fields are those of the JSON. */
function formRow(rows: readonly Mounted[]): Mounted {
  const found = rows.find(({ route }) => route.accepts !== 'form' && route.forms !== false);
  if (!found) throw new UnsupportedMediaType('application/json');
  return found;
}

/** What is identified by a cookie is asked where that is read. */
function admitOrigin({ attempts }: Route, req: Request, { origins }: RouterParts): void {
  if (asksForCookies(req)) origins.require(req);
  else if ((attempts === 'register' || attempts === 'mail') && !showsToken(req)) origins.refuseForeign(req);
}

/**
 * Lets in what costs a hash, if that can be computed in time.
 *
 * @returns to be called when it is over
 * @throws Unavailable (`unavailable`, 503), after a moment
 */
async function admit(req: Request, res: Response, { hasher }: RouterParts): Promise<() => void> {
  try {
    return hasher.admit(addressOf(req));
  } catch (error) {
    await holdBack(res);
    throw error;
  }
}

async function handle(
  { route, validate, isForm }: Mounted & { isForm: boolean },
  req: Request,
  res: Response,
  parts: RouterParts,
) {
  const signal = goneSignal(res);
  const signedIn = route.guard === 'user' ? await parts.identify(req) : undefined;
  const sent = isForm ? await parts.pageForms.read(req, res, route) : await bodyOf(route, req, res);
  const { body, bearer, isCookie } = bringTokens(route, req, sent, parts);
  const attempts = typeof route.attempts === 'function' && route.attempts(body);
  if (attempts) admitByLimits(parts.limits, { kind: attempts, ...addressOf(req) });
  const costsHash = typeof route.hashes === 'function' ? route.hashes(body) : route.hashes;
  const leave = costsHash ? await admit(req, res, parts) : undefined;
  try {
    const { input, faults } = validate ? await validate(body) : { input: {}, faults: [] };
    const own = pickOwnFields(body, route.ownFields ?? []);
    const where = { context: requestContext(req), bearer, signal };
    const given = { req, input, body, fields: own.fields, ...where, ...signedIn };
    // The rows that ask who is signed in are those with the guard.
    const request = given as UserRouteRequest<object>;
    await refuseFaults([...faults, ...own.faults], route, request);
    const answer = await route.handle(request);
    if (answer.signedOut && isCookie) parts.transport.forget(req);
    const { tokens, body: said } = answer;
    const carried = tokens && (await parts.transport.carry(req, { body: said, tokens, isCookie }));
    if (isForm) await parts.pageForms.done(req, res, route);
    else send(res, route, { ...answer, ...(carried && { body: carried }) });
  } catch (error) {
    if (error instanceof InvalidRefreshToken && isCookie) parts.transport.forget(req);
    throw error;
  } finally {
    leave?.();
  }
}

async function bodyOf(route: Route, req: Request, res: Response) {
  return route.accepts ? readBody(req, res, route.accepts) : {};
}

/**
 * The tokens of a request, and the refresh token where its row looks for it. One that is in the body counts alone, and where
 * nobody is asked who it is, no cookie says so: a login is not answered by cookies because there are some.
 *
 * @throws InvalidRefreshToken where a browser that asks for another one has none
 */
function bringTokens(
  { guard, tokenField, tokens }: Route,
  req: Request,
  body: Readonly<Record<string, unknown>>,
  { transport, origins }: RouterParts,
) {
  const isInBody = tokenField !== undefined && (body[tokenField] ?? '') !== '';
  const looksAtCookies = guard === 'user' || (tokenField !== undefined && !isInBody);
  const { refreshToken, ...brought } = (looksAtCookies ? transport : headerTransport).bring(req);
  if (!tokenField || isInBody) return { body, ...brought };
  if (brought.isCookie) origins.require(req);
  if (refreshToken) return { body: { ...body, [tokenField]: refreshToken }, ...brought };
  if (tokens && (brought.isCookie || asksForCookies(req))) throw new InvalidRefreshToken();
  return { body, ...brought };
}

/** One fault is reason enough to look for all: a form shows them together. */
async function refuseFaults(
  faults: readonly FieldFault[],
  route: Route,
  request: UserRouteRequest<object>,
): Promise<void> {
  if (faults.length === 0) return;
  const known = async () => {
    throw new ValidationFailed(faults);
  };
  const rest = async () => route.checkRest?.(request);
  await allFaults([known(), rest()]);
}

/** Aborted when the connection is closed before there is an answer. */
function goneSignal(res: Response): AbortSignal {
  const gone = new AbortController();
  // What the app does before may have taken longer than the client had patience.
  if (res.closed) gone.abort();
  res.once('close', () => {
    if (!res.writableFinished) gone.abort();
  });
  return gone.signal;
}

/** Nearly every answer carries a token, personal data, or a word about an account. */
function send(res: Response, { success, cacheControl = 'no-store' }: Route, answer: Answer): void {
  const { body, redirect, headers = {} } = answer;
  for (const [name, value] of Object.entries(headers)) {
    // Beside those that the app has set.
    if (name.toLowerCase() === 'set-cookie') res.append(name, value);
    else res.set(name, value);
  }
  res.set('Cache-Control', cacheControl);
  res.status(redirect !== undefined && success < 300 ? 303 : success);
  if (redirect !== undefined) res.location(redirect);
  if (body === undefined) res.end();
  else res.json(body);
}
