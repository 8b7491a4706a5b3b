/**
 * The recipe of the default weights: the photo tokenizer with an EMA codebook, or any other quantizer, L1 and LPIPS losses.
 *
 * It starts without quantization, so that k-means finds a codebook in features that already mean something; then the
 * codebook follows by exponential averages, those of other quantizers by gradients. Published are the averages of the weights
 * over the last steps. The learning rate stays at its peak until the decay at the end, so a run that was stopped before it is
 * prolonged by more `steps`.
 */
import { add, type Backend, clone, compile, mapTree, type Tensor, tensorsOf, valueAndGrad } from '@vqkit/core';
import type { LpipsParams } from '@vqkit/metrics';
import { type PhotoTokenizerOptions, type PhotoTokenizerParams, photoTokenizer } from '@vqkit/models';
import { deadCodes, ema, type VqParams, vq } from '@vqkit/quantizer-vq';
import { openPhotoFolder } from '../../data/photo-folder.ts';
import { TrainingError } from '../../errors.ts';
import type { Recipe } from '../../loop/recipe.ts';
import {
  completeOptions,
  identityOf,
  type OptionsGiven,
  type OptionTable,
  type OptionValues,
} from '../../table/options.ts';
import {
  type AnyQuantizer,
  makeQuantizer,
  type NamedQuantizerSpec,
  packModel,
  quantizerOptions,
  quantizerSpec,
  startedParams,
} from '../quantizers.ts';
import { restoreStage } from '../stage-file.ts';
import { type Learned, learner } from './learner.ts';
import { likeness } from './likeness.ts';
import { commonPhotoOptions } from './photo-options.ts';
import { photoRun } from './photo-run.ts';
import { writePhoto } from './published-weights.ts';
import { sampleFeatures } from './sample-features.ts';

