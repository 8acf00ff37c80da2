/** How long a renewal may take, and how long another tab's is waited for. In milliseconds. */
export const PATIENCE = 10_000;

/** How long is waited, after another tab's turn, for what that tab has to tell. In milliseconds. */
const HEARING = 2000;

/** What this needs of the platform, each where there is one: the types of browsers would come over all of the kit. */
interface Platform {
  navigator?: {
    locks?: { request(name: string, options: object, run: (lock: unknown) => unknown): Promise<unknown> };
  };
  BroadcastChannel?: new (name: string) => Channel;
  addEventListener?: (type: 'storage', listener: Listener) => void;
  removeEventListener?: (type: 'storage', listener: Listener) => void;
}

interface Channel {
  onmessage: ((event: { data: unknown }) => void) | null;
  postMessage(message: unknown): void;
  close(): void;
  /** Node's alone: it would keep the process alive. */
  unref?(): void;
}

type Listener = (event: { key: string | null }) => void;

const platform = globalThis as unknown as Platform;

/** A line to the other tabs of this origin. */
export interface Line {
  tell(message: unknown): void;
  /** Waits until another tab tells something, but not for long. */
  next(): Promise<void>;
  close(): void;
}

/**
 * Opens a line to the other tabs.
 *
 * @param name of the line, and the key of `localStorage` whose changes are heard too: they come when they can be read, a message may
 * be earlier
 * @param hear is given the message, nothing of a change
 */
export function openLine(name: string, hear: (message?: unknown) => void): Line {
  let channel: Channel | undefined;
  let wake = () => {};
  const told = (message?: unknown) => {
    hear(message);
    wake();
  };
  try {
    channel = platform.BroadcastChannel && new platform.BroadcastChannel(name);
  } catch {
    // A frame without an origin of its own has no other tabs.
  }
  if (channel) {
    channel.onmessage = ({ data }) => told(data);
    channel.unref?.();
  }
  const heed: Listener = ({ key }) => {
    // All of it cleared has no key.
    if (key === name || key === null) told();
  };
  platform.addEventListener?.('storage', heed);
  return {
    tell: (message) => channel?.postMessage(message),
    next() {
      return new Promise((resolve) => {
        wake = resolve;
        setTimeout(resolve, HEARING);
      });
    },
    close() {
      channel?.close();
      channel = undefined;
      platform.removeEventListener?.('storage', heed);
    },
  };
}

/**
 * Runs something in one tab at a time, where there are Web Locks. A tab that is asleep with the lock keeps the others waiting for so
 * long and no longer; nor is it robbed: it would go on all the same.
 *
 * @param catchUp is waited for after another tab's turn: what that tab did may be heard of later than that its turn is over
 */
export async function inTurn(
  name: string,
  work: () => Promise<void>,
  catchUp?: () => unknown,
): Promise<void> {
  const locks = platform.navigator?.locks;
  let running: Promise<void> | undefined;
  const run = () => {
    running ??= work();
    return running;
  };
  try {
    await locks?.request(name, { ifAvailable: true }, (lock) => lock && run());
    if (!running) {
      await locks?.request(name, { signal: AbortSignal.timeout(PATIENCE) }, async () => {
        await catchUp?.();
        return run();
      });
    }
  } catch {
    // Not had in time, or not to be had in this frame; or the work failed, which is told by what follows.
  }
  return run();
}
