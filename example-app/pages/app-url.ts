import type { Request } from 'express';

/** A host as it can be: nothing that means something to a shell or to HTML. */
const HOST = /^(?:[a-z0-9.-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?$/i;

/**
 * The app's URL as the reader of a page reached it, so that commands on the page work for that reader, behind a
 * forwarded port too. For what is shown to the one who asks, never for mails: the `Host` header can be forged.
 *
 * @param fallback the URL where the app listens
 */
export function appUrlOf(req: Request, fallback: string): string {
  const host = req.host as string | undefined;
  return host && HOST.test(host) && /^https?$/.test(req.protocol) ? `${req.protocol}://${host}` : fallback;
}
