/**
 * A weights package with a tiny, random model: `--weights` takes this file. Its pictures look like nothing, but files,
 * sizes, rates and alpha behave as with trained weights.
 */

import { createTablePrior } from '@vqkit/codec/bitstream';
import { cpu, disposeTree, random, saveTree, tensor } from '@vqkit/core';
import { photoTokenizer } from '@vqkit/models';
import type { WeightsManifest } from '@vqkit/tokenizer';

/** Facts about the model. */
export const manifest = {
  id: 'tiny',
  architecture: 'photo-tokenizer',
  options: {
    dimension: 4,
    encoderChannels: [16, 16, 16],
    encoderBlocks: [1, 1, 1],
    decoderChannels: [16, 16, 16, 16, 16],
    decoderBlocks: [1, 1, 1],
  },
  codebookSizes: [8, 64],
} as const satisfies WeightsManifest;

/** Makes the weights, or a prior that knows nothing; the same ones every time. */
export async function load(file: string): Promise<Uint8Array> {
  const size = /^prior-(\d+)\.vqp$/.exec(file)?.[1];
  return size === undefined ? makeWeights() : createTablePrior([new Array<number>(Number(size)).fill(1)]);
}

async function makeWeights(): Promise<Uint8Array> {
  const backend = cpu();
  const { encoder, decoder } = photoTokenizer(manifest.options).init(backend, 1);
  const stream = random(2);
  const codebooks = Object.fromEntries(
    manifest.codebookSizes.map((size) => [size, tensor(backend, stream.split(size).normalArray(size * 4), [size, 4])]),
  );
  const tree = { encoder, decoder, codebooks };
  const bytes = await saveTree(tree);
  disposeTree(tree);
  backend.dispose();
  return bytes;
}
