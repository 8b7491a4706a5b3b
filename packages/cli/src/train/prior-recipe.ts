/** The recipe `photo-priors`: what the entropy coder learns from the training photos, once the weights are final. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type InputImage, loadModel, priorFile, trainPriors } from '@vqkit/codec';
import type { Backend } from '@vqkit/core';
import { listPhotos } from '@vqkit/training';
import { manifest } from '@vqkit/weights-photo';
import sharp from 'sharp';
import { CliError } from '../errors.ts';
import { writeOutput } from '../io/files.ts';
import { interruptible } from '../io/interrupt.ts';
import { progressBar } from '../io/progress.ts';
import type { TrainArguments } from './arguments.ts';

/** Photos are learned at about the size of a screen picture: a short side of 512 pixels, as in the test sets. */
const shortSide = 512;

async function* trainingImages(files: readonly string[]): AsyncGenerator<InputImage> {
  for (const file of files) {
    const image = sharp(file)
      .rotate()
      .resize({ width: shortSide, height: shortSide, fit: 'outside', withoutEnlargement: true });
    const { data, info } = await image.toColourspace('srgb').removeAlpha().raw().toBuffer({ resolveWithObject: true });
    yield { data: new Uint8Array(data), width: info.width, height: info.height };
  }
}

/** Evenly spread over the folder, so that every source is there. */
function choose(files: readonly string[], count = files.length): string[] {
  const step = Math.max(1, files.length / count);
  return Array.from({ length: Math.min(count, files.length) }, (_, i) => files[Math.floor(i * step)]!);
}

/** Codes all photos and writes one prior per codebook to the output folder. */
export async function runPriorRecipe(args: TrainArguments, backend: Backend): Promise<void> {
  const { from, data, out } = args;
  if (from === undefined) {
    throw new CliError({
      code: 'USAGE',
      message: 'expected --from <file>: the weights to learn priors for',
      fix: 'Add --from with the weights.safetensors of recipe photo-rates',
    });
  }
  const files = choose(await listPhotos(data), args.photos);
  const model = await loadModel({ manifest, load: async () => new Uint8Array(await readFile(from)) });
  const total = files.length;
  const bar = progressBar('photo-priors');
  try {
    await interruptible(async (signal) => {
      const priors = await trainPriors({
        model,
        backend,
        images: trainingImages(files),
        network: { epochs: 2 },
        signal,
        onProgress: ({ phase, item, done }) => {
          if (phase === 'coding') bar.update({ done: item, total }, 'images coded');
          else bar.update({ done: Math.round((done ?? 0) * 100), total: 100 }, `% of codebook ${item}`);
        },
      });
      for (const [size, bytes] of priors) await writeOutput(join(out, priorFile(size)), bytes, signal);
    });
  } finally {
    bar.stop();
  }
}
