import express, { type Request, type RequestHandler, type Response } from 'express';
import { BODY_LIMIT } from '../config/limits.js';
import { BodyTooLarge, MalformedBody, UnsupportedMediaType } from '../errors.js';

const JSON_TYPE = 'application/json';
export const FORM_TYPE = 'application/x-www-form-urlencoded';

const parseJson = express.json({ limit: BODY_LIMIT, type: JSON_TYPE });
const parseForm = express.urlencoded({ limit: BODY_LIMIT, type: FORM_TYPE, extended: false });

/** The media type that a row of the route table reads. */
export type Accepts = 'json' | 'form';

const MEDIA_TYPES: Record<Accepts, string> = { json: JSON_TYPE, form: FORM_TYPE };

/** Which of the media types a request's body has. No body at all is an empty JSON object. */
export function mediaTypeOf(req: Request, accepted: readonly Accepts[]): Accepts {
  const found = accepted.find((accepts) => req.is(MEDIA_TYPES[accepts]));
  if (found) return found;
  if (hasBody(req))
    throw new UnsupportedMediaType(accepted.map((accepts) => MEDIA_TYPES[accepts]).join(' or '));
  return 'json';
}

/**
 * The body as an object, whoever parsed it: the app before us, or we now. No body at all is an empty object.
 *
 * @throws BodyTooLarge, MalformedBody
 */
export async function readBody(
  req: Request,
  res: Response,
  accepts: Accepts,
): Promise<Record<string, unknown>> {
  if (!hasBody(req)) return {};
  if (Number(req.headers['content-length'] ?? 0) > BODY_LIMIT) throw new BodyTooLarge();
  if (!isParsed(req)) await run(accepts === 'json' ? parseJson : parseForm, req, res);
  return checkObject(req.body);
}

function hasBody(req: Request): boolean {
  return Number(req.headers['content-length'] ?? 0) !== 0 || req.headers['transfer-encoding'] !== undefined;
}

/** The parsers of express 4 leave an empty object where they read nothing, those of express 5 nothing. */
function isParsed({ body, readableDidRead }: Request): boolean {
  const isEmpty = typeof body === 'object' && body !== null && Object.keys(body).length === 0;
  return body !== undefined && (readableDidRead || !isEmpty);
}

function run(parser: RequestHandler, req: Request, res: Response): Promise<void> {
  return new Promise((resolve, reject) => {
    parser(req, res, (error?: unknown) => (error ? reject(error) : resolve()));
  });
}

function checkObject(body: unknown): Record<string, unknown> {
  if (typeof body !== 'object' || body === null || Array.isArray(body) || Buffer.isBuffer(body)) {
    throw new MalformedBody();
  }
  if (!Object.hasOwn(body, '__proto__')) return body as Record<string, unknown>;
  // JSON can have it as a key like any other; whoever copies the body would give the copy another prototype.
  const { ['__proto__']: _none, ...fields } = body as Record<string, unknown>;
  return fields;
}
