/** A row of a table in docs/security.md. */
export interface SecurityLine {
  numbers: number[];
  priority: 'P0' | 'P1';
  state: string;
  /** The files it names, with the number under which each has its specs: one of the row's own, or another one. */
  files: { file: string; under: number[] }[];
}

/** @param text of docs/security.md */
export function readSecurityList(text: string): SecurityLine[] {
  return [...text.matchAll(/^\| (\d[\d-]*) \| (P[01]) \| .+ \| (.+) \|$/gm)].map(
    ([, first, priority, state]) => {
      const numbers = numbersIn(first as string);
      const named = (state as string).matchAll(/`([\w./-]+\.ts)`(?: \(hold (\d+)\))?/g);
      const files = [...named].map(([, file, other]) => ({
        file: file as string,
        under: other ? [Number(other)] : numbers,
      }));
      return { numbers, priority: priority as 'P0' | 'P1', state: state as string, files };
    },
  );
}

/** `42`, or `47-49`. */
export function numbersIn(text: string): number[] {
  const [first = 0, last = first] = text.split('-').map(Number);
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

/** Whether a line holds in this version, at least in part. */
export function isHeld({ state }: SecurityLine): boolean {
  return !state.startsWith('not yet');
}
