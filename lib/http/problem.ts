import { AuthError, BodyTooLarge, type FieldFault, MalformedBody, UnsupportedMediaType } from '../errors.js';

/** An error as RFC 9457 describes it: the body of every refusal, `application/problem+json`. */
export interface Problem {
  type: 'about:blank';
  title: string;
  status: number;
  detail: string;
  code: string;
  errors?: readonly FieldFault[];
  /** What the refusal has beside (RFC 9457 section 3.2). */
  [extension: string]: unknown;
}

export function toProblem(error: AuthError): Problem {
  const { title, status, detail, code, extensions } = error;
  const members = { type: 'about:blank', title, status, detail, code } as const;
  // These last, whatever an extension is called.
  return { ...members, ...extensions, ...members };
}

/** The errors of express's body parsers, by their `type`, in the kit's words. */
const PARSER_ERRORS: Record<string, (reason: { message?: string }) => AuthError> = {
  'entity.too.large': (reason) => new BodyTooLarge(reason),
  'parameters.too.many': (reason) => new BodyTooLarge(reason),
  'entity.parse.failed': (reason) => new MalformedBody(reason),
  'entity.verify.failed': (reason) => new MalformedBody(reason),
  'encoding.invalid': (reason) => new MalformedBody(reason),
  'querystring.parse.rangeError': (reason) => new MalformedBody(reason),
  'request.size.invalid': (reason) => new MalformedBody(reason),
  'request.aborted': (reason) => new MalformedBody(reason),
  'charset.unsupported': (reason) => new UnsupportedMediaType('UTF-8', reason),
  'encoding.unsupported': (reason) => new UnsupportedMediaType('plain, gzip or deflate', reason),
};

/** What was thrown as a refusal; undefined for what is a fault, and the app's error handler's. */
export function toAuthError(error: unknown): AuthError | undefined {
  if (error instanceof AuthError) return error;
  const { type = typeOf(error), status } = (error ?? {}) as { type?: unknown; status?: unknown };
  if (typeof type !== 'string' || typeof status !== 'number' || status >= 500) return undefined;
  // Not the parser's own message or cause: it quotes the body, and with it a password.
  return PARSER_ERRORS[type]?.({ message: `the body parser refused the body: ${type}` });
}

/** What zlib refuses comes with a status from the parser, but without a `type`. */
function typeOf(error: unknown): string | undefined {
  const { code } = (error ?? {}) as { code?: unknown };
  return typeof code === 'string' && /^(Z|ERR_)_/.test(code) ? 'encoding.invalid' : undefined;
}
