/** Results of drawing: kept as JSON, shown as a page with a table and sheets. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Machine } from '../../harness/machine.ts';
import { shownSets } from '../shared/labelled-sets.ts';
import { measuredLines, tableLines } from '../shared/markdown.ts';
import { pageName } from '../shared/options.ts';
import { type GeneratorSizes, sizesInWords } from './draw-row.ts';
import type { DrawingScores } from './measure.ts';

/** One measured row. */
export interface DrawingResult {
  readonly row: string;
  readonly label: string;
  readonly method: string;
  readonly dataset: string;
  readonly seed: number;
  /** Of the autoencoder. */
  readonly epochs: number;
  /** Of the generator. */
  readonly steps: number;
  readonly sizes: GeneratorSizes;
  readonly trainImages: number;
  /** Images drawn. */
  readonly images: number;
  readonly bitsPerPosition: number;
  readonly autoencoderSeconds: number;
  readonly generatorSeconds: number;
  readonly drawingSeconds: number;
  /** Share of the test images that the classifier gets right. */
  readonly classifierAccuracy: number;
  /** Fréchet distance of restored test images to the test images. */
  readonly restoredFrechet: number;
  /** Median distance of test images to the nearest training image. */
  readonly testNearest: number;
  readonly scores: DrawingScores;
  readonly command: string;
  readonly machine: Machine;
}

/** Results in a file; none when there is no file. */
export async function readDrawings(path: string): Promise<DrawingResult[]> {
  const text = await readFile(path, 'utf8').catch(() => undefined);
  return text === undefined ? [] : (JSON.parse(text) as DrawingResult[]);
}

/** What a result is of. */
const asked = ['row', 'method', 'seed', 'epochs', 'steps', 'sizes', 'images'] as const;

/** Whether a result is of the same row, method, lengths and sizes. */
export function isSame(a: DrawingResult, b: Pick<DrawingResult, (typeof asked)[number]>): boolean {
  return asked.every((key) => JSON.stringify(a[key]) === JSON.stringify(b[key]));
}

/** Adds a result in place of an older one of the same row and method. */
export async function writeDrawing(path: string, result: DrawingResult): Promise<DrawingResult[]> {
  const others = (await readDrawings(path)).filter(({ row, method }) => row !== result.row || method !== result.method);
  const all = [...others, result].sort((a, b) => a.method.localeCompare(b.method) || a.row.localeCompare(b.row));
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, `${JSON.stringify(all, null, 2)}\n`);
  return all;
}

/** Names of the pictures of a result. */
export function picturesOf({ dataset, row, method, seed }: Pick<DrawingResult, 'dataset' | 'row' | 'method' | 'seed'>) {
  const name = pageName(`${dataset}-${row}-${method}`, seed);
  return { sheet: `${name}.png`, nearest: `${name}-nearest.png` };
}

/** The table, of Markdown. */
export function drawingTable(results: readonly DrawingResult[]): string[] {
  return tableLines(
    results.map((r) => ({
      autoencoder: r.label,
      method: r.method,
      'index bits a position': Number(r.bitsPerPosition.toFixed(1)),
      'FD of restored': r.restoredFrechet.toFixed(2),
      'FD of drawn': r.scores.frechet.toFixed(2),
      precision: r.scores.precision.toFixed(3),
      recall: r.scores.recall.toFixed(3),
      'of the class, %': (100 * r.scores.ofClass).toFixed(1),
      'nearest training image (of test images)': `${r.scores.nearest.toFixed(1)} (${r.testNearest.toFixed(1)})`,
      'epochs + steps': `${Number(r.epochs.toFixed(2))} + ${r.steps}`,
      images: r.images,
    })),
  );
}

/** Whether the page may show images of its data set. */
function isShown({ dataset }: DrawingResult): boolean {
  return shownSets.includes(dataset);
}

/** The page. */
export function drawingPage(title: string, results: readonly DrawingResult[]): string {
  const accuracies = [...new Set(results.map((r) => (100 * r.classifierAccuracy).toFixed(2)))].join(' or ');
  const sizes = [...new Set(results.map((result) => sizesInWords(result.sizes)))].join(' or ');
  const counts = [...new Set(results.map(({ trainImages }) => trainImages.toLocaleString('en')))].join(' or ');
  const commands = [...new Set(results.map(({ command }) => command))].sort();
  return [
    `# ${title}`,
    '',
    `All rows have the same generator (${sizes}), trained for as many steps, on ${counts} images as the autoencoders. FD: Fréchet distance to the test images, on 128 features of a small classifier that was trained on this data set`,
    `(${accuracies} % of the test images right); it is no FID and compares with nothing but this page. Restored: test images through the autoencoder, which no generator of its maps`,
    'gets under. Precision and recall: Kynkäänniemi et al. 2019, k = 3, on the same features. Nearest training image: root of the mean squared difference of pixels, the median of',
    '100 drawn images, beside that of 100 test images: copies would be much nearer than these.',
    ...(results.every(isShown)
      ? []
      : ['Images of this data set are not passed on: pictures of the nearest are written beside the runs, in `out`.']),
    '',
    ...drawingTable(results),
    '',
    ...results.flatMap((result) => [
      `## ${result.label}, ${result.method}`,
      '',
      `![Drawn, one class a column](${picturesOf(result).sheet})`,
      '',
      ...(isShown(result)
        ? [`![Drawn, and the nearest training images below](${picturesOf(result).nearest})`, '']
        : []),
    ]),
    ...measuredLines(results, commands.join('\n')),
  ].join('\n');
}
