/**
 * Waits for a promise, but no longer than a deadline. The work behind the promise goes on after it.
 *
 * @param ms milliseconds
 * @param late makes the error that is thrown when the time is up
 * @throws what the promise rejects with, or what `late` makes
 */
export async function withDeadline<T>(promise: PromiseLike<T>, ms: number, late: () => Error): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(late()), ms);
  });
  try {
    return await Promise.race([promise, deadline]);
  } finally {
    clearTimeout(timer);
  }
}
