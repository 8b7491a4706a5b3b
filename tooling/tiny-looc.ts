/** A weights package made from a seed, for tests: a small autoencoder whose quantizer is LooC, four indices a position. */
import { cpu } from '@vqkit/core';
import { vqVae } from '@vqkit/models';
import { looc } from '@vqkit/quantizer-looc';
import { packWeights, type WeightsPackage, weightsOf } from '@vqkit/tokenizer';

const options = { channels: 3, dimension: 8, hidden: 16 };

/** As the manifest names it. */
export const quantizer = { name: 'looc', options: { codes: 16, pieces: 4, pieceDimension: 2 } };

/** What the name means. */
export const quantizers = { looc };

/** Makes the package. */
export async function tinyLooc(): Promise<WeightsPackage> {
  const backend = cpu();
  const { encoder, decoder } = vqVae(options).init(backend, 1);
  const params = looc(quantizer.options).init(backend, 1);
  const manifest = { id: 'test', architecture: 'vqvae', options, quantizer };
  return weightsOf(await packWeights({ manifest, encoder, decoder, quantizer: params }));
}
