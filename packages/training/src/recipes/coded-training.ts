/**
 * How autoencoders with codes learn beside a discriminator: likeness (L1 and LPIPS) and the codebook from the start, the
 * discriminator later, its pull scaled to that of likeness at a layer of the decoder. Codes follow by averages where their
 * quantizer can, which then starts by k-means; else gradients move them.
 *
 * @see Esser et al. 2021 (VQGAN), arXiv:2012.09841, section 3.1
 */
import { type Backend, clone, compile, mapTree, type Tensor, tensorsOf } from '@vqkit/core';
import type { LpipsParams } from '@vqkit/metrics';
import type { PatchDiscriminatorOptions } from '@vqkit/models';
import type { BatchSource } from '../data/batch-source.ts';
import type { StepInputs, StepResult } from '../loop/recipe.ts';
import { judgeImages, type Made, steered } from './adversarial-direction.ts';
import { type CriticState, critic } from './critic.ts';
import type { JudgeName } from './judge.ts';
import { type Learned, learner, type OptimizerName } from './photo/learner.ts';
import { likeness } from './photo/likeness.ts';
import { sampleFeatures } from './photo/sample-features.ts';
import { type FollowName, followingQuantizer, type NamedQuantizerSpec, startedParams } from './quantizers.ts';

/** What gradients move: networks, and the quantizer where its codes do not follow by averages. */
export interface CodedModel {
  readonly quantizer?: unknown;
}

/** The training state. */
export interface CodedState<M extends CodedModel> extends Learned<M> {
  readonly model: M;
  /** Codes that follow by averages. */
  readonly quantizer?: unknown;
  readonly critic: CriticState;
}

/** Choices of a training. */
export interface CodedTrainingOptions<M extends CodedModel> {
  readonly spec: NamedQuantizerSpec;
  /** Default `averages`. */
  readonly follow?: FollowName;
  readonly optimizer: OptimizerName;
  /** Weight of L1 and LPIPS at half resolution. */
  readonly half: number;
  readonly discriminator: JudgeName;
  readonly patch?: PatchDiscriminatorOptions | undefined;
  /** Length of the adversarial gradient relative to the others, where `layerOf` says; 0: none. */
  readonly adversarial: number;
  readonly layerOf: (gradients: M) => unknown;
  /** Steps without quantization at the start, and steps before the discriminator begins. */
  readonly warmup: number;
  readonly delay: number;
}

/** What features become: themselves, before there are codes. */
export interface CodedFeatures {
  readonly zQ: Tensor;
  readonly losses?: Readonly<Record<string, Tensor>>;
  readonly statistics?: unknown;
}

/** From the model and its quantizer to images, with what the quantizer said on the way. */
export type MakeCoded<M> = (params: M, code: (z: Tensor) => CodedFeatures) => Made & CodedFeatures;

/** What the codes start from. */
export interface StartOptions<M, B> {
  readonly imagesOf: (batch: B) => Tensor;
  readonly encode: (model: M, x: Tensor) => Tensor;
  readonly codes: number;
  /** Feature vectors per batch. */
  readonly vectors: number;
}

/** Parameters of the quantizer, wherever they are. */
export function codesOf({ model, quantizer }: Pick<CodedState<CodedModel>, 'model' | 'quantizer'>): unknown {
  return quantizer ?? model.quantizer;
}

/** Makes the training. */
export function codedTraining<M extends CodedModel>(options: CodedTrainingOptions<M>) {
  const { spec, follow, adversarial, layerOf, warmup, delay } = options;
  const { quantizer, isAveraged } = followingQuantizer(spec, follow);
  const learn = learner<M>(options.optimizer);
  const alike = likeness(options.half);
  const opponent = critic(options.discriminator, quantizer.dimension, options.patch);
  return {
    quantizer,
    phase: (at: number): string =>
      at < warmup ? 'continuous' : at < delay || adversarial === 0 ? 'quantized' : 'adversarial',
    /** The state from networks and codes, which it keeps. */
    init: (backend: Backend, seed: number, networks: M, codes: unknown): CodedState<M> => {
      const model: M = { ...networks, ...(!isAveraged && { quantizer: codes }) };
      const held = isAveraged ? { quantizer: codes } : {};
      return { model, ...held, ...learn.init(model), critic: opponent.init(backend, seed) };
    },
    /** One step. @param x  Images, f32 `[N, H, W, 3]` in [−1, 1]. */
    step: (
      phase: string,
      state: CodedState<M>,
      x: Tensor,
      { rate, key }: Pick<StepInputs, 'rate' | 'key'>,
      lpips: LpipsParams,
      makeCoded: MakeCoded<M>,
    ): StepResult<CodedState<M>> => {
      const make = (params: M) => {
        const own = codesOf({ ...state, model: params });
        return makeCoded(params, (z) => {
          if (phase === 'continuous') return { zQ: z };
          const { quantized: zQ, losses, statistics } = quantizer.quantize(own, z, { key });
          return { zQ, losses, statistics };
        });
      };
      const isAdversarial = phase === 'adversarial';
      const network = { params: state.model, imageOf: (own: M) => make(own).xHat, layerOf };
      const { gradients, made, judged } = steered(make, state.model, ({ xHat, zQ }) => {
        const pull = (y: Tensor) => opponent.pull(state.critic, y, { lpips, codes: zQ, key });
        const discriminator = isAdversarial ? { pull, network, weight: adversarial } : undefined;
        return judgeImages(xHat, (y) => alike(lpips, y, x, key), discriminator);
      });
      const codesNow = codesOf(state);
      const moved = made.statistics ? quantizer.update(codesNow, made.statistics, { key }) : codesNow;
      // As in the papers' code, codes are moved first and then make the gradient step.
      const held = isAveraged ? state.model : { ...state.model, quantizer: moved };
      const { params, learned, norm } = learn.update(held, gradients, state, rate);
      const inputs = { lpips, codes: made.zQ, key };
      const taught = isAdversarial ? opponent.learn(state.critic, [x, made.xHat], inputs, rate) : undefined;
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
    /** Before step `at`: at the end of the warm-up, a copy of the state with codes that k-means found in features; else the state. */
    start: async <B>(
      at: number,
      state: CodedState<M>,
      source: BatchSource<B>,
      { imagesOf, encode, ...sizes }: StartOptions<M, B>,
    ): Promise<CodedState<M>> => {
      if (at !== warmup || warmup === 0 || !isAveraged) return state;
      const { backend } = tensorsOf(state.model)[0]!;
      const compiled = compile(encode);
      const sample = (batch: B): Tensor => compiled(state.model, imagesOf(batch));
      const vectors = await sampleFeatures(backend, sample, source, { at, ...sizes });
      const started = await startedParams(spec.name, quantizer, vectors, at);
      compiled.dispose();
      vectors.dispose();
      const { quantizer: _, ...others } = state;
      return { ...mapTree(others, clone), quantizer: started };
    },
  };
}
