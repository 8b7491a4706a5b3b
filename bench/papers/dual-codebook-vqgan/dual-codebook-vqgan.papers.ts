/**
 * `npm run papers -- dual-codebook-vqgan`: dual codebook inside a small VQGAN, on photos or any folder of pictures. Runs lie in
 * `out/papers/dual-codebook-vqgan`, and the same command goes on with them, also after a kill; rows that are finished are written to
 * `bench/papers/dual-codebook-vqgan/results`. `--costs` counts what the paper's sizes cost, and trains nothing.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { onnx } from '@vqkit/backend-onnx';
import { dataPath } from '../../../tooling/shared-data.ts';
import { formatTable } from '../../harness/report.ts';
import { picturesOf } from '../../sr/pictures.ts';
import { photoCells, readPhotoResults, writePhotoResult } from '../shared/photo-pages.ts';
import { type PhotoContext, photoRowsOf, runPhotoRows } from '../shared/photo-rows.ts';
import { networkCost, paperCosts } from './costs.ts';
import { costsPage, dualPage } from './pages.ts';
import { dualVqganRows } from './rows.ts';
import { type DualResult, dualRecipes, withCosts } from './run.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const results = join(root, 'bench/papers/dual-codebook-vqgan/results');
const ourPhotos = dataPath('train-photos');

const options = {
  costs: { type: 'boolean', default: false },
  rows: { type: 'string', default: 'all' },
  steps: { type: 'string', default: '3000' },
  batch: { type: 'string', default: '8' },
  crop: { type: 'string', default: '128' },
  width: { type: 'string', default: '32' },
  blocks: { type: 'string', default: '2' },
  rate: { type: 'string', default: '0.001' },
  delay: { type: 'string' },
  limit: { type: 'string' },
  priors: { type: 'string', default: '60' },
  minutes: { type: 'string' },
  threads: { type: 'string' },
  seed: { type: 'string', default: '1' },
  data: { type: 'string', default: ourPhotos },
  'held-out': { type: 'string' },
  'lpips-weights': { type: 'string', default: dataPath('weights/lpips_squeeze_v0.1.safetensors') },
  pictures: { type: 'string', default: dataPath('kodak') },
} as const;

const usage = `usage: npm run papers -- dual-codebook-vqgan [options]
  --costs            what the paper's sizes cost, without training
  --rows a,b         paper, bits (10 a position), all, or ${dualVqganRows.map(({ id }) => id).join(', ')}
  --data FOLDER      pictures to learn from, e.g. faces or scenes (default: the training photos)
  --held-out FILE    names of those never trained on, one a line (default: of the training photos their list, else a twelfth)
  --pictures FOLDER  of .png files, to be coded and scored (default: Kodak)
  --steps N          of every row (default 3000); --batch N crops (default 8) of --crop N pixels (default 128)
  --width N          channels at full resolution, a multiple of 8 (default 32; the paper: 128); --blocks N per resolution (default 2)
  --delay N          steps before the discriminator begins (default: half of them); --rate R (default 0.001)
  --priors N         training photos that the entropy coder learns from (default 60)
  --minutes N        in all; the same command goes on
  --limit N          pictures, the first of the folder, for a trial: its page is kept in out/papers (default: all)
  --lpips-weights FILE, --threads N, --seed N`;

async function writeCosts(): Promise<void> {
  const page = costsPage(paperCosts(), networkCost({}));
  await mkdir(results, { recursive: true });
  await writeFile(join(results, 'costs.md'), page);
  process.stdout.write(page);
}

async function main(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({ args: [...args], options });
  if (values.costs) return writeCosts();
  const optional = (text: string | undefined): number | undefined => (text === undefined ? undefined : Number(text));
  const [steps, batch, crop, seed] = [values.steps, values.batch, values.crop, values.seed].map(Number) as [
    number,
    number,
    number,
    number,
  ];
  const delay = optional(values.delay) ?? Math.round(steps / 2);
  const network = { width: Number(values.width), blocks: Number(values.blocks), rate: Number(values.rate), delay };
  const isOurs = resolve(values.data) === resolve(ourPhotos);
  const set = isOurs ? 'photos' : basename(resolve(values.data));
  const heldOut =
    values['held-out'] ?? (isOurs ? join(root, 'packages/weights/photo/training/held-out.txt') : undefined);
  const sizes = `--width ${network.width} --blocks ${network.blocks} --steps ${steps} --batch ${batch} --crop ${crop} --rate ${network.rate} --delay ${delay} --seed ${seed}`;
  const name = [set, ...sizes.replaceAll('--', '').split(' ')].join('-');
  // of some pictures only, they are no results to keep
  const place = join(values.limit === undefined ? results : join(root, 'out/papers/dual-codebook-vqgan'), name);
  const done = (await readPhotoResults(place)).map(({ row }) => row);
  const rows = photoRowsOf(values.rows.split(','), dualVqganRows).filter(({ id }) => !done.includes(id));
  const controller = new AbortController();
  process.once('SIGINT', () => controller.abort());
  const backend = await onnx({ threads: optional(values.threads) });
  const context: PhotoContext = {
    ...{ backend, steps, batch, crop, seed, heldOut, data: values.data, priorPhotos: Number(values.priors) },
    lpipsWeights: values['lpips-weights'],
    pictures: await picturesOf(join(values.pictures, '..'), [basename(values.pictures)], optional(values.limit)),
    runs: join(root, 'out/papers/dual-codebook-vqgan', name),
    minutes: optional(values.minutes),
    signal: controller.signal,
    log: (line) => void process.stderr.write(`${line}\n`),
  };
  const page = dualPage(isOurs ? 'the training photos' : `'${set}'`);
  const command = `npm run papers -- dual-codebook-vqgan ${isOurs ? '' : `--data <${set}> `}${sizes} --priors ${values.priors}`;
  await runPhotoRows(rows, dualRecipes(context, network), context, async (result, row) => {
    await writePhotoResult(place, withCosts(result, row, network), page, command, dualVqganRows);
  });
  backend.dispose();
  process.stdout.write(`${formatTable(photoCells(await readPhotoResults<DualResult>(place), page.columns))}\n`);
  if (controller.signal.aborted) process.exitCode = 130;
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n${usage}\n`);
  process.exitCode = 2;
}
