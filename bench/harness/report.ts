/** The one form that every benchmark returns, and how people read it. */
import type { Machine } from './machine.ts';

/** A value in a report: JSON without surprises. */
export type ReportValue =
  | string
  | number
  | boolean
  | null
  | readonly ReportValue[]
  | { readonly [key: string]: ReportValue };

/** One measured row; `name` says what was measured, the other fields are the benchmark's own, with units in their names. */
export type BenchItem = { readonly name: string } & { readonly [key: string]: ReportValue };

/** What a benchmark returns and what `--json` prints. */
export interface BenchReport {
  readonly machine: Machine;
  readonly items: readonly BenchItem[];
  readonly summary: { readonly [key: string]: ReportValue };
}

/** What a benchmark is given. */
export interface BenchOptions {
  /** Arguments of the command line after the benchmark's name, without `--json`. */
  readonly args: readonly string[];
  /** Tells people how far it is; goes to standard error. */
  readonly log: (line: string) => void;
}

/** A benchmark: the default export of `bench/<name>/<name>.bench.ts`. */
export type Benchmark = (options: BenchOptions) => Promise<BenchReport>;

/** A value as people read it: four significant digits, nested values as JSON. */
function format(value: ReportValue | undefined): string {
  if (value === undefined || value === null) return '';
  if (typeof value === 'number') return Number.isInteger(value) ? `${value}` : `${Number(value.toPrecision(4))}`;
  return typeof value === 'object' ? JSON.stringify(value) : `${value}`;
}

/**
 * Lays rows out as a text table: one column for each field that occurs, numbers to the right.
 *
 * @returns The lines, joined; empty for no rows.
 */
export function formatTable(rows: readonly { readonly [key: string]: ReportValue }[]): string {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const lines = columns.map((column) => {
    const isNumeric = rows.every((row) => row[column] === undefined || typeof row[column] === 'number');
    const cells = [column, ...rows.map((row) => format(row[column]))];
    const width = Math.max(...cells.map((cell) => cell.length));
    return cells.map((cell) => (isNumeric ? cell.padStart(width) : cell.padEnd(width)));
  });
  return [...Array(rows.length > 0 ? rows.length + 1 : 0).keys()]
    .map((i) =>
      lines
        .map((column) => column[i])
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** A whole report as text: machine, table of items, summary. */
export function formatReport({ machine, items, summary }: BenchReport): string {
  const about = `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, ${machine.system}, Node ${machine.node}`;
  const results = Object.entries(summary).map(([key, value]) => `${key}: ${format(value)}`);
  return [about, '', formatTable(items), '', ...results].join('\n');
}
