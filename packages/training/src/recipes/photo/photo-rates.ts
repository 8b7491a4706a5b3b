/**
 * The second stage of the default weights: smaller codebooks are derived, and the decoder learns from pictures coded at
 * all rates.
 */
import { type Backend, disposeTree, mean, slice, tensorsOf, valueAndGrad } from '@vqkit/core';
import type { Recipe } from '../../loop/recipe.ts';
import { completeOptions, identityOf, type OptionsGiven, type OptionTable } from '../../table/options.ts';
import { codeAtRates, rateParts } from './code-at-rates.ts';
import {
  type Decoder,
  type DecoderConstants,
  type DecoderState,
  decoderStage,
  decoderStageOptions,
} from './decoder-stage.ts';
import { likeness } from './likeness.ts';
import { type PublishedWeights, publishedFiles, readInfo, readPublished } from './published-weights.ts';
import { halvedSizes, rateCodebooks } from './rate-codebooks.ts';

/** Options of the recipe. */
export const photoRatesOptions = {
  ...decoderStageOptions,
  sizes: { type: 'integers', description: 'sizes of the smaller codebooks (default: halves of K down to 8)', min: 2 },
} as const satisfies OptionTable;

/** Choices of a second-stage run; `from` is what the recipe `photo` published. */
export type PhotoRatesOptions = OptionsGiven<typeof photoRatesOptions>;

/** Makes the recipe. @throws TrainingError `OPTION_INVALID`, `DATA_MISSING` */
export async function photoRatesRecipe(given: PhotoRatesOptions): Promise<Recipe<DecoderState, DecoderConstants>> {
  const options = completeOptions('photo-rates', photoRatesOptions, given);
  const { from, steps, batch } = options;
  const info = await readInfo(from, 'photo');
  const load = async (backend: Backend): Promise<PublishedWeights> => {
    const { model, quantizer } = await readPublished(backend, from, 'photo');
    const { codebook, average } = quantizer;
    const sizes = options.sizes ?? halvedSizes(codebook.shape[0]!);
    const books = await rateCodebooks(codebook, { sizes, counts: average?.counts });
    disposeTree(quantizer);
    return { ...model, codebooks: Object.fromEntries(books.map((book) => [String(book.shape[0]), book])) };
  };
  const { sizes: _, ...shared } = options;
  const { network, learn, ...stage } = decoderStage(shared, { info, load });
  const alike = likeness(options.half);
  return {
    ...stage,
    name: 'photo-rates',
    identity: { ...identityOf(photoRatesOptions, options), ...info },
    steps,
    phase: () => 'rates',
    step: (_phase, state, { batch: x, rate, key }, { lpips, encoder, books }) => {
      const zQ = codeAtRates(network.encode(encoder, x), books, key);
      const { value, gradients, aux } = valueAndGrad((decoder: Decoder) => {
        const { loss, metrics, distances } = alike(lpips, network.decode(decoder, zQ), x, key);
        return { loss, aux: { ...metrics, lpipsFull: mean(slice(distances, [0], { size: [batch / rateParts] })) } };
      })(state.decoder);
      const { params, learned, norm } = learn.update(state.decoder, gradients, state, rate);
      return { state: { decoder: params, ...learned }, metrics: { loss: value, ...aux, norm } };
    },
    publish: async ({ average }) => {
      const weights = await load(tensorsOf(average)[0]!.backend);
      const files = await publishedFiles({ ...weights, decoder: average }, info);
      disposeTree(weights);
      return files;
    },
  };
}
