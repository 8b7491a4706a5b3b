/** The recipe `photo-priors`: what the entropy coder learns from the training photos, once the weights are final. */
import { mkdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { trainPriors } from '@vqkit/codec';
import { loadModel, manifestFile, weightsFile, weightsFileOf } from '@vqkit/tokenizer';
import { openWeights } from '@vqkit/tokenizer/node';
import {
  chooseEvenly,
  completeOptions,
  listPhotos,
  type OptionTable,
  quantizers,
  type RecipeInfo,
  readPhotos,
  type SkippedInput,
} from '@vqkit/training';
import { openBackend } from '../backends.ts';
import { CliError } from '../errors.ts';
import { writeOutput } from '../io/files.ts';
import { interruptible } from '../io/interrupt.ts';
import { progressBar } from '../io/progress.ts';
import type { RunArguments } from './recipe-command.ts';
import { tellCount, tellSkipped } from './run-recipe.ts';

/** Photos are learned at about the size of a screen picture: a short side of 512 pixels, as in the test sets. */
const shortSide = 512;

const options = {
  data: { type: 'folder', description: 'training photos', isNeeded: true },
  from: {
    type: 'folder',
    description: 'the weights to learn priors for: what photo-rates or photo-texture published',
    isNeeded: true,
  },
  photos: { type: 'integer', description: 'photos to learn from (default: all)', min: 1 },
} as const satisfies OptionTable;

/** The recipe, beside those of the table: it needs no gradients. */
export const priorRecipe: RecipeInfo = {
  name: 'photo-priors',
  description: 'what the entropy coder expects, for final weights',
  options,
  publishes: {
    'prior-<K>.vqp': 'what the entropy coder expects of K codes; prior.vqp for a quantizer',
    'manifest.json, weights.safetensors': 'those of --from, with the priors named: the whole package',
  },
};

/** Codes all photos, and writes the package to the output folder with one prior per codebook. */
export async function runPriorRecipe(given: Readonly<Record<string, unknown>>, run: RunArguments): Promise<void> {
  const { from, data, photos } = completeOptions(priorRecipe.name, options, given);
  await mkdir(run.out, { recursive: true });
  const files = chooseEvenly(await listPhotos(data), photos);
  const weights = await openWeights(basename(from) === weightsFile ? dirname(from) : from);
  const model = await loadModel(weights, { quantizers });
  const total = files.length;
  const backend = await openBackend(run.backend, run.threads);
  const bar = progressBar(priorRecipe.name);
  const skipped: SkippedInput[] = [];
  const onSkip = (input: SkippedInput): void => {
    skipped.push(input);
    tellSkipped(input);
  };
  try {
    await interruptible(async (signal) => {
      const priors = await trainPriors({
        model,
        backend,
        images: readPhotos(files, { atMost: shortSide, onSkip }),
        network: { epochs: 2 },
        signal,
        onProgress: ({ phase, item, done }) => {
          if (phase === 'coding') bar.update({ done: item, total }, 'images coded');
          else bar.update({ done: Math.round((done ?? 0) * 100), total: 100 }, `% of codebook ${item}`);
        },
      });
      if (priors.size === 0)
        throw tooManyCodes(
          from,
          model.rates.flatMap(({ codebookSizes }) => codebookSizes),
        );
      const manifest = { ...weights.manifest, priors: [...priors.keys()] };
      const parts = {
        ...Object.fromEntries(priors),
        [weightsFileOf(manifest)]: await weights.load(weightsFileOf(manifest)),
        [manifestFile]: new TextEncoder().encode(`${JSON.stringify(manifest, undefined, 2)}\n`),
      };
      for (const [name, bytes] of Object.entries(parts)) await writeOutput(join(run.out, name), bytes, signal);
    });
    tellCount(skipped);
  } finally {
    bar.stop();
    backend.dispose();
  }
}

function tooManyCodes(folder: string, sizes: readonly number[]): CliError {
  return new CliError({
    code: 'WEIGHTS_UNUSABLE',
    message: `expected weights with codebooks of at most 32768 codes at '${folder}', got ${sizes.join(', ')}`,
    fix: 'Use them without priors; to train others, take fewer --levels or several indices a position, such as product or residual',
  });
}
