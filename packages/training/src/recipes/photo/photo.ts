/**
 * The recipe of the default weights: the photo tokenizer with an EMA codebook, L1 and LPIPS losses.
 *
 * It starts without quantization, so that k-means finds a codebook in features that already mean something; then the
 * codebook follows by exponential averages. Published are the averages of the weights over the last steps. The learning
 * rate stays at its peak until the decay at the end, so a run that was stopped before it is prolonged by more `steps`.
 */
import { readFile } from 'node:fs/promises';
import {
  add,
  type Backend,
  clone,
  compile,
  cosineSchedule,
  disposeTree,
  mapTree,
  restoreTree,
  type Tensor,
  tensorsOf,
  valueAndGrad,
} from '@vqkit/core';
import { type LpipsParams, loadLpips } from '@vqkit/metrics';
import { type PhotoTokenizerOptions, type PhotoTokenizerParams, photoTokenizer } from '@vqkit/models';
import { deadCodes, ema, startCodebook, type VqParams, vq } from '@vqkit/quantizer-vq';
import { openPhotoFolder } from '../../data/photo-folder.ts';
import type { Recipe } from '../../loop/recipe.ts';
import { completeOptions, identityOf, type OptionsGiven, type OptionTable } from '../../table/options.ts';
import { heldOut } from './held-out.ts';
import { type Learned, learner } from './learner.ts';
import { likeness } from './likeness.ts';
import { commonPhotoOptions } from './photo-options.ts';
import { type PhotoWeights, writePublished } from './published-weights.ts';
import { sampleFeatures } from './sample-features.ts';

/** Options of the recipe. */
export const photoOptions = {
  ...commonPhotoOptions,
  batch: { type: 'integer', description: 'crops per step', default: 12, min: 1 },
  codes: { type: 'integer', description: 'K, size of the codebook', default: 2048, min: 2, max: 8192 },
  dimension: { type: 'integer', description: 'D, numbers per code', default: 16, min: 1, max: 256 },
  metric: { type: 'choice', description: 'distance of features and codes', choices: ['l2', 'cosine'], default: 'l2' },
  gradient: {
    type: 'choice',
    description: 'how gradients pass the quantizer',
    choices: ['straightThrough', 'rotation'],
    default: 'straightThrough',
  },
  shortcut: {
    type: 'choice',
    description: 'shortcuts around changes of resolution',
    choices: ['none', 'spaceToChannel'],
    default: 'none',
  },
  rate: { type: 'number', description: 'peak learning rate', default: 4e-4, min: 1e-8, max: 1, mayChange: true },
  from: { type: 'file', description: 'weights to start from: a photo.safetensors', mayChange: true },
  warmup: {
    type: 'integer',
    description: 'steps without quantization at the start (default: 200, with --from 0)',
    min: 0,
  },
} as const satisfies OptionTable;

/** Choices of a photo run; `network` has the sizes of the networks, by default those of the published weights. */
export type PhotoRecipeOptions = OptionsGiven<typeof photoOptions> & { readonly network?: PhotoTokenizerOptions };

/** The whole training state. */
export interface PhotoState extends Learned<PhotoTokenizerParams> {
  readonly model: PhotoTokenizerParams;
  readonly quantizer: VqParams;
}

/** Makes the recipe. @throws TrainingError `OPTION_INVALID` */
export function photoRecipe({ network: sizes, ...given }: PhotoRecipeOptions): Recipe<PhotoState, LpipsParams> {
  const options = completeOptions('photo', photoOptions, given);
  const { data, lpipsWeights, steps, batch, crop, codes, dimension, metric, gradient, shortcut, rate, from } = options;
  const { warmup = from ? 0 : 200, drawn, heldOut: heldOutFile } = options;
  const networkOptions = { ...sizes, dimension, ...(shortcut !== 'none' && { shortcut }) };
  const network = photoTokenizer(networkOptions);
  const quantizer = vq({ codes, dimension, metric, gradient, codebook: ema({ decay: 0.99 }), revival: deadCodes() });
  const learn = learner<PhotoTokenizerParams>(options.optimizer);
  const alike = likeness(options.half);
  const held =
    heldOutFile === undefined
      ? undefined
      : heldOut<PhotoWeights>({
          folder: data,
          file: heldOutFile,
          lpipsWeights,
          restore: ({ model, quantizer: own }, x) => {
            const indices = quantizer.encode(own, network.encode(model.encoder, x));
            return { xHat: network.decode(model.decoder, quantizer.decode(own, indices)), indices };
          },
        });

  return {
    name: 'photo',
    identity: { ...identityOf(photoOptions, { ...options, warmup }), network: networkOptions },
    steps,
    schedule: cosineSchedule({ peak: rate, steps, end: rate / 50, warmup: 100, decay: options.decay * steps }),
    init: async (backend: Backend, seed: number) => {
      const fresh: PhotoWeights = { model: network.init(backend, seed), quantizer: quantizer.init(backend, seed) };
      const { model, quantizer: codebook } = from ? await loadPhotoWeights(backend, from, fresh) : fresh;
      return { model, quantizer: codebook, ...learn.init(model) };
    },
    phase: (at) => (at < warmup ? 'continuous' : 'quantized'),
    constants: (backend) => loadLpips(backend, lpipsWeights, { backbone: 'squeeze' }),
    step: (phase, state, { batch: x, rate: now, key }, weights) => {
      const { value, gradients, aux } = valueAndGrad((model: PhotoTokenizerParams) => {
        const z = network.encode(model.encoder, x);
        const coded = phase === 'continuous' ? undefined : quantizer.quantize(state.quantizer, z);
        const { loss, metrics } = alike(weights, network.decode(model.decoder, coded?.quantized ?? z), x, key);
        return { loss: Object.values(coded?.losses ?? {}).reduce(add, loss), aux: { metrics, coded } };
      })(state.model);
      const { params, learned, norm } = learn.update(state.model, gradients, state, now);
      return {
        state: {
          model: params,
          ...learned,
          quantizer: aux.coded ? quantizer.update(state.quantizer, aux.coded.statistics, { key }) : state.quantizer,
        },
        metrics: { loss: value, ...aux.metrics, norm },
      };
    },
    before: async (at, state, source) => {
      if (at !== warmup || warmup === 0) return state;
      const encode = compile((encoder: PhotoTokenizerParams['encoder'], x: Tensor) => network.encode(encoder, x));
      const sizes = { at, codes, vectors: batch * (crop / network.scale) ** 2 };
      const { backend } = tensorsOf(state.model)[0]!;
      const vectors = await sampleFeatures(backend, (x: Tensor) => encode(state.model.encoder, x), source, sizes);
      encode.dispose();
      const started = await startCodebook(quantizer, vectors, { seed: at });
      vectors.dispose();
      return { ...mapTree(state, clone), quantizer: started };
    },
    open: async (seed) =>
      openPhotoFolder({ folder: data, batch, seed, size: crop, drawn, without: (await held?.names()) ?? [] }),
    validation: held && {
      every: options.validateSteps,
      measure: async ({ average, quantizer: own }, at) =>
        at > warmup ? held.measure({ model: average, quantizer: own }) : undefined,
      dispose: held.dispose,
    },
    publish: async ({ average, quantizer: own }) => ({
      'photo.safetensors': await writePublished(
        { model: average, quantizer: own },
        { network: networkOptions, metric },
      ),
    }),
  };
}

async function loadPhotoWeights(backend: Backend, path: string, template: PhotoWeights): Promise<PhotoWeights> {
  const { tree } = await restoreTree(backend, new Uint8Array(await readFile(path)), template);
  disposeTree(template);
  return tree;
}
