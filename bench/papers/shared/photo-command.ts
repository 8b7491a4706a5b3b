/** What commands have in common that train rows on photos: their options, and a run from these to the pages. */
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onnx } from '@vqkit/backend-onnx';
import { dataPath } from '../../../tooling/shared-data.ts';
import { formatTable } from '../../harness/report.ts';
import { picturesOf } from '../../sr/pictures.ts';
import { type PhotoPage, photoCells, readPhotoResults, writePhotoResult } from './photo-pages.ts';
import { type PhotoContext, type PhotoResult, type PhotoRow, photoRowsOf, runPhotoRows } from './photo-rows.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));

/** Training photos of ours, and the names of those that are never trained on. */
export const ourPhotos = {
  data: dataPath('train-photos'),
  heldOut: join(root, 'packages/weights/photo/training/held-out.txt'),
};

/** Options of all of them, as `parseArgs` takes them. */
export const photoOptions = {
  rows: { type: 'string', default: 'all' },
  steps: { type: 'string', default: '3000' },
  crop: { type: 'string', default: '128' },
  limit: { type: 'string' },
  priors: { type: 'string', default: '60' },
  minutes: { type: 'string' },
  threads: { type: 'string' },
  seed: { type: 'string', default: '1' },
  data: { type: 'string', default: ourPhotos.data },
  'held-out': { type: 'string' },
  'lpips-weights': { type: 'string', default: dataPath('weights/lpips_squeeze_v0.1.safetensors') },
  pictures: { type: 'string', default: dataPath('kodak') },
} as const;

/** Options that need not be given. */
type Optional = 'limit' | 'minutes' | 'threads' | 'held-out';

/** Values of these options, and of `--batch`, whose default each has for itself. */
export type PhotoValues = Readonly<Record<'batch' | Exclude<keyof typeof photoOptions, Optional>, string>> &
  Readonly<Partial<Record<Optional, string>>>;

/** A table. */
export interface PhotoPaper<R extends PhotoRow, T extends PhotoResult> {
  /** Name of the paper's folder. */
  readonly paper: string;
  /** Name of this run's pages and folder: all sizes. */
  readonly name: string;
  readonly rows: readonly R[];
  readonly heldOut: string | undefined;
  /** Makes the recipe of a row. */
  readonly recipes: (context: PhotoContext) => (row: R) => unknown;
  /** What is kept of a row. */
  readonly resultOf: (result: PhotoResult, row: R) => T;
  readonly page: PhotoPage<T>;
  /** How the pages are made again. */
  readonly command: string;
}

/** A number, where there is one. */
export function optional(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Number(text);
}

/** Folder of a paper's pages. */
export function resultsOf(paper: string): string {
  return join(root, 'bench/papers', paper, 'results');
}

/** Trains and measures the rows that are not done, writes their pages and prints the table; pages of a `--limit` stay in `out/papers`. */
export async function runPhotoPaper<R extends PhotoRow, T extends PhotoResult>(
  values: PhotoValues,
  { paper, name, rows: known, heldOut, recipes, resultOf, page, command }: PhotoPaper<R, T>,
): Promise<void> {
  const runs = join(root, 'out/papers', paper);
  const place = join(values.limit === undefined ? resultsOf(paper) : runs, name);
  const done = (await readPhotoResults(place)).map(({ row }) => row);
  const rows = photoRowsOf(values.rows.split(','), known).filter(({ id }) => !done.includes(id));
  const controller = new AbortController();
  process.once('SIGINT', () => controller.abort());
  const backend = await onnx({ threads: optional(values.threads) });
  const { pictures } = values;
  const context: PhotoContext = {
    ...{ backend, heldOut, data: values.data, lpipsWeights: values['lpips-weights'] },
    steps: Number(values.steps),
    batch: Number(values.batch),
    crop: Number(values.crop),
    seed: Number(values.seed),
    priorPhotos: Number(values.priors),
    pictures: await picturesOf(join(pictures, '..'), [basename(pictures)], optional(values.limit)),
    runs: join(runs, name),
    minutes: optional(values.minutes),
    signal: controller.signal,
    log: (line) => void process.stderr.write(`${line}\n`),
  };
  await runPhotoRows(rows, recipes(context), context, async (result, row) => {
    await writePhotoResult(place, resultOf(result, row), page, command, known);
  });
  backend.dispose();
  process.stdout.write(`${formatTable(photoCells(await readPhotoResults<T>(place), page.columns))}\n`);
  if (controller.signal.aborted) process.exitCode = 130;
}
