/**
 * The training of CVQ's and LooC's papers: one protocol for every quantizer, so that results compare.
 *
 * As in the papers: Adam, no augmentation of small images, loss = MSE on [−1, 1] / variance of the training pixels on
 * [0, 1] + the quantizer's losses. Unlike them, who train 500 epochs in batches of 128 at 3e-4: batches of 16 and a rate
 * that rises and falls by a cosine, which get much further in few epochs. And the best epoch is chosen on images held out
 * of the training set, not by the test set.
 */
import {
  type AdamState,
  adam,
  add,
  type Backend,
  clone,
  compile,
  cosineSchedule,
  disposeTree,
  div,
  mapTree,
  meanSquaredError,
  scalar,
  type Tensor,
  tensorsOf,
  uploadTree,
  valueAndGrad,
} from '@vqkit/core';
import type { Autoencoder } from '@vqkit/tokenizer';
import type { Recipe, RecipeIdentity } from '../../loop/recipe.ts';
import type { AnyQuantizer } from '../quantizers.ts';
import type { ImageSet } from './image-sets.ts';

/** What is learned. */
export interface SmallModel {
  readonly network: { readonly encoder: unknown; readonly decoder: unknown };
  readonly quantizer: unknown;
}

/** The whole training state. */
export interface SmallModelState {
  readonly model: SmallModel;
  readonly optimizer: AdamState<SmallModel>;
  /** The model of the best epoch so far, and its error on the images held out. */
  readonly best: SmallModel;
  readonly bestError: Tensor;
}

/** Choices of a run. */
export interface SmallAutoencoderOptions {
  readonly name: string;
  readonly identity?: RecipeIdentity;
  readonly network: Autoencoder;
  readonly quantizer: AnyQuantizer;
  readonly images: ImageSet;
  /** Length of the run, which the learning rate follows. */
  readonly epochs: number;
  /** The same in steps, in place of epochs. */
  readonly steps?: number;
  /** Highest learning rate; the last is a hundredth of it. Default 1.5e-3. */
  readonly peak?: number;
  /** Steps until the rate is at its highest. Default 100. */
  readonly warmup?: number;
  /** Default 16. */
  readonly batch?: number;
  /** Files from the model of the best epoch. */
  readonly publish: (best: SmallModel) => Promise<Readonly<Record<string, Uint8Array>>>;
}

/** A recipe that knows its epochs; `validation` scores are `mse` on [−1, 1] of the images held out. */
export interface SmallAutoencoderRecipe extends Recipe<SmallModelState, Record<never, never>> {
  readonly stepsPerEpoch: number;
  /** Images per step. */
  readonly batch: number;
}

/** Makes the recipe. */
export function smallAutoencoderRecipe(options: SmallAutoencoderOptions): SmallAutoencoderRecipe {
  const { name, identity, network, quantizer, images, epochs, peak = 1.5e-3, warmup = 100, batch = 16 } = options;
  const stepsPerEpoch = Math.max(1, Math.floor(images.count / batch));
  const steps = options.steps ?? Math.max(1, Math.round(epochs * stepsPerEpoch));
  const { variance } = images;
  const optimizer = adam<SmallModel>();
  const errorOf = compile((model: SmallModel, x: Tensor) => {
    const { quantized } = quantizer.quantize(model.quantizer, network.encode(model.network.encoder, x));
    return meanSquaredError(network.decode(model.network.decoder, quantized), x);
  });

  const heldOutError = async (model: SmallModel): Promise<number> => {
    const { backend } = tensorsOf(model)[0]!;
    let [total, count] = [0, 0];
    for (const own of images.heldOut) {
      const x = uploadTree(backend, own) as Tensor;
      const error = errorOf(model, x);
      total += (await error.item()) * own.shape[0]!;
      count += own.shape[0]!;
      disposeTree([x, error]);
    }
    return total / count;
  };

  /** Keeps the model when it is the best so far. */
  const judge = async (state: SmallModelState): Promise<SmallModelState> => {
    const error = await heldOutError(state.model);
    const isBetter = error < (await state.bestError.item());
    const best = isBetter ? state.model : state.best;
    const bestError = isBetter ? scalar(state.bestError.backend, error) : clone(state.bestError);
    return { ...mapTree({ model: state.model, optimizer: state.optimizer, best }, clone), bestError };
  };

  return {
    name,
    identity,
    stepsPerEpoch,
    steps,
    batch,
    schedule: cosineSchedule({ peak, end: peak / 100, steps, warmup }),
    phase: () => 'train',
    constants: async () => ({}),
    init: async (backend: Backend, seed: number) => {
      const model: SmallModel = { network: network.init(backend, seed), quantizer: quantizer.init(backend, seed) };
      return { model, optimizer: optimizer.init(model), best: mapTree(model, clone), bestError: scalar(backend, 1e30) };
    },
    step: (_, state, { batch: x, rate, key }) => {
      const { value, gradients, aux } = valueAndGrad((model: SmallModel) => {
        const z = network.encode(model.network.encoder, x);
        const { quantized, losses, statistics } = quantizer.quantize(model.quantizer, z, { key });
        const mse = meanSquaredError(network.decode(model.network.decoder, quantized), x);
        const loss = Object.values(losses).reduce((a, b) => add(a, b), div(mse, variance));
        return { loss, aux: { mse, statistics } };
      })(state.model);
      // As in the papers' code, codes are moved first and then make the gradient step.
      const updated = quantizer.update(state.model.quantizer, aux.statistics, { key });
      const trained = optimizer.update({ ...state.model, quantizer: updated }, gradients, state.optimizer, rate);
      return {
        state: { ...state, model: trained.params, optimizer: trained.state },
        metrics: { loss: value, mse: aux.mse },
      };
    },
    before: async (at, state) => (at > 0 && at % stepsPerEpoch === 0 ? judge(state) : state),
    open: (seed) => images.open(batch, seed),
    validation: {
      every: stepsPerEpoch,
      measure: async ({ model }) => ({ mse: await heldOutError(model) }),
      dispose: () => errorOf.dispose(),
    },
    publish: async (state) => {
      const judged = await judge(state);
      const files = await options.publish(judged.best);
      disposeTree(judged);
      errorOf.dispose();
      return files;
    },
  };
}
