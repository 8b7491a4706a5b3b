/** A weights package made from a seed, for tests: networks of a few thousand parameters in which every weight matters. */
import { cpu, mapTree, random, type Tensor } from '@vqkit/core';
import { texturePredictor, textureTokenizer } from '@vqkit/models';
import { packWeights, type WeightsFiles, type WeightsPackage, weightsOf } from '@vqkit/tokenizer';

const sizes = { dimension: 4, structure: 3, channels: [8, 8, 8], decoderChannels: [8, 8, 8, 8], blocks: 1 } as const;
const predictorSizes = { codes: [16], channels: [8, 8, 8], blocks: [1, 1, 1] } as const;

/** The package as files. @param skip  Residual blocks of the branch in which the decoder sees the small image. */
export async function tinyFiles(skip = 1): Promise<WeightsFiles> {
  const backend = cpu();
  const model = { ...sizes, skip };
  const tokenizer = textureTokenizer(model);
  const { base, decoder } = tokenizer.init(backend, 1);
  const stream = random(7);
  const lively = <T>(tree: T): T => mapTree(tree, (x: Tensor) => stream.normal(backend, x.shape, 0, 0.2)) as T;
  return packWeights({
    manifest: {
      id: 'tiny-sr',
      architecture: 'tvq-rap',
      options: { model, predictor: predictorSizes },
      quantizer: { name: 'vq', options: { codes: 16, dimension: 4 } },
    },
    encoder: lively(texturePredictor(tokenizer, predictorSizes).init(backend, 2)),
    decoder: { decoder: lively(decoder), base: lively(base) },
    quantizer: { codebook: stream.normal(backend, [16, 4], 0, 0.5) },
  });
}

/** The package as it is used. */
export async function tinyWeights(skip?: number): Promise<WeightsPackage> {
  return weightsOf(await tinyFiles(skip));
}
