/** A weights package made from a seed, for tests: a network of a few thousand parameters with codebooks of 4 and 16 codes. */
import { cpu, mapTree, random, saveTree } from '@vqkit/core';
import { photoTokenizer } from '@vqkit/models';
import type { WeightsPackage } from '@vqkit/tokenizer';
import { trainPrior } from '../bitstream/index.ts';

const options = {
  dimension: 4,
  encoderChannels: [16, 16, 16],
  encoderBlocks: [1, 1, 1],
  decoderChannels: [16, 16, 16, 16, 16],
  decoderBlocks: [1, 1, 1],
} as const;

/** Makes the package. `id` is what files are marked with. */
export async function tinyWeights(id = 'tiny', seed = 1): Promise<WeightsPackage> {
  const backend = cpu();
  const { encoder, decoder } = photoTokenizer(options).init(backend, seed);
  const stream = random(seed).split(99);
  const codebooks = Object.fromEntries([4, 16].map((size) => [size, stream.normal(backend, [size, 4], 0, 0.4)]));
  const files: Record<string, Uint8Array> = {
    'weights.safetensors': await saveTree(
      { encoder, decoder: lively(decoder, stream), codebooks },
      { precision: 'f16' },
    ),
  };
  for (const size of [4, 16]) {
    const planes = [Uint32Array.from({ length: 64 }, () => stream.integer(size))];
    files[`prior-${size}.vqp`] = await trainPrior([{ width: 8, height: 8, codebookSizes: [size], planes }], {
      network: false,
    });
  }
  return {
    manifest: { id, architecture: 'photo-tokenizer', options, codebookSizes: [4, 16] },
    load: async (file) => files[file]!,
  };
}

/** Fills the branches that start at zero, so that every weight matters. */
function lively<T>(tree: T, stream: ReturnType<typeof random>): T {
  return mapTree(tree, (x) => {
    const isZero = x.dataSync().every((v) => v === 0);
    return isZero ? stream.normal(x.backend, x.shape, 0, 0.1) : x;
  });
}