/** Options of the recipe. */
export const photoOptions = {
  ...commonPhotoOptions,
  batch: { type: 'integer', description: 'crops per step', default: 12, min: 1 },
  ...quantizerOptions,
  codes: { ...quantizerOptions.codes, default: 2048, max: 8192 },
  dimension: { ...quantizerOptions.dimension, default: 16, max: 256 },
  metric: {
    type: 'choice',
    description: 'distance of features and codes, of vq',
    choices: ['l2', 'cosine'],
    default: 'l2',
  },
  gradient: {
    type: 'choice',
    description: 'how gradients pass vq',
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
  from: { type: 'file', description: 'weights to start from: a photo.safetensors, of vq', mayChange: true },
  warmup: {
    type: 'integer',
    description: 'steps without quantization at the start (default: 200, with --from 0)',
    min: 0,
  },
} as const satisfies OptionTable;

/** Choices of a photo run; `network` has the sizes of the networks, by default those of the published weights. */
export type PhotoRecipeOptions = OptionsGiven<typeof photoOptions> & { readonly network?: PhotoTokenizerOptions };

/** What gradients move: the networks, and the quantizer where its codes do not follow by averages. */
export interface PhotoModel extends PhotoTokenizerParams {
  readonly quantizer?: unknown;
}

/** The whole training state. */
export interface PhotoState extends Learned<PhotoModel> {
  readonly model: PhotoModel;
  /** The codebook of the quantizer vq. */
  readonly quantizer?: VqParams;
}

/** Makes the recipe. @throws TrainingError `OPTION_INVALID` */
export function photoRecipe({ network: sizes, ...given }: PhotoRecipeOptions): Recipe<PhotoState, LpipsParams> {
  const options = completeOptions('photo', photoOptions, given);
  const { steps, batch, crop, codes, metric, shortcut, from, warmup = from ? 0 : 200 } = options;
  const { spec, quantizer } = quantizerOf(options);
  const isAveraged = spec.name === 'vq';
  const networkOptions = { ...sizes, dimension: quantizer.dimension, ...(shortcut !== 'none' && { shortcut }) };
  const network = photoTokenizer(networkOptions);
  const learn = learner<PhotoModel>(options.optimizer);
  const alike = likeness(options.half);
  const run = photoRun<Pick<PhotoState, 'model' | 'quantizer'>>(options, (own, x) => {
    const indices = quantizer.encode(codesOf(own), network.encode(own.model.encoder, x));
    return { xHat: network.decode(own.model.decoder, quantizer.decode(codesOf(own), indices)), indices };
  });

  return {
    name: 'photo',
    identity: identityOfRun({ ...options, warmup }, spec, networkOptions),
    steps,
    schedule: run.schedule(100),
    init: async (backend: Backend, seed: number) => {
      const [model, params] = [network.init(backend, seed), quantizer.init(backend, seed) as VqParams];
      if (!isAveraged)
        return { model: { ...model, quantizer: params }, ...learn.init({ ...model, quantizer: params }) };
      const fresh = { model, quantizer: params };
      const start = from ? await restoreStage(backend, from, 'photo', fresh) : fresh;
      return { ...start, ...learn.init(start.model) };
    },
    phase: (at) => (at < warmup ? 'continuous' : 'quantized'),
    constants: run.loadLpips,
    step: (phase, state, { batch: x, rate: now, key }, weights) => {
      const { value, gradients, aux } = valueAndGrad((model: PhotoModel) => {
        const z = network.encode(model.encoder, x);
        const coded = phase === 'continuous' ? undefined : quantizer.quantize(codesOf({ ...state, model }), z, { key });
        const { loss, metrics } = alike(weights, network.decode(model.decoder, coded?.quantized ?? z), x, key);
        return { loss: Object.values(coded?.losses ?? {}).reduce(add, loss), aux: { metrics, coded } };
      })(state.model);
      const codesNow = codesOf(state);
      const moved = aux.coded ? quantizer.update(codesNow, aux.coded.statistics, { key }) : codesNow;
      // As in the papers' code, codes are moved first and then make the gradient step.
      const model = isAveraged ? state.model : { ...state.model, quantizer: moved };
      const { params, learned, norm } = learn.update(model, gradients, state, now);
      return {
        state: { model: params, ...learned, ...(isAveraged && { quantizer: moved as VqParams }) },
        metrics: { loss: value, ...aux.metrics, norm },
      };
    },
    before: async (at, state, source) => {
      if (at !== warmup || warmup === 0) return state;
      const encode = compile((encoder: PhotoTokenizerParams['encoder'], x: Tensor) => network.encode(encoder, x));
      const sample = { at, codes, vectors: batch * (crop / network.scale) ** 2 };
      const { backend } = tensorsOf(state.model)[0]!;
      const vectors = await sampleFeatures(backend, (x: Tensor) => encode(state.model.encoder, x), source, sample);
      encode.dispose();
      const started = await startedParams(spec.name, quantizer, vectors, at);
      vectors.dispose();
      return started === undefined ? state : withCodes(state, started);
    },
    open: async (seed) => openPhotoFolder(await run.crops(seed)),
    validation: run.validation(({ average, quantizer: own }, at) =>
      at > warmup ? { model: average, quantizer: own } : undefined,
    ),
    publish: async ({ average, quantizer: own }) => {
      const { encoder, decoder, quantizer: learned } = average;
      const params = own ? { codebook: own.codebook } : learned;
      const model = { architecture: 'photo-tokenizer', options: networkOptions, encoder, decoder };
      const files = await packModel({ ...model, spec, quantizer, params });
      if (!own) return files;
      const facts = { network: networkOptions, metric };
      return { ...files, 'photo.safetensors': await writePhoto({ model: average, quantizer: own }, facts) };
    },
  };
}

/** Parameters of the quantizer, wherever they are. */
function codesOf({ model, quantizer }: Pick<PhotoState, 'model' | 'quantizer'>): unknown {
  return quantizer ?? model.quantizer;
}

/** A copy of the state with other parameters of the quantizer. */
function withCodes({ model, average, quantizer, ...rest }: PhotoState, codes: unknown): PhotoState {
  const copy = <T>(tree: T): T => mapTree(tree, clone);
  if (quantizer) return { ...copy({ ...rest, model, average }), quantizer: codes as VqParams };
  const networks = ({ encoder, decoder }: PhotoModel): PhotoTokenizerParams => copy({ encoder, decoder });
  return {
    ...copy(rest),
    model: { ...networks(model), quantizer: codes },
    average: { ...networks(average), quantizer: copy(codes) },
  };
}

/** The codebook of the default weights, or any other quantizer as its package makes it. @throws TrainingError `OPTION_INVALID` */
function quantizerOf(options: OptionValues<typeof photoOptions>): {
  spec: NamedQuantizerSpec;
  quantizer: AnyQuantizer;
} {
  const { quantizer: name, codes, dimension, metric, gradient, from } = options;
  const spec = quantizerSpec(options);
  if (name === 'vq') {
    const rules = { codebook: ema({ decay: 0.99 }), revival: deadCodes() };
    const quantizer = vq({ codes, dimension, metric, gradient, ...rules }) as unknown as AnyQuantizer;
    return { spec: { name, options: { ...spec.options, metric } }, quantizer };
  }
  const others = { metric: metric !== 'l2', gradient: gradient !== 'straightThrough', from: from !== undefined };
  const other = Object.entries(others).find(([, isGiven]) => isGiven);
  if (!other) return { spec, quantizer: makeQuantizer(spec) };
  throw new TrainingError({
    code: 'OPTION_INVALID',
    message: `photo: expected --${other[0]} with the quantizer vq, got it with ${name}`,
    fix: 'Leave it out, or train vq',
  });
}

/** What a checkpoint must agree in; sizes that the quantizer does not take are none of it. */
function identityOfRun(
  options: OptionValues<typeof photoOptions>,
  spec: NamedQuantizerSpec,
  network: PhotoTokenizerOptions,
): Record<string, unknown> {
  const { quantizer, parts, depth, levels, bits, ...own } = options;
  return { ...identityOf(photoOptions, own), ...(quantizer !== 'vq' && { quantizer: spec }), network };
}
