/** A weights package made from a seed, for tests: a small photo tokenizer with nested codebooks of 4 and 16 codes. */
import { cpu, random } from '@vqkit/core';
import { photoTokenizer } from '@vqkit/models';
import { packWeights, type WeightsPackage, weightsOf } from '@vqkit/tokenizer';

/** Sizes of its networks: 0.1 M parameters. */
export const tinyNetwork = {
  encoderChannels: [16, 16, 16],
  encoderBlocks: [1, 1, 1],
  decoderChannels: [16, 16, 16, 16, 16],
  decoderBlocks: [1, 1, 1],
} as const;

/** Makes the package. @param deviation  Of the codes; 0.3 puts them around what the encoder gives. */
export async function tinyPhoto({ id = 'photo', deviation = 1 } = {}): Promise<WeightsPackage> {
  const backend = cpu();
  const options = { dimension: 4, ...tinyNetwork };
  const { encoder, decoder } = photoTokenizer(options).init(backend, 1);
  const codebookSizes = [4, 16];
  const codebooks = codebookSizes.map((size) => random(size).normal(backend, [size, 4], 0, deviation));
  const manifest = { id, architecture: 'photo-tokenizer', options, codebookSizes, priors: [] };
  return weightsOf(await packWeights({ manifest, encoder, decoder, codebooks }));
}
