import type { Server } from 'node:http';

/**
 * Stops listening and lets the requests in flight finish.
 *
 * @param patience how long they may take, in milliseconds; what is still open then is cut off
 */
export async function closeServer(server: Server, patience: number): Promise<void> {
  const closed = new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
  // A connection that is kept alive is not closed by its last answer.
  const sweep = setInterval(() => server.closeIdleConnections(), 50);
  const cut = setTimeout(() => server.closeAllConnections(), patience);
  await closed;
  clearInterval(sweep);
  clearTimeout(cut);
}

/**
 * Calls `stop` once, when the process is told to end, and ends the process when that is done: in `limit`
 * milliseconds whatever happens.
 */
export function stopWhenTold(stop: () => Promise<void>, limit: number): void {
  let isStopping = false;
  const end = async () => {
    // Ctrl-C under npm comes twice: from the terminal, and from npm.
    if (isStopping) return;
    isStopping = true;
    setTimeout(() => giveUp(`Not stopped within ${limit / 1000} s`), limit).unref();
    try {
      await stop();
      process.exit(0);
    } catch (error) {
      giveUp(`Not stopped cleanly: ${(error as Error).message}`);
    }
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, end);
  if (process.env.npm_lifecycle_event) whenOrphaned(end);
}

/** npm passes a signal on to the shell that it starts a script in; the shell ends, and tells the script nothing. */
function whenOrphaned(end: () => void): void {
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    end();
  }, 200);
  watch.unref();
}

function giveUp(reason: string): never {
  console.error(reason);
  process.exit(1);
}
