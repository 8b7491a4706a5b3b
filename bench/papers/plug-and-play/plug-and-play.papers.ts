/**
 * `npm run papers -- plug-and-play`: which quantizer suits the codec. The photo tokenizer, small, with every quantizer at equal bits a position,
 * trained alike and measured by the files that it makes. Runs lie in `out/papers/plug-and-play`, and the same command goes on with
 * them, also after a kill; rows that are finished are written to `bench/papers/plug-and-play/results`.
 */
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { onnx } from '@vqkit/backend-onnx';
import { dataPath } from '../../../tooling/shared-data.ts';
import { formatTable } from '../../harness/report.ts';
import { picturesOf } from '../../sr/pictures.ts';
import { photoCells, readPhotoResults, writePhotoResult } from '../shared/photo-pages.ts';
import { type PhotoContext, photoRowsOf, runPhotoRows } from '../shared/photo-rows.ts';
import { plugPage } from './pages.ts';
import { plugRows } from './rows.ts';
import { plugRecipes, smallNetwork } from './run.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));

const options = {
  rows: { type: 'string', default: 'all' },
  steps: { type: 'string', default: '3000' },
  batch: { type: 'string', default: '12' },
  crop: { type: 'string', default: '128' },
  network: { type: 'string', default: 'small' },
  limit: { type: 'string' },
  priors: { type: 'string', default: '60' },
  minutes: { type: 'string' },
  threads: { type: 'string' },
  seed: { type: 'string', default: '1' },
  data: { type: 'string', default: dataPath('train-photos') },
  'held-out': { type: 'string', default: join(root, 'packages/weights/photo/training/held-out.txt') },
  'lpips-weights': { type: 'string', default: dataPath('weights/lpips_squeeze_v0.1.safetensors') },
  pictures: { type: 'string', default: dataPath('kodak') },
} as const;

const usage = `usage: npm run papers -- plug-and-play [options]
  --rows a,b       11, 22 (bits a position), all, or ${plugRows.map(({ id }) => id).join(', ')}
  --steps N        of every row (default 3000); --batch N crops (default 12) of --crop N pixels (default 128)
  --network small|full   full: as the published weights (default small)
  --priors N       training photos that the entropy coder learns from (default 60)
  --minutes N      in all; the same command goes on
  --limit N        pictures, the first of the folder (default: all)
  --data FOLDER, --held-out FILE, --pictures FOLDER, --lpips-weights FILE, --threads N, --seed N`;

async function main(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({ args: [...args], options });
  const number = (name: 'steps' | 'batch' | 'crop' | 'priors' | 'seed'): number => Number(values[name]);
  const optional = (text: string | undefined): number | undefined => (text === undefined ? undefined : Number(text));
  if (values.network !== 'small' && values.network !== 'full')
    throw new Error(`expected --network small or full, got ${values.network}`);
  const [steps, batch, crop, seed, priorPhotos] = (['steps', 'batch', 'crop', 'seed', 'priors'] as const).map(
    number,
  ) as [number, number, number, number, number];
  const name = `${values.network}-steps-${steps}-batch-${batch}-crop-${crop}-seed-${seed}`;
  const place = join(root, 'bench/papers/plug-and-play/results', name);
  const done = (await readPhotoResults(place)).map(({ row }) => row);
  const rows = photoRowsOf(values.rows.split(','), plugRows).filter(({ id }) => !done.includes(id));
  const controller = new AbortController();
  process.once('SIGINT', () => controller.abort());
  const backend = await onnx({ threads: optional(values.threads) });
  const sizes = `--network ${values.network} --steps ${steps} --batch ${batch} --crop ${crop} --seed ${seed} --priors ${priorPhotos}`;
  const context: PhotoContext = {
    ...{ backend, steps, batch, crop, seed, priorPhotos, data: values.data, heldOut: values['held-out'] },
    lpipsWeights: values['lpips-weights'],
    pictures: await picturesOf(join(values.pictures, '..'), [basename(values.pictures)], optional(values.limit)),
    runs: join(root, 'out/papers/plug-and-play', name),
    minutes: optional(values.minutes),
    signal: controller.signal,
    log: (line) => void process.stderr.write(`${line}\n`),
  };
  const recipeOf = plugRecipes(context, values.network === 'small' ? smallNetwork : undefined);
  const command = `npm run papers -- plug-and-play ${sizes}`;
  await runPhotoRows(rows, recipeOf, context, async (result) => {
    await writePhotoResult(place, result, plugPage, command, plugRows);
  });
  backend.dispose();
  const all = await readPhotoResults(place);
  process.stdout.write(`${formatTable(photoCells(all, plugPage.columns))}\n`);
  if (controller.signal.aborted) process.exitCode = 130;
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n${usage}\n`);
  process.exitCode = 2;
}
