/**
 * Waits for a promise, but no longer than a deadline. What is waited for is not stopped by it.
 *
 * @param ms milliseconds
 * @param late makes the error of who was waited for in vain
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
