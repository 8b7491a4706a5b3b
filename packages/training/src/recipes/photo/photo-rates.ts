/**
 * The second stage of the default weights: smaller codebooks are derived, and the decoder learns from pictures coded at
 * all rates.
 */
import { type Backend, disposeTree, valueAndGrad } from '@vqkit/core';
import { halvedSizes, rateCodebooks } from '@vqkit/tokenizer';
import type { Recipe } from '../../loop/recipe.ts';
import { completeOptions, identityOf, type OptionsGiven, type OptionTable } from '../../table/options.ts';
import { codeAtRates } from './code-at-rates.ts';
import {
  type Decoder,
  type DecoderConstants,
  type DecoderState,
  decoderStage,
  decoderStageOptions,
} from './decoder-stage.ts';
import { type PublishedWeights, readInfo, readPublished } from './published-weights.ts';

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
  const { from, sizes, ...shared } = options;
  const info = await readInfo(from, 'photo');
  const load = async (backend: Backend): Promise<PublishedWeights> => {
    const { model, quantizer } = await readPublished(backend, from, 'photo');
    const { codebook, average } = quantizer;
    const books = await rateCodebooks(codebook, {
      sizes: sizes ?? halvedSizes(codebook.shape[0]!),
      counts: average?.counts,
    });
    disposeTree(quantizer);
    return { ...model, codebooks: Object.fromEntries(books.map((book) => [String(book.shape[0]), book])) };
  };
  const stage = decoderStage({ ...shared, from }, { info, load });
  const { network, learn } = stage;
  return {
    ...stage.shared,
    name: 'photo-rates',
    identity: { ...identityOf(photoRatesOptions, options), ...info },
    phase: () => 'rates',
    step: (_phase, state, { batch: x, rate, key }, constants) => {
      const zQ = codeAtRates(network.encode(constants.encoder, x), constants.books, key);
      const { value, gradients, aux } = valueAndGrad((decoder: Decoder) => {
        const { loss, metrics } = stage.judge(constants, network.decode(decoder, zQ), x, key);
        return { loss, aux: metrics };
      })(state.decoder);
      const { params, learned, norm } = learn.update(state.decoder, gradients, state, rate);
      return { state: { decoder: params, ...learned }, metrics: { loss: value, ...aux, norm } };
    },
  };
}
