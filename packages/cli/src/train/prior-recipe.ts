/** The recipe `photo-priors`: what the entropy coder learns from the training photos, once the weights are final. */
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { trainPriors } from '@vqkit/codec';
import { loadModel } from '@vqkit/tokenizer';
import {
  chooseEvenly,
  completeOptions,
  listPhotos,
  type OptionTable,
  type RecipeInfo,
  readPhotos,
  type SkippedInput,
} from '@vqkit/training';
import { manifest } from '@vqkit/weights-photo';
import { openBackend } from '../backends.ts';
import { writeOutput } from '../io/files.ts';
import { interruptible } from '../io/interrupt.ts';
import { progressBar } from '../io/progress.ts';
import type { RunArguments } from './recipe-command.ts';
import { tellCount, tellSkipped } from './run-recipe.ts';

/** Photos are learned at about the size of a screen picture: a short side of 512 pixels, as in the test sets. */
const shortSide = 512;

const options = {
  data: { type: 'folder', description: 'training photos', isNeeded: true },
  from: { type: 'file', description: 'the weights to learn priors for: a weights.safetensors', isNeeded: true },
  photos: { type: 'integer', description: 'photos to learn from (default: all)', min: 1 },
} as const satisfies OptionTable;

/** The recipe, beside those of the table: it needs no gradients. */
export const priorRecipe: RecipeInfo = {
  name: 'photo-priors',
  description: 'what the entropy coder expects, for final weights',
  options,
  publishes: { 'prior-<K>.vqp': 'what the entropy coder expects of K codes' },
};

/** Codes all photos and writes one prior per codebook to the output folder. */
export async function runPriorRecipe(given: Readonly<Record<string, unknown>>, run: RunArguments): Promise<void> {
  const { from, data, photos } = completeOptions(priorRecipe.name, options, given);
  await mkdir(run.out, { recursive: true });
  const files = chooseEvenly(await listPhotos(data), photos);
  const model = await loadModel({ manifest, load: async () => new Uint8Array(await readFile(from)) });
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
      for (const [name, bytes] of priors) await writeOutput(join(run.out, name), bytes, signal);
    });
    tellCount(skipped);
  } finally {
    bar.stop();
    backend.dispose();
  }
}
