/**
 * The first stage of super-resolution: a tokenizer that splits images into structure and quantized texture. Likeness (L1 and
 * LPIPS) and the codebook from the start, a discriminator later; the structure is pulled to the code of the reduced image,
 * which learns by its own pixels alone. With `--structure 0` it is the vanilla tokenizer, the control.
 *
 * @see Li et al. 2025 (TVQ & RAP), arXiv:2509.23774, stage 1
 */
import {
  clone,
  compile,
  disposeTree,
  mapTree,
  mean,
  resize,
  square,
  stopGradient,
  sub,
  type Tensor,
  tensorsOf,
  valueAndGrad,
} from '@vqkit/core';
import type { LpipsParams } from '@vqkit/metrics';
import { type TextureTokenizerOptions, type TextureTokenizerParams, textureTokenizer } from '@vqkit/models';
import { type ImagePairs, openPairFolder } from '../../data/photo-folder.ts';
import { degradationNames } from '../../data/reduce.ts';
import type { Recipe } from '../../loop/recipe.ts';
import {
  completeOptions,
  identityOf,
  type OptionsGiven,
  type OptionTable,
  type OptionValues,
} from '../../table/options.ts';
import { adversarialDirection, steered } from '../adversarial-direction.ts';
import { type CriticState, critic } from '../critic.ts';
import { type Learned, learner } from '../photo/learner.ts';
import { likeness } from '../photo/likeness.ts';
import { photoRun } from '../photo/photo-run.ts';
import { sampleFeatures } from '../photo/sample-features.ts';
import {
  followingQuantizer,
  type NamedQuantizerSpec,
  quantizerOptions,
  quantizerSpec,
  startedParams,
} from '../quantizers.ts';
import { restoreStage } from '../stage-file.ts';
import { readPredictor, type SrWeights, writeSr } from './sr-file.ts';
import { adversarialOptions, commonSrOptions } from './sr-options.ts';

/** Options of the recipe. */
export const srTokenizerOptions = {
  ...commonSrOptions,
  ...adversarialOptions,
  steps: { ...commonSrOptions.steps, default: 30_000 },
  degradation: {
    type: 'choice',
    description: 'how small images come about: MATLAB bicubic, or as on the web, mildly or in full',
    choices: degradationNames,
    default: 'bicubic',
  },
  ...quantizerOptions,
  codes: { ...quantizerOptions.codes, default: 1024, max: 8192 },
  dimension: { ...quantizerOptions.dimension, default: 32, max: 256 },
  structure: {
    type: 'integer',
    description: 'channels of the structure; 0: the vanilla tokenizer',
    default: 16,
    min: 0,
    max: 256,
  },
  skip: {
    type: 'integer',
    description: 'residual blocks by which the decoder also sees the small image; 0: not at all, as in the paper',
    default: 2,
    min: 0,
    max: 16,
  },
  from: {
    type: 'file',
    description: 'what a stage published, to start from, also of another degradation; its predictor is handed on',
    mayChange: true,
  },
  warmup: {
    type: 'integer',
    description: 'steps without quantization at the start (default: 500, with --from 0)',
    min: 0,
  },
  delay: { type: 'integer', description: 'steps before the discriminator begins', default: 5000, min: 0 },
} as const satisfies OptionTable;

/** Choices of a run; `network` has the sizes of the networks besides those among the options. */
export type SrTokenizerOptions = OptionsGiven<typeof srTokenizerOptions> & {
  readonly network?: TextureTokenizerOptions;
};

/** What gradients move: the networks, and the texture quantizer where its codes do not follow by averages. */
export interface SrTokenizerModel extends TextureTokenizerParams {
  readonly quantizer?: unknown;
}

/** The training state. */
export interface SrTokenizerState extends Learned<SrTokenizerModel> {
  readonly model: SrTokenizerModel;
  /** Codes that follow by averages. */
  readonly quantizer?: unknown;
  readonly critic: CriticState;
}

