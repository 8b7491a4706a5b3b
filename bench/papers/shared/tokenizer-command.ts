/** The command of tables whose rows all are the photo tokenizer, small or as it is published, measured as it comes out of training. */
import { parseArgs } from 'node:util';
import { ourPhotos, type PhotoPaper, photoOptions, runPhotoPaper } from './photo-command.ts';
import { networkNamed } from './photo-network.ts';
import type { PhotoPage } from './photo-pages.ts';
import type { PhotoContext, PhotoResult, PhotoRow } from './photo-rows.ts';

/** A table. */
export interface TokenizerPaper<R extends PhotoRow> extends Pick<PhotoPaper<R, PhotoResult>, 'paper' | 'rows'> {
  /** Names of groups, as the usage says them. */
  readonly groups: string;
  /** Steps of every row, if not said otherwise. */
  readonly steps: number;
  /** What numbers of crops are possible, for the usage. */
  readonly batches?: string;
  readonly page: PhotoPage<PhotoResult>;
  /** Makes the recipe of a row. */
  readonly recipes: (context: PhotoContext, network: ReturnType<typeof networkNamed>) => (row: R) => unknown;
}

/** Reads the arguments and runs the rows; of what goes wrong it says how the command is used. */
export async function tokenizerCommand<R extends PhotoRow>(
  { paper, rows, groups, steps: usual, batches = '', page, recipes }: TokenizerPaper<R>,
  args: readonly string[],
): Promise<void> {
  const options = {
    ...photoOptions,
    steps: { type: 'string', default: String(usual) },
    batch: { type: 'string', default: '12' },
    network: { type: 'string', default: 'small' },
    'held-out': { type: 'string', default: ourPhotos.heldOut },
  } as const;
  try {
    const { values } = parseArgs({ args: [...args], options });
    const { network, steps, batch, crop, seed, priors } = values;
    const sizes = networkNamed(network);
    await runPhotoPaper(values, {
      ...{ paper, rows, page, heldOut: values['held-out'] },
      name: `${network}-steps-${steps}-batch-${batch}-crop-${crop}-seed-${seed}`,
      recipes: (context) => recipes(context, sizes),
      resultOf: (result) => result,
      command: `npm run papers -- ${paper} --network ${network} --steps ${steps} --batch ${batch} --crop ${crop} --seed ${seed} --priors ${priors}`,
    });
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\nusage: npm run papers -- ${paper} [options]
  --rows a,b       ${groups}, all, or ${rows.map(({ id }) => id).join(', ')}
  --steps N        of every row (default ${usual}); --batch N crops${batches} (default 12) of --crop N pixels (default 128)
  --network small|full   full: as the published weights (default small)
  --priors N       training photos that the entropy coder learns from (default 60)
  --minutes N      in all; the same command goes on
  --limit N        pictures, the first of the folder, for a trial: its page is kept in out/papers (default: all)
  --data FOLDER, --held-out FILE, --pictures FOLDER, --lpips-weights FILE, --threads N, --seed N\n`);
    process.exitCode = 2;
  }
}
