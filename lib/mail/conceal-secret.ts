import { inspect } from 'node:util';

/**
 * A template that fails may quote the link it was given: whoever reads a log must not get it. What is told is a copy, with
 * the words, the code and the causes of the error: what else hangs on it could lead to the link in too many ways.
 *
 * @param causes how many are told
 */
export function concealSecret(error: unknown, secret: string, causes = 3): Error {
  // Half of it too: what is quoted may be cut.
  const parts = [secret, secret.slice(0, secret.length / 2), secret.slice(secret.length / 2)];
  const redact = (value: unknown) =>
    typeof value === 'string'
      ? parts.reduce((text, part) => text.replaceAll(part, '[link]'), value)
      : undefined;
  if (!(error instanceof Error)) return new Error(redact(inspect(error, { maxStringLength: null })));

  const { name, message, stack, code, responseCode } = error as Error & Record<string, unknown>;
  const copy = new Error(redact(message));
  Object.defineProperty(copy, 'name', { value: redact(name) });
  Object.defineProperty(copy, 'stack', { value: redact(stack) });
  if (error.cause !== undefined && causes > 0) copy.cause = concealSecret(error.cause, secret, causes - 1);
  return Object.assign(copy, {
    code: redact(code),
    responseCode: typeof responseCode === 'number' ? responseCode : undefined,
  });
}
