import express, { type Request, type RequestHandler, type Response } from 'express';
import { BodyTooLarge, MalformedBody, UnsupportedMediaType } from '../errors.js';

const JSON_TYPE = 'application/json';
export const FORM_TYPE = 'application/x-www-form-urlencoded';
/** In bytes. */
export const BODY_LIMIT = 16 * 1024;

const parseJson = express.json({ limit: BODY_LIMIT, type: JSON_TYPE });
const parseForm = express.urlencoded({ limit: BODY_LIMIT, type: FORM_TYPE, extended: false });

/** The media types a route reads. */
export type Accepts = 'json' | 'json-or-form';

export function isForm(req: Request): boolean {
  return Boolean(req.is(FORM_TYPE));
}

/**
 * The body as an object, whoever parsed it: the app before us, or we now. No body at all is an empty object.
 *
 * @throws UnsupportedMediaType, BodyTooLarge, MalformedBody
 */
export async function readBody(
  req: Request,
  res: Response,
  accepts: Accepts,
): Promise<Record<string, unknown>> {
  const length = Number(req.headers['content-length'] ?? 0);
  if (length === 0 && req.headers['transfer-encoding'] === undefined) return {};
  if (length > BODY_LIMIT) throw new BodyTooLarge();
  const parse = parserFor(req, accepts);
  if (req.body === undefined) await run(parse, req, res);
  return checkObject(req.body);
}

function parserFor(req: Request, accepts: Accepts): RequestHandler {
  if (req.is(JSON_TYPE)) return parseJson;
  if (accepts === 'json-or-form' && isForm(req)) return parseForm;
  throw new UnsupportedMediaType(accepts === 'json' ? JSON_TYPE : `${JSON_TYPE} or ${FORM_TYPE}`);
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
  return body as Record<string, unknown>;
}
