import { listenAlone } from '../../support/listen-alone.js';

/** A server that is not ours, and the one page that it has. */
export interface OtherServer {
  port: number;
  /** Shows this at `/` from now on. */
  show(html: string): void;
  close(): void;
}

/** `/?to=<url>` sends a request on as it is, whatever its method. */
export async function startOtherServer(): Promise<OtherServer> {
  let page = '';
  const { url, close } = await listenAlone((req, res) => {
    const to = new URL(req.url ?? '/', 'http://127.0.0.1').searchParams.get('to');
    if (to !== null) res.writeHead(307, { location: to }).end();
    else res.setHeader('content-type', 'text/html; charset=utf-8').end(page);
  });
  return {
    port: Number(new URL(url).port),
    show(html) {
      page = `<!doctype html>${html}`;
    },
    close,
  };
}
