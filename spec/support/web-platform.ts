/** What browsers have and the Node.js of the specs has not, or not in each version: for as long as a spec wants it. */

interface LockManager {
  request(
    name: string,
    options: { signal?: AbortSignal; ifAvailable?: boolean },
    run: (lock: object | null) => unknown,
  ): Promise<unknown>;
}

/** Puts something into the global scope. @returns what takes it out again */
export function putGlobal(name: string, value: unknown): () => void {
  const former = Object.getOwnPropertyDescriptor(globalThis, name);
  Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  return () => {
    if (former) Object.defineProperty(globalThis, name, former);
    else Reflect.deleteProperty(globalThis, name);
  };
}

/** Web Locks, exclusive ones, as https://w3c.github.io/web-locks/ says: in order, for as long as what is run takes. */
export function createLocks(): LockManager {
  const last = new Map<string, Promise<unknown>>();
  return {
    async request(name, { signal, ifAvailable }, run) {
      const before = last.get(name);
      if (before && ifAvailable) return run(null);
      let isGranted = false;
      const granted = (async () => {
        await before?.catch(() => {});
        if (signal?.aborted) return undefined;
        isGranted = true;
        return run({ name });
      })();
      last.set(name, granted);
      const free = () => last.get(name) === granted && last.delete(name);
      granted.then(free, free);
      if (!signal) return granted;
      if (signal.aborted) throw signal.reason;
      const aborted = new Promise<never>((_, reject) => {
        // An abort after that is too late.
        signal.addEventListener('abort', () => isGranted || reject(signal.reason));
      });
      aborted.catch(() => {});
      return Promise.race([granted, aborted]);
    },
  };
}
