/** One report from several processes: where things happen to lie in memory differs from process to process, not from run to run. */
import type { BenchReport, ReportValue } from './report.ts';
import { median } from './statistics.ts';

type Fields = Readonly<Record<string, ReportValue>>;

/**
 * The median of every number; other fields are those of the first report.
 *
 * @param reports  At least one, all with the same items in the same order.
 */
export function medianReport(reports: readonly BenchReport[]): BenchReport {
  const [first] = reports as [BenchReport];
  return {
    machine: first.machine,
    items: first.items.map(({ name }, i) => ({ ...medians(reports.map(({ items }) => items[i]!)), name })),
    summary: medians(reports.map(({ summary }) => summary)),
  };
}

function medians(rows: readonly Fields[]): Fields {
  const [first] = rows as [Fields];
  const entries = Object.entries(first).map(([key, value]): [string, ReportValue] => {
    const numbers = rows.map((row) => row[key]).filter((other) => typeof other === 'number');
    return [key, numbers.length === rows.length ? median(numbers) : value];
  });
  return Object.fromEntries(entries);
}
