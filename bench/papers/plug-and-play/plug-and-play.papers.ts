/**
 * `npm run papers -- plug-and-play`: which quantizer suits the codec. The photo tokenizer, small, with every quantizer at equal bits a position,
 * trained alike and measured by the files that it makes. Runs lie in `out/papers/plug-and-play`, and the same command goes on with
 * them, also after a kill; rows that are finished are written to `bench/papers/plug-and-play/results`.
 */
import { parseArgs } from 'node:util';
import { ourPhotos, photoOptions, runPhotoPaper } from '../shared/photo-command.ts';
import { networkNamed } from '../shared/photo-network.ts';
import { plugPage } from './pages.ts';
import { plugRows } from './rows.ts';
import { plugRecipes } from './run.ts';

const options = {
  ...photoOptions,
  batch: { type: 'string', default: '12' },
  network: { type: 'string', default: 'small' },
  'held-out': { type: 'string', default: ourPhotos.heldOut },
} as const;

const usage = `usage: npm run papers -- plug-and-play [options]
  --rows a,b       11, 22 (bits a position), all, or ${plugRows.map(({ id }) => id).join(', ')}
  --steps N        of every row (default 3000); --batch N crops (default 12) of --crop N pixels (default 128)
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
    paper: 'plug-and-play',
    name: `${network}-steps-${steps}-batch-${batch}-crop-${crop}-seed-${seed}`,
    rows: plugRows,
    heldOut: values['held-out'],
    recipes: (context) => plugRecipes(context, sizes),
    resultOf: (result) => result,
    page: plugPage,
    command: `npm run papers -- plug-and-play --network ${network} --steps ${steps} --batch ${batch} --crop ${crop} --seed ${seed} --priors ${priors}`,
  });
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n${usage}\n`);
  process.exitCode = 2;
}
