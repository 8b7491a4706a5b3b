/** Results of rows on photos: kept as JSON, shown as a page with tables and a picture. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import type { ReportValue } from '../../harness/report.ts';
import { measuredLines, tableLines } from './markdown.ts';
import type { PhotoResult } from './photo-rows.ts';
import { colorOf, svgOf } from './picture.ts';

/** A column: its title, and what it shows of a result. */
export type PhotoColumns<R extends PhotoResult> = Readonly<Record<string, (result: R) => ReportValue>>;

/** Columns that every table of files has; both sides of the codes used may have their own. */
export const fileColumns = {
  'index bits a position': ({ bitsPerPosition }) => bitsPerPosition.toFixed(2),
  'bits a position in files': ({ files }) => files.bitsInFile.toFixed(2),
  'bytes a file': ({ files }) => Math.round(files.bytes),
  bpp: ({ files }) => files.bpp.toFixed(4),
  LPIPS: ({ files }) => files.lpips.toFixed(4),
  'MS-SSIM': ({ files }) => files.msSsim.toFixed(4),
  PSNR: ({ files }) => files.psnr.toFixed(2),
} as const satisfies PhotoColumns<PhotoResult>;

/** What a page says besides its numbers. */
export interface PhotoPage<R extends PhotoResult> {
  readonly title: string;
  /** Lines before the tables: how rows were trained. */
  readonly about: (results: readonly R[]) => readonly string[];
  readonly columns: PhotoColumns<R>;
  /** Title of the table of each group, in order. */
  readonly tables: Readonly<Record<string, string>>;
  /** What the picture calls a group. */
  readonly groupName: (group: string) => string;
  /** Lines after the tables. */
  readonly after?: (results: readonly R[]) => readonly string[];
}

/** One row per result. */
export function photoCells<R extends PhotoResult>(
  results: readonly R[],
  columns: PhotoColumns<R>,
): Readonly<Record<string, ReportValue>>[] {
  return results.map((result) =>
    Object.fromEntries(Object.entries(columns).map(([name, valueOf]) => [name, valueOf(result)])),
  );
}

/** The page. @param picture  Its path, as seen from the page. */
function pageOf<R extends PhotoResult>(
  { title, about, columns, tables, after }: PhotoPage<R>,
  results: readonly R[],
  command: string,
  picture: string,
): string {
  return [
    `# ${title}`,
    '',
    ...about(results),
    '',
    `![LPIPS against the bytes of a file](${picture})`,
    '',
    ...Object.entries(tables).flatMap(([group, name]) => {
      const own = results.filter((result) => result.group === group);
      return own.length > 0 ? [`## ${name}`, '', ...tableLines(photoCells(own, columns)), ''] : [];
    }),
    ...(after?.(results) ?? []),
    ...measuredLines(results, command),
  ].join('\n');
}

/** LPIPS against bytes, a dot per row; both are better where they are less. @returns SVG text. */
function drawFiles(results: readonly PhotoResult[], groupName: (group: string) => string): Promise<string> {
  const values = results.map(({ label, group, files: { bytes, lpips } }) => ({
    ...{ label, bytes, lpips },
    bits: groupName(group),
  }));
  const axis = (field: string, title: string) =>
    ({ field, type: 'quantitative', title, scale: { zero: false } }) as const;
  return svgOf({
    title: 'LPIPS against bytes of files',
    width: 480,
    height: 360,
    background: 'white',
    padding: 20,
    data: { values },
    mark: { type: 'point', filled: true, size: 90, opacity: 1 },
    encoding: {
      x: axis('bytes', 'bytes of a .vqk file'),
      y: axis('lpips', 'LPIPS (squeeze)'),
      color: colorOf(results.map(({ label }) => label)),
      shape: { field: 'bits', type: 'nominal', title: null, legend: { labelLimit: 0 } },
    },
  });
}

/** Results of a file; none when there is no file. @param place  Without an ending. */
export async function readPhotoResults<R extends PhotoResult>(place: string): Promise<R[]> {
  const text = await readFile(`${place}.json`, 'utf8').catch(() => '[]');
  return JSON.parse(text) as R[];
}

/**
 * Writes a result in place of an older one of its row, with the page and the picture of all.
 *
 * @param order  All rows in the order of the page.
 * @returns All.
 */
export async function writePhotoResult<R extends PhotoResult>(
  place: string,
  fresh: R,
  page: PhotoPage<R>,
  command: string,
  order: readonly { readonly id: string }[],
): Promise<R[]> {
  const others = (await readPhotoResults<R>(place)).filter(({ row }) => row !== fresh.row);
  const all = order.flatMap(({ id }) => [fresh, ...others].find(({ row }) => row === id) ?? []);
  await mkdir(dirname(place), { recursive: true });
  await writeFile(`${place}.json`, `${JSON.stringify(all, null, 2)}\n`);
  await writeFile(`${place}.svg`, await drawFiles(all, page.groupName));
  await writeFile(`${place}.md`, pageOf(page, all, command, `${basename(place)}.svg`));
  return all;
}
