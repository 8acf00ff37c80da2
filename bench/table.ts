/** What is printed, and what stands in the document. */
export interface Table {
  title: string;
  columns: readonly string[];
  rows: readonly (readonly string[])[];
  /** What a reader must know to read it. */
  notes?: readonly string[];
}

/** In Markdown, aligned, so that it can be read as it is too. */
export function markdown({ title, columns, rows, notes = [] }: Table): string {
  const all = [columns, ...rows];
  const widths = columns.map((_, column) =>
    Math.max(3, ...all.map((row) => [...(row[column] ?? '')].length)),
  );
  // What is measured stands left, figures stand right.
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join(' | ')} |`;
  const ruler = `|${widths.map((width, i) => `${'-'.repeat(width + 1)}${i === 0 ? '-' : ':'}`).join('|')}|`;
  return [
    `### ${title}`,
    '',
    line(columns),
    ruler,
    ...rows.map(line),
    '',
    ...notes.flatMap((note) => [note, '']),
  ].join('\n');
}

/** Three digits that mean something, and no more. */
export function number(value: number): string {
  if (!Number.isFinite(value)) return '-';
  if (value >= 1000) return String(Math.round(value));
  return String(Number(value.toPrecision(3)));
}

export function ms(value: number): string {
  return `${number(value)} ms`;
}

export function ratio(value: number): string {
  return Number.isFinite(value) ? value.toFixed(3) : '-';
}

export function megabytes(bytes: number): string {
  return `${number(bytes / 1_000_000)} MB`;
}
