/**
 * `npm run papers -- photo-ideas`: what each idea for a better photo tokenizer gains, at equal steps, on photos held out. Runs lie in
 * `out/papers/photo-ideas`, and the same command goes on with them, also after a kill; rows that are finished are written to
 * `bench/papers/photo-ideas/results`.
 */
import { parseArgs } from 'node:util';
import { ourPhotos, photoOptions, runPhotoPaper } from '../shared/photo-command.ts';
import { networkNamed } from '../shared/photo-network.ts';
import { ideasPage } from './pages.ts';
import { ideaRows } from './rows.ts';
import { ideaRecipes } from './run.ts';

const options = {
  ...photoOptions,
  steps: { type: 'string', default: '2000' },
  batch: { type: 'string', default: '12' },
  network: { type: 'string', default: 'small' },
  'held-out': { type: 'string', default: ourPhotos.heldOut },
} as const;

const usage = `usage: npm run papers -- photo-ideas [options]
  --rows a,b       stage-1, decoder, all, or ${ideaRows.map(({ id }) => id).join(', ')}
  --steps N        of every row (default 2000); --batch N crops, a multiple of 3 (default 12), of --crop N pixels (default 128)
  --network small|full   full: as the published weights (default small)
  --priors N       training photos that the entropy coder learns from (default 60)
  --minutes N      in all; the same command goes on
  --limit N        pictures, the first of the folder, for a trial: its page is kept in out/papers (default: all)
  --data FOLDER, --held-out FILE, --pictures FOLDER, --lpips-weights FILE, --threads N, --seed N`;

async function main(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({ args: [...args], options });
  const { network, steps, batch, crop, seed, priors } = values;
  const sizes = networkNamed(network);
  await runPhotoPaper(values, {
    paper: 'photo-ideas',
    name: `${network}-steps-${steps}-batch-${batch}-crop-${crop}-seed-${seed}`,
    rows: ideaRows,
    heldOut: values['held-out'],
    recipes: (context) => ideaRecipes(context, sizes),
    resultOf: (result) => result,
    page: ideasPage,
    command: `npm run papers -- photo-ideas --network ${network} --steps ${steps} --batch ${batch} --crop ${crop} --seed ${seed} --priors ${priors}`,
  });
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n${usage}\n`);
  process.exitCode = 2;
}
