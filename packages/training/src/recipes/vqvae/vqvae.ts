/**
 * The autoencoder of CVQ and LooC with any quantizer, on small grey images or crops of photos. It publishes a weights
 * package that the codec opens, so every quantizer makes `.vqk` files.
 */
import { type VqVaeOptions, vqVae } from '@vqkit/models';
import { readIdx } from '../../data/idx.ts';
import { TrainingError } from '../../errors.ts';
import { completeOptions, identityOf, type OptionsGiven, type OptionTable } from '../../table/options.ts';
import { makeQuantizer, packModel, quantizerOptions, quantizerSpec } from '../quantizers.ts';
import { grayImageSet, photoImageSet } from './image-sets.ts';
import { type SmallAutoencoderRecipe, smallAutoencoderRecipe } from './small-autoencoder.ts';

/** Options of the recipe. */
export const vqvaeOptions = {
  data: {
    type: 'path',
    description: 'an IDX file, a folder with train-images-idx3-ubyte.gz, or a folder of photos',
    isNeeded: true,
    mayChange: true,
  },
  ...quantizerOptions,
  hidden: { type: 'integer', description: 'channels of the network', default: 128, min: 2, max: 1024, multipleOf: 2 },
  epochs: { type: 'number', description: 'passes over the images', default: 10, min: 0.001, mayChange: true },
  steps: { type: 'integer', description: 'steps, in place of epochs', min: 1, mayChange: true },
  batch: { type: 'integer', description: 'images per step', default: 16, min: 1 },
  crop: { type: 'integer', description: 'size of a crop of photos', default: 64, min: 4, max: 1024, multipleOf: 4 },
  rate: { type: 'number', description: 'highest learning rate', default: 1.5e-3, min: 1e-8, max: 1, mayChange: true },
  warmup: { type: 'integer', description: 'steps until the rate is there', default: 100, min: 0, mayChange: true },
} as const satisfies OptionTable;

/** Choices of a run. */
export type VqvaeRecipeOptions = OptionsGiven<typeof vqvaeOptions>;

/** Makes the recipe. @throws TrainingError `OPTION_INVALID`, `DATA_MISSING`, `IMAGE_UNREADABLE` */
export async function vqvaeRecipe(given: VqvaeRecipeOptions): Promise<SmallAutoencoderRecipe> {
  const options = completeOptions('vqvae', vqvaeOptions, given);
  const { data, crop, batch, hidden, epochs, steps, rate, warmup } = options;
  const spec = quantizerSpec(options);
  const quantizer = makeQuantizer(spec);
  const idx = await readIdx(data);
  const images = idx ? grayImageSet(idx, Math.max(1, Math.floor(idx.length / 12))) : await photoImageSet(data, crop);
  const { channels, variance } = images;
  const networkOptions: VqVaeOptions = { channels, dimension: quantizer.dimension, hidden };
  const network = { channels, ...vqVae(networkOptions) };
  if (images.size.some((side) => side % network.scale !== 0) || images.count < batch) {
    throw new TrainingError({
      code: 'OPTION_INVALID',
      message: `vqvae: expected images of sides that are multiples of ${network.scale}, at least ${batch}, got ${images.count} of ${images.size.join('×')}`,
      fix: 'Use another data set, or a smaller batch',
    });
  }
  // Rounding leaves a little of nothing.
  if (!(variance > 1e-9)) {
    throw new TrainingError({
      code: 'IMAGE_UNREADABLE',
      message: `vqvae: expected images that differ, got ${images.count} of one colour at '${data}'`,
      fix: 'Use another data set: there is nothing to learn in this one',
    });
  }
  return smallAutoencoderRecipe({
    name: 'vqvae',
    identity: { ...identityOf(vqvaeOptions, options), images: [images.count, ...images.size] },
    network,
    quantizer,
    images,
    epochs,
    steps,
    batch,
    peak: rate,
    warmup,
    publish: ({ network: { encoder, decoder }, quantizer: params }) =>
      packModel({ architecture: 'vqvae', options: networkOptions, encoder, decoder, spec, quantizer, params }),
  });
}
