/** One row of a table: what was measured, and in which unit. */
export interface Row {
  what: string;
  value: number;
  unit: string;
}

/** Prints the rows with their ratio to the first: the figure that means something on another machine. */
export function printTable(title: string, rows: readonly Row[], note?: string): void {
  const first = rows[0]?.value ?? Number.NaN;
  console.log(`\n${title}`);
  console.table(
    rows.map(({ what, value, unit }) => ({
      what,
      [unit]: Number(value.toPrecision(4)),
      ratio: Number((value / first).toFixed(3)),
    })),
  );
  if (note) console.log(note);
}
