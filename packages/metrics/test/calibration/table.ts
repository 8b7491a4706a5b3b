/** The calibration table as Markdown, between two marks in the README. */
import type { CalibrationRow } from './row.ts';

const [start, end] = ['<!-- calibration -->', '<!-- /calibration -->'];

/** What identifies a row: everything but our value. */
export function rowKey({ metric, case: name, reference, isPublished, expected }: CalibrationRow): string {
  return `| ${[metric, name, reference, isPublished ? 'published' : 'independent', expected].join(' | ')} |`;
}

/** The table. */
export function toMarkdown(rows: readonly CalibrationRow[]): string {
  const lines = rows.map((row) => {
    const digits = row.expected.split('.')[1]?.length ?? 0;
    const difference = row.ours - Number(row.expected);
    return `${rowKey(row)} ${row.ours.toFixed(digits + 1)} | ${difference.toExponential(0)} |`;
  });
  const head = ['| metric | case | reference | kind | value | ours | difference |', '|---|---|---|---|---|---|---|'];
  return [...head, ...lines].join('\n');
}

/** The README with this table between its marks. */
export function withTable(readme: string, table: string): string {
  const [before, after] = [readme.slice(0, readme.indexOf(start) + start.length), readme.slice(readme.indexOf(end))];
  return `${before}\n${table}\n${after}`;
}
