/**
 * The tables of differences in the README. Conformance runs print them; with `VQKIT_WRITE_DIFFERENCES=1` in the
 * environment they also put them into the README, each between marks that name its runtime.
 */
import { readFileSync, writeFileSync } from 'node:fs';

/** The README of this package. */
export const readme = new URL('../../README.md', import.meta.url);

const marksOf = (runtime: string): [start: string, end: string] => [
  `<!-- differences: ${runtime} -->\n`,
  `\n<!-- /differences: ${runtime} -->`,
];

/** Where the table of a runtime begins and ends in a text. Throws when its marks are missing. */
function placeOf(text: string, runtime: string): [from: number, to: number] {
  const [start, end] = marksOf(runtime);
  const [from, to] = [text.indexOf(start), text.indexOf(end)];
  if (from < 0 || to < 0) throw new Error(`expected the marks ${start.trim()} and ${end.trim()} in the README`);
  return [from + start.length, to];
}

/** The lines of a runtime's table in a text. */
export function tableIn(text: string, runtime: string): string[] {
  return text.slice(...placeOf(text, runtime)).split('\n');
}

/** The text with another table of that runtime. */
export function withTable(text: string, runtime: string, lines: readonly string[]): string {
  const [from, to] = placeOf(text, runtime);
  return text.slice(0, from) + lines.join('\n') + text.slice(to);
}

/** Prints a table, and puts it into the README where that is asked for. */
export function publishTable(runtime: string, lines: readonly string[], log: (line: string) => void): void {
  for (const line of lines) log(line);
  if (process.env.VQKIT_WRITE_DIFFERENCES === undefined) return;
  writeFileSync(readme, withTable(readFileSync(readme, 'utf8'), runtime, lines));
}
