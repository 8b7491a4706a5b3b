/**
 * The index transformer: learns what index maps of a frozen tokenizer look like, at all of its rates, by guessing what was
 * taken away. Maps are made on the fly, from crops that are never the same twice; what is published is the state that was
 * best on photos held out, since a few hundred photos are soon known by heart.
 *
 * @see Chang et al. 2022 (MaskGIT), arXiv:2202.04200
 */
import { packIndexTransformer } from '@vqkit/codec/transformer';
import { clone, disposeTree, mapTree, scalar, type Tensor, tensorsOf, valueAndGrad } from '@vqkit/core';
import { type IndexTransformerParams, indexTransformer } from '@vqkit/models';
import { loadModel } from '@vqkit/tokenizer';
import { openWeights } from '@vqkit/tokenizer/node';
import { TrainingError } from '../../errors.ts';
import type { Recipe, ValidationScores } from '../../loop/recipe.ts';
import { completeOptions, identityOf, type OptionsGiven, type OptionTable } from '../../table/options.ts';
import { idOf } from '../id-of.ts';
import { heldOutNames } from '../photo/held-out.ts';
import { type Learned, learner } from '../photo/learner.ts';
import { commonPhotoOptions } from '../photo/photo-options.ts';
import { quantizers } from '../quantizers.ts';
import { runSchedule } from '../run-schedule.ts';
import { transformerOptions } from '../transformer-options.ts';
import { guessLoss, withoutPadding } from './guess-loss.ts';
import { type IndexBatch, openIndexBatches } from './index-batches.ts';
import { codebookSizesOf, codesOf, type FrozenTokenizer, freeze, mapsOf } from './index-maps.ts';
import { indexScores } from './index-scores.ts';

const { data, steps, crop, heldOut, validateSteps } = commonPhotoOptions;

/** Options of the recipe. */
export const indexTransformerOptions = {
  data,
  ...transformerOptions,
  heldOut,
  validateSteps,
  steps: { ...steps, default: 20_000 },
  crop: { ...crop, default: 512 },
  batch: { type: 'integer', description: 'crops per step', default: 4, min: 1 },
} as const satisfies OptionTable;

/** Choices of a run. */
export type IndexTransformerRecipeOptions = OptionsGiven<typeof indexTransformerOptions>;

/** The whole training state. */
export interface IndexTransformerState extends Learned<IndexTransformerParams> {
  readonly transformer: IndexTransformerParams;
  /** The average that was best on photos held out so far, and its cross-entropy where a fifth is lost. */
  readonly best: IndexTransformerParams;
  readonly bestError: Tensor;
}

/** Before anything was measured. */
const noError = 1e30;

/** Makes the recipe. @throws TrainingError `OPTION_INVALID`, `DATA_MISSING`; TokenizerError for the weights */
export async function indexTransformerRecipe(
  given: IndexTransformerRecipeOptions,
): Promise<Recipe<IndexTransformerState, FrozenTokenizer, IndexBatch>> {
  const options = completeOptions('index-transformer', indexTransformerOptions, given);
  const { width, blocks, heads, batch, steps: length, validateSteps: every } = options;
  const weights = typeof options.tokenizer === 'string' ? await openWeights(options.tokenizer) : options.tokenizer;
  const model = await loadModel(weights, { quantizers });
  const { scale, dimension, channels = 3 } = model.network;
  const codebookSizes = codebookSizesOf(model);
  if (channels !== 3 || options.crop % scale !== 0) {
    throw new TrainingError({
      code: 'OPTION_INVALID',
      message: `index-transformer: expected a tokenizer of colours, and crops of a multiple of its ${scale} pixels, got ${channels} channels and ${options.crop}`,
      fix: 'Use weights for photos, and change --crop',
    });
  }
  const sizes = { dimension, width, blocks, heads };
  const network = indexTransformer(sizes);
  const learn = learner<IndexTransformerParams>(options.optimizer, /^rate/);
  const { data: folder, heldOut: file } = options;
  const scores = file === undefined ? undefined : indexScores({ folder, file, model, network });
  let measured: { readonly of: IndexTransformerParams; readonly scores: ValidationScores } | undefined;

  const measure = async ({ average }: IndexTransformerState): Promise<ValidationScores> => {
    if (measured?.of !== average) measured = { of: average, scores: await scores!.measure(average) };
    return measured.scores;
  };
  /** The state with its average as the best, when it is. */
  const judged = async (state: IndexTransformerState): Promise<IndexTransformerState> => {
    const { crossEntropy20: error } = await measure(state);
    if (error! >= (await state.bestError.item())) return state;
    const { best: _, bestError, ...rest } = state;
    return { ...mapTree({ ...rest, best: state.average }, clone), bestError: scalar(bestError.backend, error!) };
  };

  return {
    name: 'index-transformer',
    identity: { ...identityOf(indexTransformerOptions, options), model: model.manifest.id },
    steps: length,
    schedule: runSchedule(options),
    phase: () => 'holes',
    constants: async (backend) => freeze(backend, model),
    init: async (backend, seed) => {
      const transformer = network.init(backend, seed);
      const learned = learn.init(transformer);
      return { transformer, ...learned, best: mapTree(transformer, clone), bestError: scalar(backend, noError) };
    },
    step: (_, state, { batch: { pixels, holes, rates, bits }, rate }, frozen) => {
      const maps = mapsOf(model, frozen, pixels, rates);
      const { value, gradients, aux } = valueAndGrad((own: IndexTransformerParams) => {
        const logits = network.apply(own, { vectors: maps.vectors, holes, codes: maps.codes, bits });
        const { loss, accuracy } = guessLoss(withoutPadding(logits, maps), maps, holes);
        return { loss, aux: { accuracy } };
      })(state.transformer);
      const { params, learned, norm } = learn.update(state.transformer, gradients, state, rate);
      return { state: { ...state, transformer: params, ...learned }, metrics: { loss: value, ...aux, norm } };
    },
    before: async (step, state) => (scores && step > 0 && step % every === 0 ? judged(state) : state),
    open: async (seed) => {
      const without = file === undefined ? [] : await heldOutNames(folder, file);
      return openIndexBatches({
        folder,
        batch,
        seed,
        size: options.crop,
        without,
        positionPixels: scale,
        codebookSizes,
      });
    },
    validation: scores && { every, measure, dispose: scores.dispose },
    publish: async (state) => {
      if (scores === undefined) return published(state.average);
      const last = await judged(state);
      const files = await published(last.best);
      if (last !== state) disposeTree(last);
      scores.dispose();
      return files;
    },
  };

  async function published(params: IndexTransformerParams) {
    const { backend } = tensorsOf(params)[0]!;
    const codebooks = model.rates.map((own) => codesOf(backend, own));
    const files = await packIndexTransformer({
      id: await idOf({ params, codebooks }),
      tokenizer: model.manifest.id,
      options: sizes,
      params,
      codebooks,
    });
    disposeTree(codebooks);
    return files;
  }
}
