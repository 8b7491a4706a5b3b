/**
 * The papers' training as a recipe for `@vqkit/training`: one protocol for every quantizer, so that rows compare.
 *
 * As in the papers: Adam, no augmentation, seed 42, loss = MSE on [−1, 1] / variance of the training pixels on [0, 1] +
 * the quantizer's losses. Unlike them, who train 500 epochs in batches of 128 at 3e-4: batches of 16 and a rate that rises
 * and falls by a cosine, which get much further in few epochs. And the best epoch is chosen on images held out of the
 * training set, not by the test set.
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
  random,
  saveTree,
  scalar,
  type Tensor,
  tensor,
  tensorsOf,
  valueAndGrad,
} from '@vqkit/core';
import { type VqVaeOptions, type VqVaeParams, vqVae } from '@vqkit/models';
import type { BatchSource, Recipe, StepInputs, StepResult } from '@vqkit/training';
import { type GrayImages, pickImages } from './idx.ts';
import type { AnyQuantizer } from './row.ts';

/** What is learned. */
export interface PaperModel {
  readonly network: VqVaeParams;
  readonly quantizer: unknown;
}

/** The whole training state. */
export interface PaperState {
  readonly model: PaperModel;
  readonly optimizer: AdamState<PaperModel>;
  /** The model of the best epoch so far, and its error on the images held out. */
  readonly best: PaperModel;
  readonly bestError: Tensor;
}

/** Choices of a run. */
export interface PaperRecipeOptions {
  readonly name: string;
  readonly quantizer: AnyQuantizer;
  readonly network?: VqVaeOptions;
  /** Training images, those held out included (the last ones). */
  readonly images: GrayImages;
  /** Images held out to choose the epoch by. Default 5000. */
  readonly heldOut?: number;
  /** Length of the run, which the learning rate follows. */
  readonly epochs: number;
  /** Highest learning rate; the last is a hundredth of it. Default 1.5e-3. */
  readonly peak?: number;
  /** Steps until the rate is at its highest. Default 100. */
  readonly warmup?: number;
  /** Default 16. */
  readonly batch?: number;
  /** Called after each epoch, and at the end of the run (which has no number). */
  readonly onEpoch?: (event: { readonly epoch: number | undefined; readonly heldOutMse: number }) => Promise<void>;
}

/** A recipe that knows its epochs. */
export interface PaperRecipe extends Recipe<PaperState, Record<never, never>> {
  readonly stepsPerEpoch: number;
  /** Images per step. */
  readonly batch: number;
  /** Images that are trained on. */
  readonly trainImages: number;
}

/** Pixels as the network takes them: [−1, 1]. */
export function toFloats(images: GrayImages): Float32Array {
  return Float32Array.from(images.data, (value) => value / 127.5 - 1);
}

/** Variance of all pixels on [0, 1]: 0.0949 for MNIST, 0.1246 for Fashion-MNIST (both training sets). */
export function pixelVariance({ data }: GrayImages): number {
  let [sum, squares] = [0, 0];
  for (const value of data) {
    sum += value;
    squares += value * value;
  }
  return (squares / data.length - (sum / data.length) ** 2) / 255 ** 2;
}

/** Makes the recipe. */
export function paperRecipe(options: PaperRecipeOptions): PaperRecipe {
  const { name, quantizer, images, heldOut = 5000, epochs, peak = 1.5e-3, warmup = 100, batch = 16, onEpoch } = options;
  const { height, width } = images;
  const trainImages = images.count - heldOut;
  const stepsPerEpoch = Math.floor(trainImages / batch);
  const steps = Math.max(1, Math.round(epochs * stepsPerEpoch));
  const variance = pixelVariance(pickImages(images, 0, trainImages));
  const network = vqVae({ channels: 1, dimension: quantizer.dimension, ...options.network });
  const optimizer = adam<PaperModel>();
  const errorOf = compile((model: PaperModel, x: Tensor) => {
    const { quantized } = quantizer.quantize(model.quantizer, network.encode(model.network.encoder, x));
    return meanSquaredError(network.decode(model.network.decoder, quantized), x);
  });

  const validate = async (model: PaperModel): Promise<number> => {
    const backend = tensorsOf(model)[0]!.backend;
    const size = Math.min(250, heldOut);
    let total = 0;
    for (let start = 0; start < heldOut; start += size) {
      const own = pickImages(images, trainImages + start, Math.min(size, heldOut - start));
      const x = tensor(backend, toFloats(own), [own.count, height, width, 1]);
      const error = errorOf(model, x);
      total += (await error.item()) * own.count;
      disposeTree([x, error]);
    }
    return total / heldOut;
  };

  /** Keeps the model when it is the best so far. */
  const judge = async (state: PaperState, epoch: number | undefined): Promise<PaperState> => {
    const heldOutMse = await validate(state.model);
    await onEpoch?.({ epoch, heldOutMse });
    const isBetter = heldOutMse < (await state.bestError.item());
    const best = isBetter ? state.model : state.best;
    const bestError = isBetter ? scalar(state.bestError.backend, heldOutMse) : clone(state.bestError);
    return { ...copied({ model: state.model, optimizer: state.optimizer, best }), bestError };
  };

  const step = (_: string, state: PaperState, { batch: x, rate, key }: StepInputs): StepResult<PaperState> => {
    const { value, gradients, aux } = valueAndGrad((model: PaperModel) => {
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
  };

  return {
    name: `paper-${name}`,
    stepsPerEpoch,
    steps,
    trainImages,
    batch,
    schedule: cosineSchedule({ peak, end: peak / 100, steps, warmup }),
    phase: () => 'train',
    constants: async () => ({}),
    init: async (backend: Backend, seed: number) => {
      const model: PaperModel = { network: network.init(backend, seed), quantizer: quantizer.init(backend, seed) };
      const best = mapTree(model, (x) => clone(x)) as PaperModel;
      return { model, optimizer: optimizer.init(model), best, bestError: scalar(backend, 1e30) };
    },
    step,
    before: async (at, state) => (at > 0 && at % stepsPerEpoch === 0 ? judge(state, at / stepsPerEpoch) : state),
    open: async (seed) => openBatches(images, trainImages, batch, seed),
    publish: async (state) => {
      const judged = await judge(state, undefined);
      const file = await saveTree(judged.best);
      disposeTree(judged);
      errorOf.dispose();
      return { 'model.safetensors': file };
    },
  };
}

function copied<T>(tree: T): T {
  return mapTree(tree, (x) => clone(x)) as T;
}

/** Batches in an order that is new in every epoch and the same for the same seed. */
function openBatches(images: GrayImages, count: number, batch: number, seed: number): BatchSource {
  const size = images.height * images.width;
  const perEpoch = Math.floor(count / batch);
  let order: { epoch: number; places: Uint32Array } = { epoch: -1, places: new Uint32Array(0) };
  return {
    batch: async (index) => {
      const epoch = Math.floor(index / perEpoch);
      if (order.epoch !== epoch) order = { epoch, places: random(seed).split(epoch).permutation(count) };
      const start = (index % perEpoch) * batch;
      const pixels = new Float32Array(batch * size);
      for (let i = 0; i < batch; i++) {
        const from = order.places[start + i]! * size;
        for (let k = 0; k < size; k++) pixels[i * size + k] = images.data[from + k]! / 127.5 - 1;
      }
      return { data: pixels, shape: [batch, images.height, images.width, 1], dtype: 'f32' };
    },
    dispose: async () => undefined,
  };
}
