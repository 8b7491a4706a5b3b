/** Results of rows: kept as JSON, printed as a table beside the paper's numbers. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Machine } from '../../harness/machine.ts';
import { formatTable } from '../../harness/report.ts';
import type { PaperMetrics } from './evaluate.ts';
import type { PaperRow } from './row.ts';

/** One trained and measured row. */
export interface RowResult {
  readonly row: string;
  readonly label: string;
  readonly dataset: string;
  readonly epochs: number;
  readonly steps: number;
  readonly trainImages: number;
  readonly batch: number;
  readonly seed: number;
  readonly backend: string;
  readonly trainingSeconds: number;
  readonly networkParameters: number;
  readonly quantizerParameters: number;
  readonly heldOutMse: number;
  readonly command: string;
  readonly machine: Machine;
  readonly metrics: PaperMetrics;
}

/** Results in a file; none when there is no file. */
export async function readResults(path: string): Promise<RowResult[]> {
  const text = await readFile(path, 'utf8').catch(() => undefined);
  return text === undefined ? [] : (JSON.parse(text) as RowResult[]);
}

/** Adds a result, in place of an older one of the same row. */
export async function writeResult(path: string, result: RowResult): Promise<RowResult[]> {
  const others = (await readResults(path)).filter(({ row }) => row !== result.row);
  const all = [...others, result].sort((a, b) => a.row.localeCompare(b.row));
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, `${jsonOf(all)}\n`);
  return all;
}

/** JSON with lists of numbers on one line each. A line break in the text is never one of a string, which has them as `\n`. */
function jsonOf(value: unknown): string {
  return JSON.stringify(value, null, 2).replace(/\[\n[\s\d.,eE+-]*\]/g, (list) => list.replaceAll(/\s/g, ''));
}

/** The table for people at a terminal; `p` marks the paper's numbers. */
export function tableOf(results: readonly RowResult[], rows: readonly PaperRow[]): string {
  return formatTable(cellsOf(results, rows));
}

/** One row of a table. */
type Cells = Readonly<Record<string, string | number>>;

/** The same as cells by column. */
export function cellsOf(results: readonly RowResult[], rows: readonly PaperRow[]): Cells[] {
  // Names are those of the rows as they are defined now: what was measured may have got a more exact one.
  const ordered = rows.flatMap((row) =>
    results.filter((result) => result.row === row.id).map((own) => ({ ...own, row, label: row.label })),
  );
  return ordered.map(({ row, label, dataset, epochs, trainingSeconds, metrics: m }) => {
    const paper = row.paper?.[dataset] ?? {};
    const beside = (value: number | undefined, digits: number): string => value?.toFixed(digits) ?? '–';
    return {
      row: label,
      epochs: Number(epochs.toFixed(2)),
      minutes: Math.round(trainingSeconds / 60),
      'bits/position': Number(m.bitsPerPosition.toFixed(2)),
      bpp: Number(m.bpp.toFixed(3)),
      'bpp entropy': Number(m.bppEntropy.toFixed(3)),
      MAE: m.mae.toFixed(4),
      'MAE p': beside(paper.mae, 4),
      PSNR: m.psnr.toFixed(2),
      'PSNR p': beside(paper.psnr, 2),
      'SSIM u11': m.ssimUniform11.toFixed(4),
      'SSIM p': beside(paper.ssim, 4),
      'SSIM Wang': m.ssimWang.toFixed(4),
      'LPIPS squeeze': m.lpipsSqueeze === null ? '–' : m.lpipsSqueeze.toFixed(4),
      'usage %': Number((100 * m.usage).toFixed(1)),
      perplexity: Number(m.perplexity.toFixed(1)),
    };
  });
}
