import { AuthClientError } from './auth-client-error.js';

type Json = Record<string, unknown> | undefined;

/**
 * Waits for an answer of the kit's and reads it.
 *
 * @returns its JSON; undefined where it has none (204)
 * @throws AuthClientError whatever else comes, or does not
 */
export async function readAnswer<Answer>(sent: Promise<Response>): Promise<Answer> {
  let response: Response;
  let text: string;
  try {
    response = await sent;
    text = await response.text();
  } catch (cause) {
    if (cause instanceof AuthClientError) throw cause;
    throw new AuthClientError({
      status: 0,
      code: 'network_error',
      detail: 'The server could not be reached',
      cause,
    });
  }
  let problem: Json;
  try {
    problem = text ? JSON.parse(text) : undefined;
    if (response.ok) return problem as Answer;
  } catch {
    // A proxy's page, or one of whoever owns the network: told below.
  }
  throw refusal(response, problem);
}

function refusal({ status, headers }: Response, problem: Json): AuthClientError {
  // Of the kit's refusals each has a code.
  if (typeof problem?.['code'] !== 'string') return unexpectedAnswer(status);
  return new AuthClientError({
    ...(problem as unknown as AuthClientError),
    status,
    retryAfter: Number(headers.get('retry-after')) || undefined,
    problem,
  });
}

/** What no kit answers here. */
export function unexpectedAnswer(status: number): AuthClientError {
  return new AuthClientError({
    status,
    code: 'unexpected_answer',
    detail: 'The server gave another answer than expected',
  });
}
