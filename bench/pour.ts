import { connect } from 'node:net';
import type { Served } from './lab.js';
import type { Load, Request } from './load.js';
import { ANSWER } from './servers.js';

const CONNECTIONS = 10;
/** How many a connection sends before it waits for their answers. */
const TOGETHER = 50;

const BODY = JSON.stringify(ANSWER);

/**
 * Sends so many requests as fast as they are answered, and takes no times: for what a server keeps of them.
 *
 * @throws Error when an answer has another status than the load says
 */
export async function pour({ url }: Served, { requests, status }: Load, amount: number): Promise<void> {
  const { hostname, port, host } = new URL(url);
  const texts = requests.map((request) => textOf(request, host));
  let next = 0;
  const take = () => {
    const from = next;
    next = Math.min(amount, from + TOGETHER);
    return Array.from({ length: next - from }, (_, index) => texts[(from + index) % texts.length]);
  };
  const pourOne = async () => {
    const socket = connect(Number(port), hostname).setEncoding('latin1');
    const chunks = socket[Symbol.asyncIterator]();
    for (let sent = take(); sent.length > 0; sent = take()) {
      socket.write(sent.join(''));
      let text = '';
      while (text.split(BODY).length <= sent.length) {
        const { value, done } = await chunks.next();
        if (done) throw new Error('the server has closed a connection');
        text += value;
        const wrong = [...text.matchAll(/HTTP\/1\.1 (\d{3})/g)].find(([, given]) => Number(given) !== status);
        if (wrong) throw new Error(`a request was answered ${wrong[1]}, expected ${status}`);
      }
    }
    socket.destroy();
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, pourOne));
}

function textOf({ method, path, headers = {} }: Request, host: string): string {
  const lines = Object.entries({ host, ...headers }).map(([name, value]) => `${name}: ${value}`);
  return [`${method} ${path} HTTP/1.1`, ...lines, '', ''].join('\r\n');
}
