/**
 * The second stage of the default weights: smaller codebooks are derived, and the decoder learns from pictures coded at
 * all rates. It goes on from what it or the third stage published, too: codebooks and encoder stay, so files that exist
 * keep their meaning.
 */
import { type Backend, disposeTree, valueAndGrad } from '@vqkit/core';
import { halvedSizes, rateCodebooks } from '@vqkit/tokenizer';
import { TrainingError } from '../../errors.ts';
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
import { type PublishedWeights, readInfoOfOne, readPublished } from './published-weights.ts';

/** Options of the recipe. */
export const photoRatesOptions = {
  ...decoderStageOptions,
  sizes: { type: 'integers', description: 'sizes of the smaller codebooks (default: halves of K down to 8)', min: 2 },
} as const satisfies OptionTable;

/** Choices of a second-stage run; `from` is what the recipe `photo`, this one or `photo-texture` published. */
export type PhotoRatesOptions = OptionsGiven<typeof photoRatesOptions>;

/** Makes the recipe. @throws TrainingError `OPTION_INVALID`, `DATA_MISSING` */
export async function photoRatesRecipe(given: PhotoRatesOptions): Promise<Recipe<DecoderState, DecoderConstants>> {
  const options = completeOptions('photo-rates', photoRatesOptions, given);
  const { from, sizes, ...shared } = options;
  const { stage: before, info } = await readInfoOfOne(from, ['photo', 'photo-rates']);
  if (before !== 'photo' && sizes !== undefined) throw hasCodebooks(from);
  const load = async (backend: Backend): Promise<PublishedWeights> => {
    if (before !== 'photo') return readPublished(backend, from, before);
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

function hasCodebooks(path: string): TrainingError {
  return new TrainingError({
    code: 'OPTION_INVALID',
    message: `expected sizes with what the recipe photo published, got sizes with '${path}', which has its codebooks`,
    fix: 'Leave sizes out, or start from photo.safetensors of the first stage',
  });
}
