/** Pieces of the pages that papers write. */
import type { Machine } from '../../harness/machine.ts';
import type { ReportValue } from '../../harness/report.ts';

/** A table, a line per row; the first column is text. All rows have the columns of the first. */
export function tableLines(rows: readonly Readonly<Record<string, ReportValue>>[]): string[] {
  const columns = Object.keys(rows[0] ?? {});
  const line = (cells: readonly unknown[]): string => `| ${cells.join(' | ')} |`;
  return [
    line(columns),
    line(columns.map((_, i) => (i === 0 ? '---' : '--:'))),
    ...rows.map((row) => line(columns.map((column) => row[column]))),
  ];
}

/** Where results were measured, and by which command. */
export function measuredLines(results: readonly { readonly machine: Machine }[], command: string): string[] {
  const machines = results.map(({ machine: m }) => `${m.cpu}, ${m.cores} of its cores, ${m.system}, Node ${m.node}`);
  return [`Measured on ${[...new Set(machines)].join('; ')}, by`, '', '```sh', command, '```', ''];
}
