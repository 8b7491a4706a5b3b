/**
 * The autoencoder of CVQ and LooC with any quantizer, on small grey images or crops of photos. It publishes a weights
 * package that the codec opens, so every quantizer makes `.vqk` files.
 */
import { type VqVaeOptions, vqVae } from '@vqkit/models';
import { completeOptions, identityOf, type OptionsGiven, type OptionTable } from '../../table/options.ts';
import { makeQuantizer, packModel, quantizerOptions, quantizerSpec } from '../quantizers.ts';
import { openImageSet } from './open-image-set.ts';
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
  const images = await openImageSet({ name: 'vqvae', data, crop, batch, scale: 4 });
  const { channels } = images;
  const networkOptions: VqVaeOptions = { channels, dimension: quantizer.dimension, hidden };
  const network = { channels, ...vqVae(networkOptions) };
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
