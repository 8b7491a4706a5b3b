/** Results as tables: for a terminal, and as a Markdown page with pictures. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import type { ReportValue } from '../../harness/report.ts';
import { measuredLines, tableLines } from '../shared/markdown.ts';
import { svgOf } from '../shared/picture.ts';
import { type TvqRow, tvqRows, tvqTables } from './rows.ts';
import type { TvqResult } from './run.ts';

type Cells = Readonly<Record<string, ReportValue>>;

const digits = { lpips: 4, msSsim: 4, psnr: 2, frechet: 0, accuracy: 4, usedCodes: 0, entropyBits: 2 } as const;
const names = {
  lpips: 'LPIPS squeeze',
  msSsim: 'MS-SSIM',
  psnr: 'PSNR',
  frechet: 'Fréchet',
  accuracy: 'index accuracy',
  usedCodes: 'codes used',
  entropyBits: 'bits per index',
} as const;

/** One row per result; what a stage does not have is a dash. */
export function cellsOf(results: readonly TvqResult[]): Cells[] {
  return results.map(({ label, steps, trainingSeconds, scores }) => ({
    row: label,
    steps,
    minutes: Math.round(trainingSeconds / 60),
    ...Object.fromEntries(
      Object.entries(names).map(([key, name]) => [
        name,
        scores[key]?.toFixed(digits[key as keyof typeof digits]) ?? '–',
      ]),
    ),
  }));
}

/** Tables that have rows, with their results. */
function tablesOf(results: readonly TvqResult[], rows: readonly TvqRow[] = tvqRows) {
  return tvqTables.flatMap((table) => {
    const ids = rows.filter(({ groups }) => groups.includes(table.group)).map(({ id }) => id);
    const own = results.filter(({ row }) => ids.includes(row));
    return own.length > 0 ? [{ ...table, results: own }] : [];
  });
}

/**
 * The page.
 *
 * @param command  What makes it.
 * @param pictureOf  Path of a table's picture, as seen from the page.
 */
function tvqPage(
  results: readonly TvqResult[],
  command: string,
  pictureOf: (table: number) => string,
  rows?: readonly TvqRow[],
): string {
  const tables = tablesOf(results, rows).flatMap(({ number, title, results: own }) => {
    return [
      `## ${number}. ${title}`,
      '',
      `![LPIPS and Fréchet distance](${pictureOf(number)})`,
      '',
      ...tableLines(cellsOf(own)),
      '',
    ];
  });
  return [
    '# TVQ & RAP at the sizes of our port',
    '',
    'Photos held out, squares of 384²; small images by antialiased bicubic reduction; the decoder sees codes alone, as in the paper. Fréchet distances are those of',
    'SqueezeNet features and compare only with each other. LPIPS is a training loss of all rows.',
    '',
    ...tables,
    ...measuredLines(results, command),
  ].join('\n');
}

/** LPIPS against the Fréchet distance, a dot per row; both are better where they are less. @returns SVG text. */
function drawTable(title: string, results: readonly TvqResult[]): Promise<string> {
  const values = results.map(({ label, stage, scores: { lpips, frechet } }) => ({
    ...{ label, lpips, frechet },
    what: stage === 'sr-tokenizer' ? 'restored from their codes' : 'enlarged ×4',
  }));
  const axis = (field: string, name: string) =>
    ({ field, type: 'quantitative', title: name, scale: { zero: false } }) as const;
  return svgOf({
    title,
    width: 420,
    height: 320,
    background: 'white',
    padding: 20,
    data: { values },
    mark: { type: 'point', filled: true, size: 90, opacity: 1 },
    encoding: {
      x: axis('lpips', 'LPIPS (squeeze)'),
      y: axis('frechet', 'Fréchet distance, SqueezeNet features'),
      color: { field: 'label', type: 'nominal', title: null, legend: { labelLimit: 0 } },
      shape: { field: 'what', type: 'nominal', title: null },
    },
  });
}

/**
 * Writes results as JSON beside those of rows that other calls have finished, the page, and a picture for each table.
 *
 * @param place  Without an ending. @returns All results, in the order of the rows.
 */
export async function writeTvqPages(
  place: string,
  fresh: readonly TvqResult[],
  command: string,
  rows: readonly TvqRow[] = tvqRows,
): Promise<TvqResult[]> {
  const before = JSON.parse(await readFile(`${place}.json`, 'utf8').catch(() => '[]')) as TvqResult[];
  const all = rows.flatMap(({ id }) => [fresh, before].flat().find(({ row }) => row === id) ?? []);
  await mkdir(dirname(place), { recursive: true });
  await writeFile(`${place}.json`, `${JSON.stringify(all, null, 2)}\n`);
  for (const { number, title, results } of tablesOf(all, rows))
    await writeFile(`${place}-${number}.svg`, await drawTable(title, results));
  const pictureOf = (number: number): string => `${basename(place)}-${number}.svg`;
  await writeFile(`${place}.md`, tvqPage(all, command, pictureOf, rows));
  return all;
}
