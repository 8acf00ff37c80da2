/** A change of the source: a piece of text that is found exactly once in a file, and what stands in its place. */
export interface Cut {
  /** Below `lib/`. */
  file: string;
  find: string;
  replace: string;
}

/** A protection, and how the code looks without it. */
export interface Protection {
  /** What happens without it, in plain words. */
  name: string;
  /** The numbers of docs/security.md that it belongs to; none for what is of the client, and no server's. */
  holds: readonly number[];
  /** More than one where a second protection holds the line alone. */
  cuts: readonly Cut[];
  /** Below `spec/`: the quickest that find it. By default those that docs/security.md names, but for `faults/`. */
  specs?: readonly string[];
  /** Why nothing finds it. */
  survives?: string;
}

/** Most protections are one cut. */
export function cut(file: string, find: string, replace = ''): Cut {
  return { file, find, replace };
}

/** What a file is without the protection. @throws Error where the text is not there exactly once */
export function takeOut(source: string, { file, find, replace }: Cut): string {
  const parts = source.split(find);
  if (parts.length !== 2) throw new Error(`${file}: found ${parts.length - 1} times, not once: ${find}`);
  return parts.join(replace);
}
