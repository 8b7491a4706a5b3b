/** Results as Markdown pages with pictures, for people to read. */
import { writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { type CodeReport, codeLines, codeReport } from './code-pages.ts';
import { tableLines } from './markdown.ts';
import { drawResults } from './picture.ts';
import { cellsOf, type RowResult } from './results.ts';
import type { PaperNumbers, PaperRow, PictureAxis } from './row.ts';

/** What to know before the paper's columns are compared with ours. */
export const paperCaveats =
  'p: the paper, 500 epochs. Its metrics come from images saved as JPEG at quality 75, ours from raw pixels; the codebook ' +
  'sizes of its rows are a likely reading; one seed, there and here.';

/** Results that may be compared: of equally many epochs and, where rows of several groups have them, of one group. */
export interface Section {
  readonly epochs: number;
  readonly group?: string;
  readonly results: readonly RowResult[];
}

/** Results by their epochs, the longest runs first, and by the first group of their rows. */
export function sectionsOf(results: readonly RowResult[], rows: readonly PaperRow[] = []): Section[] {
  const unique = <T>(values: readonly T[]): T[] => [...new Set(values)];
  const groupOf = ({ row }: RowResult): string | undefined => rows.find(({ id }) => id === row)?.groups[0];
  const epochs = unique(results.map((result) => result.epochs)).sort((a, b) => b - a);
  return epochs.flatMap((n) => {
    const own = results.filter((result) => result.epochs === n);
    const groups = unique(rows.flatMap((row) => row.groups.slice(0, 1))).filter((name) =>
      own.some((r) => groupOf(r) === name),
    );
    if (groups.length < 2) return [{ epochs: n, results: own }];
    return groups.map((group) => ({ epochs: n, group, results: own.filter((result) => groupOf(result) === group) }));
  });
}

/** What pictures draw PSNR against, in words. */
const axisNames: Readonly<Record<PictureAxis, string>> = { bits: 'index bits', pieces: 'pieces', codes: 'codes' };

/** What a page has besides results. */
export interface PageOptions {
  /** What pictures draw PSNR against. Default `bits`. */
  readonly axis?: PictureAxis | undefined;
  /** What the paper's table shows, in a sentence. */
  readonly note?: string | undefined;
  /** What the paper says of codes that pieces share, in a sentence. */
  readonly sharing?: string | undefined;
}

/**
 * The tables as a Markdown page, with their pictures, commands and machines.
 *
 * @param pictureOf  Path of a section's picture, an SVG, as seen from the page.
 */
export function pageOf(
  title: string,
  sections: readonly Section[],
  rows: readonly PaperRow[],
  pictureOf: (section: Section) => string,
  { axis = 'bits', note, sharing }: PageOptions = {},
): string {
  const parts = sections.map((section) => [
    `## ${epochsOf(section)}`,
    '',
    `![PSNR against ${axisNames[axis]}](${pictureOf(section)})`,
    '',
    ...sectionOf(section, rows),
    ...codeLines(codesOf(title, section, rows, pictureOf(section)), sharing),
  ]);
  const isInPaper = sections.some(({ results }) => results.some(({ row, dataset }) => paperOf(rows, row, dataset)));
  const legend = [...(isInPaper ? [paperCaveats, ''] : []), ...(note ? [note, ''] : [])];
  return [`# ${title}`, '', ...legend, ...parts.flat()].join('\n');
}

/** @param picture  Of the section; those of its codebooks are named after it. */
function codesOf(title: string, section: Section, rows: readonly PaperRow[], picture: string): CodeReport {
  return codeReport(`${title}, ${epochsOf(section)}`, section.results, rows, picture.replace(/\.svg$/, ''));
}

function paperOf(rows: readonly PaperRow[], row: string, dataset: string): PaperNumbers | undefined {
  return rows.find(({ id }) => id === row)?.paper?.[dataset];
}

/** How long, for headings. */
function epochsOf({ epochs, group }: Section): string {
  return `${Number(epochs.toFixed(2))} ${epochs === 1 ? 'epoch' : 'epochs'}${group ? `, ${group}` : ''}`;
}

function sectionOf({ results }: Section, rows: readonly PaperRow[]): string[] {
  const unique = (of: (result: RowResult) => string): string[] => [...new Set(results.map(of))].sort();
  const machines = unique(
    ({ machine: m, backend }) => `${m.cpu}, ${m.cores} of its cores, ${m.system}, Node ${m.node}, backend ${backend}`,
  );
  const images = unique(({ trainImages }) => trainImages.toLocaleString('en'));
  return [
    ...tableLines(cellsOf(results, rows)),
    '',
    `Trained on ${images.join('; ')} images, measured on ${machines.join('; ')}, by`,
    '',
    '```sh',
    ...unique(({ command }) => command),
    '```',
    '',
  ];
}

/**
 * Draws the pictures of results and writes the page around them.
 *
 * @param path  Of the page, without its ending.
 */
export async function writePages(
  title: string,
  path: string,
  results: readonly RowResult[],
  rows: readonly PaperRow[],
  options: PageOptions = {},
): Promise<void> {
  const { axis = 'bits' } = options;
  const pictureOf = ({ epochs, group }: Section): string =>
    `${[basename(path), Number(epochs.toFixed(2)), ...(group ? [group] : [])].join('-')}.svg`;
  const sections = sectionsOf(results, rows);
  for (const section of sections) {
    const heading = `${title}, ${epochsOf(section)}, PSNR against ${axisNames[axis]}`;
    await writeFile(join(dirname(path), pictureOf(section)), await drawResults(heading, section.results, rows, axis));
    for (const { file, draw } of codesOf(title, section, rows, pictureOf(section)).figures)
      await writeFile(join(dirname(path), file), await draw());
  }
  await writeFile(`${path}.md`, pageOf(title, sections, rows, pictureOf, options));
}
