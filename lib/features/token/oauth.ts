import { AuthError, SecondFactorRequired } from '../../errors.js';

/** An error in the terms of RFC 6749 section 5.2. */
class OAuthError extends AuthError {}

/**
 * The `grant_type` of an OAuth 2.0 token request.
 *
 * @throws AuthError 400 `invalid_request`, `unsupported_grant_type`
 */
export function chooseGrantType<Name extends string>(
  body: Readonly<Record<string, unknown>>,
  supported: readonly Name[],
): Name {
  const grantType = body['grant_type'];
  if (typeof grantType !== 'string' || grantType === '') {
    throw new OAuthError({ status: 400, code: 'invalid_request', detail: 'grant_type is required, once.' });
  }
  const found = supported.find((name) => name === grantType);
  if (found) return found;
  const detail = `The grant types are ${supported.join(' and ')}.`;
  throw new OAuthError({ status: 400, code: 'unsupported_grant_type', detail });
}

/** What the kit's codes are called in RFC 6749 section 5.2. */
const OAUTH_CODES: Record<string, { status: number; code: string }> = {
  invalid_credentials: { status: 400, code: 'invalid_grant' },
  invalid_refresh_token: { status: 400, code: 'invalid_grant' },
  validation_failed: { status: 400, code: 'invalid_request' },
  malformed_body: { status: 400, code: 'invalid_request' },
  body_too_large: { status: 413, code: 'invalid_request' },
  unsupported_media_type: { status: 415, code: 'invalid_request' },
  unsupported_grant_type: { status: 400, code: 'unsupported_grant_type' },
  // The name that Auth0 and others gave it: RFC 6749 knows no second step.
  second_factor_required: { status: 403, code: 'mfa_required' },
};

/** The refusals of a form-encoded request, as OAuth 2.0 clients expect them. */
export function oauthDialect(error: AuthError): { error: AuthError; body: object } {
  const translated = error instanceof OAuthError ? error : translate(error);
  const { code, detail, extensions } = translated;
  return { error: translated, body: { ...extensions, error: code, error_description: detail } };
}

function translate(error: AuthError): AuthError {
  const { status, code } = OAUTH_CODES[error.code] ?? byStatus(error.status);
  const headers = Object.entries(error.headers).filter(([name]) => name.toLowerCase() !== 'www-authenticate');
  // Section 5.2 allows ASCII without quotes and backslashes; an app's hook may refuse in other words than ours.
  const detail = error.detail.replaceAll('"', "'").replace(/[^ -[\]-~]/g, '?');
  const extensions = error instanceof SecondFactorRequired ? asMfaToken(error) : {};
  return new OAuthError({
    status,
    code,
    detail,
    headers: Object.fromEntries(headers),
    extensions,
    cause: error,
  });
}

/** What an app's own hooks, limits and features refuse by. */
function byStatus(status: number): { status: number; code: string } {
  const isPassing = status === 429 || status === 503;
  return isPassing ? { status, code: 'temporarily_unavailable' } : { status: 400, code: 'invalid_grant' };
}

function asMfaToken({ extensions: { challenge, ...others } }: SecondFactorRequired): AuthError['extensions'] {
  return { mfa_token: challenge, ...others };
}
