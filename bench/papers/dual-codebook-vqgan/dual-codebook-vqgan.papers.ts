/**
 * `npm run papers -- dual-codebook-vqgan`: dual codebook inside a small VQGAN, on photos or any folder of pictures. Runs lie in
 * `out/papers/dual-codebook-vqgan`, and the same command goes on with them, also after a kill; rows that are finished are written to
 * `bench/papers/dual-codebook-vqgan/results`. `--costs` counts what the paper's sizes cost, and trains nothing.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { optional, ourPhotos, photoOptions, resultsOf, runPhotoPaper } from '../shared/photo-command.ts';
import { networkCost, paperCosts } from './costs.ts';
import { costsPage, dualPage } from './pages.ts';
import { dualVqganRows } from './rows.ts';
import { dualRecipes, withCosts } from './run.ts';

const paper = 'dual-codebook-vqgan';

const options = {
  ...photoOptions,
  costs: { type: 'boolean', default: false },
  batch: { type: 'string', default: '8' },
  width: { type: 'string', default: '32' },
  blocks: { type: 'string', default: '2' },
  rate: { type: 'string', default: '0.001' },
  delay: { type: 'string' },
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
  const results = resultsOf(paper);
  await mkdir(results, { recursive: true });
  await writeFile(join(results, 'costs.md'), page);
  process.stdout.write(page);
}

async function main(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({ args: [...args], options });
  if (values.costs) return writeCosts();
  const { steps, batch, crop, seed, data } = values;
  const delay = optional(values.delay) ?? Math.round(Number(steps) / 2);
  const network = { width: Number(values.width), blocks: Number(values.blocks), rate: Number(values.rate), delay };
  const isOurs = resolve(data) === resolve(ourPhotos.data);
  const set = isOurs ? 'photos' : basename(resolve(data));
  const sizes = `--width ${network.width} --blocks ${network.blocks} --steps ${steps} --batch ${batch} --crop ${crop} --rate ${network.rate} --delay ${delay} --seed ${seed}`;
  await runPhotoPaper(values, {
    paper,
    name: [set, ...sizes.replaceAll('--', '').split(' ')].join('-'),
    rows: dualVqganRows,
    heldOut: values['held-out'] ?? (isOurs ? ourPhotos.heldOut : undefined),
    recipes: (context) => dualRecipes(context, network),
    resultOf: (result, row) => withCosts(result, row, network),
    page: dualPage(isOurs ? 'the training photos' : `'${set}'`),
    command: `npm run papers -- ${paper} ${isOurs ? '' : `--data <${set}> `}${sizes} --priors ${values.priors}`,
  });
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n${usage}\n`);
  process.exitCode = 2;
}
