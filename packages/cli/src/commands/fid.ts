/** `vqkit fid <reference> <other>` */

import type { Backend } from '@vqkit/core';
import { type AnyImage, to8Bit } from '@vqkit/images';
import {
  compareSets,
  createInceptionExtractor,
  createSqueezenetExtractor,
  knownFiles,
  measureSet,
} from '@vqkit/metrics';
import type { Command } from 'commander';
import { openBackend } from '../backends.ts';
import { CliError } from '../errors.ts';
import { checkLeft, linesOfSkipped, type SkippedFile, skip } from '../io/each-file.ts';
import { readInput } from '../io/files.ts';
import { readPicture } from '../io/images.ts';
import { interruptible } from '../io/interrupt.ts';
import { progressBar } from '../io/progress.ts';
import { type OutputOptions, printReport, warn } from '../output.ts';
import { addBackendOptions, type BackendOptions } from '../session.ts';
import { listImages } from './list-images.ts';

interface FidOptions extends OutputOptions, BackendOptions {
  readonly inceptionWeights?: string;
  readonly squeezenetWeights?: string;
}

async function run(reference: string, other: string, options: FidOptions): Promise<void> {
  const sets = [await listImages(reference), await listImages(other)];
  const total = sets[0]!.length + sets[1]!.length;
  checkWeights(options);
  await interruptible(async (signal) => {
    const backend = await openBackend(options.backend, options.threads);
    const bar = progressBar('measuring');
    try {
      const extractor = await openExtractor(backend, options, signal);
      const measured = [];
      const skipped: SkippedFile[] = [];
      let done = 0;
      for (const files of sets) {
        const before = done;
        const onProgress = ({ images }: { images: number }): void => {
          done = before + images;
          bar.update({ done, total });
        };
        const broken: SkippedFile[] = [];
        measured.push(await measureSet(extractor, pictures(files, broken, signal), { signal, onProgress }));
        skipped.push(...broken);
      }
      const { frechet, kernel, images } = await compareSets(measured[0]!, measured[1]!, { signal });
      bar.stop();
      const { names, id, dimension } = extractor;
      if (images < dimension) {
        warn(
          `${images} images are few for ${dimension} features: the distance comes out too large, and compares only with sets of the same size`,
        );
      }
      extractor.dispose();
      const lines = [
        `${names.frechet}  ${frechet.toFixed(3)}`,
        ...(kernel ? [`${names.kernel}  ${kernel.mean.toFixed(5)} ± ${kernel.deviation.toFixed(5)}`] : []),
        `${images} images in the smaller set, features ${id}`,
        ...linesOfSkipped(sets.flat(), skipped),
      ];
      await printReport({ frechet, kernel: kernel ?? null, images, features: id, skipped }, lines, options);
    } finally {
      bar.stop();
      backend.dispose();
    }
  });
}

function checkWeights({ inceptionWeights, squeezenetWeights }: FidOptions): void {
  if ((inceptionWeights === undefined) !== (squeezenetWeights === undefined)) return;
  throw new CliError({
    code: 'USAGE',
    message: 'expected one of --inception-weights and --squeezenet-weights',
    fix: `Only Inception gives FID and KID: ${knownFiles.inception.url}; SqueezeNet: ${knownFiles['backbone-squeeze'].url}`,
  });
}

function openExtractor(
  backend: Backend,
  options: FidOptions,
  signal: AbortSignal,
): ReturnType<typeof createInceptionExtractor> {
  const { inceptionWeights, squeezenetWeights } = options;
  if (inceptionWeights !== undefined) return createInceptionExtractor(backend, inceptionWeights, { signal });
  return createSqueezenetExtractor(backend, squeezenetWeights, { signal });
}

/** The pictures of a set; broken files are left out and noted. @throws CliError `ALL_FAILED` */
async function* pictures(
  files: readonly string[],
  skipped: SkippedFile[],
  signal: AbortSignal,
): AsyncGenerator<AnyImage> {
  for (const file of files) {
    try {
      const picture = await readPicture(await readInput(file, signal), file, { signal });
      yield { ...picture, data: to8Bit(picture) };
    } catch (error) {
      skip(skipped, file, error, signal);
    }
  }
  checkLeft(files, skipped);
}

/** Adds `fid` to the program. */
export function addFid(program: Command): void {
  const command = program
    .command('fid')
    .description('distance of two sets of images: FID and KID, or the same with SqueezeNet features')
    .argument('<reference>', 'a folder of images')
    .argument('<other>', 'a folder of images')
    .option('--inception-weights <file>', "pytorch-fid's Inception weights (.pth or safetensors)")
    .option('--squeezenet-weights <file>', "torchvision's SqueezeNet 1.1, or the weights of LPIPS (squeeze)")
    .option('--json', 'print one JSON object');
  addBackendOptions(command).action(run);
}