/** Makes the recipe. @throws TrainingError `OPTION_INVALID` */
export function srTokenizerRecipe({
  network: sizes,
  ...given
}: SrTokenizerOptions): Recipe<SrTokenizerState, LpipsParams, ImagePairs> {
  const options = completeOptions('sr-tokenizer', srTokenizerOptions, given);
  const { steps, batch, crop, degradation, codes, structure, skip, delay, adversarial, from } = options;
  const { warmup = from ? 0 : 500 } = options;
  const spec = quantizerSpec(options);
  const { quantizer, isAveraged } = followingQuantizer(spec);
  const { dimension } = quantizer;
  const modelOptions: TextureTokenizerOptions = { ...sizes, dimension, structure, skip };
  const model = textureTokenizer(modelOptions);
  const learn = learner<SrTokenizerModel>(options.optimizer);
  const alike = likeness(options.half);
  const opponent = critic(options.discriminator, dimension);
  const seen = (small: Tensor): Tensor | undefined => (skip > 0 ? small : undefined);

  type Validated = Pick<SrTokenizerState, 'model' | 'quantizer'>;
  const run = photoRun<Validated>(options, (state, x) => {
    const { model: params } = state;
    const own = codesOf(state);
    const { texture, base } = model.encode(params, x);
    const indices = quantizer.encode(own, texture);
    const small = resize(x, { height: x.shape[1]! / 4, width: x.shape[2]! / 4, method: 'bicubic', antialias: true });
    return { xHat: model.decode(params, quantizer.decode(own, indices), base, seen(small)), indices };
  });
  /** What the method asks of the structure: to be the code of the reduced image, which its small autoencoder makes. */
  const structureLosses = (
    params: TextureTokenizerParams,
    x: Tensor,
    found: Tensor | undefined,
  ): Readonly<Record<string, Tensor>> => {
    if (found === undefined) return {};
    const { image, code, restored } = model.reduce(params, x);
    return { align: mean(square(sub(found, stopGradient(code)))), small: mean(square(sub(restored, image))) };
  };

  return {
    name: 'sr-tokenizer',
    identity: identityOfRun({ ...options, warmup }, spec, modelOptions),
    steps,
    schedule: run.schedule(100),
    phase: (at) => (at < warmup ? 'continuous' : at < delay || adversarial === 0 ? 'quantized' : 'adversarial'),
    init: async (backend, seed) => {
      const own = quantizer.init(backend, seed);
      const fresh: SrWeights = { model: model.init(backend, seed), quantizer: own };
      const start = from ? await restoreStage(backend, from, 'sr-tokenizer', fresh) : fresh;
      const params: SrTokenizerModel = { ...start.model, ...(!isAveraged && { quantizer: start.quantizer }) };
      return {
        model: params,
        ...(isAveraged && { quantizer: start.quantizer }),
        ...learn.init(params),
        critic: opponent.init(backend, seed),
      };
    },
    constants: run.loadLpips,
    step: (phase, state, { batch: { large: x, small }, rate: now, key }, lpips) => {
      const make = (params: SrTokenizerModel) => {
        const { texture, base, structure: found } = model.encode(params, x);
        const own = codesOf({ ...state, model: params });
        const coded = phase === 'continuous' ? undefined : quantizer.quantize(own, texture, { key });
        const zQ = coded?.quantized ?? texture;
        const losses = { ...coded?.losses, ...structureLosses(params, x, found) };
        return { xHat: model.decode(params, zQ, base, seen(small)), losses, zQ, statistics: coded?.statistics };
      };
      const isAdversarial = phase === 'adversarial';
      const { gradients, made, judged } = steered(make, state.model, ({ xHat, zQ }) => {
        const likely = valueAndGrad((y: Tensor) => {
          const { loss, metrics } = alike(lpips, y, x, key);
          return { loss, aux: metrics };
        })(xHat);
        const { gradients: direction, value: loss, aux } = likely;
        if (!isAdversarial) return { direction, metrics: { loss, ...aux } };
        const pulled = opponent.pull(state.critic, xHat, { lpips, codes: zQ, key });
        const layerOf = ({ decoder }: SrTokenizerModel): unknown => Object.values(decoder.tail).at(-1);
        const network = { params: state.model, imageOf: (own: SrTokenizerModel) => make(own).xHat, layerOf };
        const both = adversarialDirection(direction, pulled.gradients, network, adversarial);
        return {
          direction: both.direction,
          metrics: { loss, ...aux, score: pulled.value, factor: both.factor },
        };
      });
      const codesNow = codesOf(state);
      const moved = made.statistics ? quantizer.update(codesNow, made.statistics, { key }) : codesNow;
      // As in the papers' code, codes are moved first and then make the gradient step.
      const held = isAveraged ? state.model : { ...state.model, quantizer: moved };
      const { params, learned, norm } = learn.update(held, gradients, state, now);
      const inputs = { lpips, codes: made.zQ, key };
      const taught = isAdversarial ? opponent.learn(state.critic, [x, made.xHat], inputs, now) : undefined;
      return {
        state: {
          model: params,
          ...learned,
          ...(isAveraged && { quantizer: moved }),
          critic: taught?.state ?? state.critic,
        },
        metrics: { ...judged.metrics, ...made.losses, ...(taught && { hinge: taught.hinge }), norm },
      };
    },
    before: async (at, state, source) => {
      if (at !== warmup || warmup === 0 || !isAveraged) return state;
      const encode = compile((params: TextureTokenizerParams, x: Tensor) => model.encode(params, x).texture);
      const { backend } = tensorsOf(state.model)[0]!;
      const sample = ({ large }: ImagePairs): Tensor => encode(state.model, large);
      const vectors = await sampleFeatures(backend, sample, source, { at, codes, vectors: batch * (crop / 8) ** 2 });
      const started = await startedParams(spec.name, quantizer, vectors, at);
      encode.dispose();
      vectors.dispose();
      const { quantizer: _, ...others } = state;
      return { ...mapTree(others, clone), quantizer: started };
    },
    open: async (seed) => openPairFolder({ ...(await run.crops(seed)), degradation }),
    validation: run.validation(({ average, quantizer: own }, at) =>
      at > warmup ? { model: average, quantizer: own } : undefined,
    ),
    publish: async ({ average, quantizer: own }) => {
      const { quantizer: learned, ...networks } = average;
      const handed = from ? await readPredictor(tensorsOf(networks)[0]!.backend, from) : undefined;
      const info = { model: modelOptions, quantizer: spec, degradation, ...handed?.info };
      const weights = { model: networks, quantizer: own ?? learned, ...handed?.weights };
      const bytes = await writeSr(weights, info);
      disposeTree(handed?.weights);
      return { 'sr-tokenizer.safetensors': bytes };
    },
  };
}

/** Parameters of the quantizer, wherever they are. */
function codesOf({ model, quantizer }: Pick<SrTokenizerState, 'model' | 'quantizer'>): unknown {
  return quantizer ?? model.quantizer;
}

/** What a checkpoint must agree in; sizes that the quantizer does not take are none of it. */
function identityOfRun(
  options: OptionValues<typeof srTokenizerOptions>,
  spec: NamedQuantizerSpec,
  network: TextureTokenizerOptions,
): Record<string, unknown> {
  const { parts, depth, levels, bits, ...own } = options;
  return { ...identityOf(srTokenizerOptions, own), ...(spec.name !== 'vq' && { quantizer: spec }), network };
}
