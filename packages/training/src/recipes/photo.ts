/**
 * The recipe of the default weights: the photo tokenizer with an EMA codebook, L1 and LPIPS losses.
 *
 * It starts without quantization, so that k-means finds a codebook in features that already mean something; then the
 * codebook follows by exponential averages. Published are the averages of the weights over the last steps.
 */
import { readFile } from 'node:fs/promises';
import {
  type AdamState,
  adam,
  add,
  type Backend,
  clipByGlobalNorm,
  clone,
  compile,
  concat,
  cosineSchedule,
  disposeTree,
  emaUpdate,
  mapTree,
  mean,
  meanAbsoluteError,
  restoreTree,
  saveTree,
  type Tensor,
  tensor,
  tensorsOf,
  valueAndGrad,
} from '@vqkit/core';
import { type LpipsParams, loadLpips, lpips } from '@vqkit/metrics';
import { type PhotoTokenizerOptions, type PhotoTokenizerParams, photoTokenizer } from '@vqkit/models';
import { deadCodes, ema, startCodebook, type VqParams, vq } from '@vqkit/quantizer-vq';
import { type BatchSource, openPhotoFolder } from '../data/photo-folder.ts';
import type { Recipe, StepInputs, StepResult } from '../loop/recipe.ts';
import { averageDecay } from './average-decay.ts';
import { randomPhase } from './random-phase.ts';

/** Choices of a photo run. */
export interface PhotoRecipeOptions {
  /** Folder of training photos. */
  readonly data: string;
  /** File with the LPIPS (squeeze) weights. */
  readonly lpipsWeights: string;
  /** Steps of the whole run, for the schedule. */
  readonly steps: number;
  /** Crops per step. Default 12. */
  readonly batch?: number;
  /** Sizes of the networks. Default: those of the published weights. */
  readonly network?: PhotoTokenizerOptions;
  /** Crop size in pixels, a multiple of 16. Default 128. */
  readonly crop?: number;
  /** K. Default 2048. */
  readonly codes?: number;
  /** Peak learning rate. Default 4e-4. */
  readonly rate?: number;
  /** Weights to go on from (a published file) instead of random ones. */
  readonly from?: string;
  /** Steps without quantization at the start of a fresh run. Default 200. */
  readonly warmup?: number;
}

/** What is published: the averaged autoencoder and the codebook. */
export interface PhotoWeights {
  readonly model: PhotoTokenizerParams;
  readonly quantizer: VqParams;
}

/** The whole training state. */
export interface PhotoState {
  readonly model: PhotoTokenizerParams;
  readonly average: PhotoTokenizerParams;
  readonly quantizer: VqParams;
  readonly optimizer: AdamState<PhotoTokenizerParams>;
}

/** Batches of features that the k-means start sees. */
const startBatches = 24;

/** Makes the recipe. */
export function photoRecipe(options: PhotoRecipeOptions): Recipe<PhotoState, LpipsParams> {
  const {
    data,
    lpipsWeights,
    steps,
    batch = 12,
    crop = 128,
    codes = 2048,
    rate = 4e-4,
    from,
    warmup = from ? 0 : 200,
  } = options;
  const network = photoTokenizer(options.network);
  const quantizer = vq({ codes, dimension: network.dimension, codebook: ema({ decay: 0.99 }), revival: deadCodes() });
  const optimizer = adam<PhotoTokenizerParams>({ beta2: 0.99 });
  const perceptual = lpips({ backbone: 'squeeze' });

  const lossOf = (
    phase: string,
    model: PhotoTokenizerParams,
    codebook: VqParams,
    x: Tensor,
    weights: LpipsParams,
    key: Tensor,
  ) => {
    const z = network.encode(model.encoder, x);
    const coded = phase === 'continuous' ? undefined : quantizer.quantize(codebook, z);
    const xHat = network.decode(model.decoder, coded?.quantized ?? z);
    const l1 = meanAbsoluteError(xHat, x);
    const lpipsLoss = mean(perceptual(weights, ...(randomPhase([xHat, x], key) as [Tensor, Tensor])));
    const loss = Object.values(coded?.losses ?? {}).reduce(add, add(l1, lpipsLoss));
    return { loss, aux: { metrics: { l1, lpips: lpipsLoss }, coded } };
  };

  const step = (
    phase: string,
    state: PhotoState,
    { batch: x, rate: now, key }: StepInputs,
    weights: LpipsParams,
  ): StepResult<PhotoState> => {
    const { value, gradients, aux } = valueAndGrad((model: PhotoTokenizerParams) =>
      lossOf(phase, model, state.quantizer, x, weights, key),
    )(state.model);
    const clipped = clipByGlobalNorm(gradients, 1);
    const updated = optimizer.update(state.model, clipped.gradients, state.optimizer, now);
    return {
      state: {
        model: updated.params,
        average: emaUpdate(state.average, updated.params, averageDecay(updated.state.step)),
        optimizer: updated.state,
        quantizer: aux.coded ? quantizer.update(state.quantizer, aux.coded.statistics, { key }) : state.quantizer,
      },
      metrics: { loss: value, ...aux.metrics, norm: clipped.norm },
    };
  };

  const init = async (backend: Backend, seed: number): Promise<PhotoState> => {
    const fresh: PhotoWeights = { model: network.init(backend, seed), quantizer: quantizer.init(backend, seed) };
    const { model, quantizer: codebook } = from ? await loadPhotoWeights(backend, from, fresh) : fresh;
    return {
      model,
      average: mapTree(model, (x) => clone(x)) as PhotoTokenizerParams,
      quantizer: codebook,
      optimizer: optimizer.init(model),
    };
  };

  /** Features of a few batches, f32 `[startBatches·batch, h, w, D]`. */
  const sampleFeatures = async ({ model }: PhotoState, source: BatchSource, at: number): Promise<Tensor> => {
    const encode = compile((encoder: PhotoTokenizerParams['encoder'], x: Tensor) => network.encode(encoder, x));
    const backend = tensorsOf(model)[0]!.backend;
    const features: Tensor[] = [];
    for (let i = 0; i < startBatches; i++) {
      const x = tensor(backend, await source.batch(at + i), [batch, crop, crop, 3]);
      features.push(encode(model.encoder, x));
      x.dispose();
    }
    const all = concat(features);
    disposeTree(features);
    encode.dispose();
    return all;
  };

  return {
    name: 'photo',
    batchShape: [batch, crop, crop, 3],
    schedule: cosineSchedule({ peak: rate, steps, end: rate / 50, warmup: 100 }),
    init,
    phase: (at) => (at < warmup ? 'continuous' : 'quantized'),
    constants: (backend) => loadLpips(backend, lpipsWeights, { backbone: 'squeeze' }),
    step,
    before: async (at, state, source) => {
      if (at !== warmup || warmup === 0) return state;
      const vectors = await sampleFeatures(state, source, at);
      const started = await startCodebook(quantizer, vectors, { seed: at });
      vectors.dispose();
      return { ...(mapTree(state, (x) => clone(x)) as PhotoState), quantizer: started };
    },
    open: (seed) => openPhotoFolder({ folder: data, batch, seed, size: crop }),
    publish: async ({ average, quantizer: codebook }) => ({
      'photo.safetensors': await saveTree({ model: average, quantizer: codebook }, { precision: 'f16' }),
    }),
  };
}

async function loadPhotoWeights(backend: Backend, path: string, template: PhotoWeights): Promise<PhotoWeights> {
  const { tree } = await restoreTree(backend, new Uint8Array(await readFile(path)), template);
  disposeTree(template);
  return tree;
}
