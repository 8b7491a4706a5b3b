/**
 * Residual quantization: every stage quantizes what the stages before it left over, so a position can be described
 * coarsely or finely with the same parameters.
 *
 *   r₁ = z,  rᵢ₊₁ = rᵢ − qᵢ(rᵢ),  quantized = Σ qᵢ          indices [N,H,W,depth·S]
 *
 * With dropout, each image of a batch trains only its first stages. What it leaves out is said by a mask; indices stay
 * indices.
 *
 * @see Lee et al. 2022 (RQ-VAE), arXiv:2203.01941; Zeghidour et al. 2021 (SoundStream), arXiv:2107.03312, section III-C
 */
import {
  add,
  concat,
  div,
  mul,
  type Quantizer,
  split,
  stopGradient,
  sub,
  type Tensor,
  tensor,
  tidy,
} from '@vqkit/core';
import {
  type CodebookOptions,
  type CodebookParams,
  type CodebookQuantizer,
  type CodebookStatistics,
  checkCount,
  checkFeatures,
  checkIndices,
  checkName,
  codebookQuantizer,
  estimatorOf,
  type GradientEstimator,
  outOfRange,
  splitKey,
  splitSeed,
} from '@vqkit/core/codebook';
import { checkDropout, drawDepths, meanLosses, type StageDropout, stageMasks } from './dropout.ts';
import { updateShared } from './shared-update.ts';
import type { DecodeOptions, ResidualParams, ResidualQuantizer } from './types.ts';

/** How stages make a whole. */
export interface ResidualOptions {
  /** Number of stages, ≥ 1. */
  readonly depth: number;
  /** Whether all stages use one set of parameters. Default false. */
  readonly isShared?: boolean;
  /** In training (`quantize` with a `key`), let images use only their first stages. Default: never. */
  readonly dropout?: StageDropout;
  /**
   * Stage i works on its rest divided by scaleⁱ, and its codes are multiplied by that: one factor > 0, or one per channel.
   * 1/(L − 1) suits `fsq` of the variant `clamped`, ½ suits `lfq`. Default 1.
   */
  readonly scale?: number | readonly number[];
  /**
   * What passes to the features through the sum; `stages`: what passes through the stages themselves, one after the other,
   * each by its own estimator (which trains their codes by `diveq`). Default `straightThrough`.
   */
  readonly gradient?: Exclude<GradientEstimator, 'diveq'> | 'stages';
}

/**
 * Makes a residual quantizer. depth times the indices and the bits of a stage; losses are means over the stages.
 *
 * @param stage  The quantizer of a stage, or the options of its codebook.
 * @throws ValueError `VALUE_OUT_OF_RANGE` for impossible options.
 *
 * @example
 * const quantizer = residual({ codes: 256, dimension: 32 }, { depth: 4 }); // 32 bits per position
 * const { indices } = quantizer.quantize(quantizer.init(backend, 1), z); // z: [1, 16, 16, 32] → indices: [1, 16, 16, 4]
 */
export function residual(
  stage: CodebookOptions,
  options: ResidualOptions,
): ResidualQuantizer<CodebookParams, CodebookStatistics, CodebookQuantizer>;
export function residual<P, S, Q extends Quantizer<P, S>>(
  stage: Q & Quantizer<P, S>,
  options: ResidualOptions,
): ResidualQuantizer<P, S, Q>;
export function residual(stage: CodebookOptions | Quantizer<unknown, unknown>, options: ResidualOptions) {
  const inner = 'quantize' in stage ? stage : (codebookQuantizer('residual', stage) as Quantizer<unknown, unknown>);
  return residualOf(inner, options);
}

function residualOf<P, S>(stage: Quantizer<P, S>, options: ResidualOptions): ResidualQuantizer<P, S> {
  const { depth, isShared = false, dropout, scale = 1, gradient = 'straightThrough' } = options;
  checkCount('residual: depth', depth);
  checkDropout(dropout, depth);
  const { dimension } = stage;
  const slots = stage.codebookSizes.length;
  checkName('residual: gradient', gradient, ['straightThrough', 'rotation', 'stages']);
  const factors = scalesOf(scale, depth, dimension);
  const isWhole = gradient !== 'stages';
  /** To the size that a stage works in, and back. */
  const enlarged = (x: Tensor, i: number): Tensor => (factors[i] ? div(x, tensor(x.backend, factors[i])) : x);
  const restored = (q: Tensor, i: number): Tensor => (factors[i] ? mul(q, tensor(q.backend, factors[i])) : q);
  const stages = Array.from({ length: depth }, (_, i) => i);
  const of = (params: ResidualParams<P>, i: number): P => params.stages[isShared ? 0 : i]!;
  const byStage = (indices: Tensor): Tensor[] => split(indices, new Array<number>(depth).fill(slots));

  return {
    name: 'residual',
    stage,
    depth,
    isShared,
    scale,
    dimension,
    codebookSizes: stages.flatMap(() => stage.codebookSizes),
    bitsPerPosition: depth * stage.bitsPerPosition,
    init: (backend, seed) => ({
      stages: splitSeed(seed, isShared ? 1 : depth).map((own) => stage.init(backend, own)),
    }),
    quantize: (params, z, { key, weights } = {}) => {
      checkFeatures('residual', z, dimension);
      return tidy(() => {
        const keys = splitKey(key, depth + 1);
        const masks =
          dropout && key ? stageMasks(drawDepths(keys[depth]!, z.shape[0]!, depth, dropout), depth) : undefined;
        let rest = z;
        let total: Tensor | undefined;
        const results = stages.map((i) => {
          const mask = masks?.[i];
          const share = mask && weights ? mul(weights, mask) : (mask ?? weights);
          const result = stage.quantize(of(params, i), enlarged(rest, i), { weights: share, key: keys[i] });
          const whole = restored(result.quantized, i);
          const masked = mask ? mul(whole, mask) : whole;
          const q = isWhole ? stopGradient(masked) : masked;
          total = total ? add(total, q) : q;
          rest = sub(rest, q);
          return result;
        });
        return {
          quantized: isWhole ? estimatorOf(gradient)(z, total!) : total!,
          indices: concat(
            results.map(({ indices }) => indices),
            -1,
          ),
          losses: meanLosses(results.map(({ losses }) => losses)),
          statistics: results.map(({ statistics }) => statistics),
          ...(masks
            ? {
                mask: concat(
                  masks.flatMap((mask) => new Array<Tensor>(slots).fill(mask)),
                  -1,
                ),
              }
            : {}),
        };
      });
    },
    encode: (params, z) => {
      checkFeatures('residual', z, dimension);
      return tidy(() => {
        let rest = z;
        const indices = stages.map((i) => {
          const own = stage.encode(of(params, i), enlarged(rest, i));
          if (i < depth - 1) rest = sub(rest, restored(stage.decode(of(params, i), own), i));
          return own;
        });
        return concat(indices, -1);
      });
    },
    decode: (params, indices, { depth: used = depth, mask }: DecodeOptions = {}) => {
      checkIndices('residual', indices, depth * slots);
      checkCount('residual: depth', used);
      return tidy(() => {
        const masks = mask && byStage(mask);
        return byStage(indices)
          .slice(0, used)
          .map((own, i) => {
            const q = restored(stage.decode(of(params, i), own), i);
            return masks ? mul(q, firstSlot(masks[i]!)) : q;
          })
          .reduce((a, b) => add(a, b));
      });
    },
    update: (params, statistics, { key } = {}) =>
      tidy(() => {
        const keys = splitKey(key, depth);
        if (isShared) return { stages: [updateShared(stage, params.stages[0]!, statistics, keys)] };
        return { stages: params.stages.map((own, i) => stage.update(own, statistics[i]!, { key: keys[i] })) };
      }),
  };
}

/** Factors of the stages, per channel where they differ; undefined where there is nothing to do. */
export function scalesOf(
  scale: number | readonly number[],
  depth: number,
  dimension: number,
): (number[] | undefined)[] {
  const each = typeof scale === 'number' ? [scale] : scale;
  const isFine = each.every((factor) => factor > 0 && factor < Number.POSITIVE_INFINITY);
  if (!isFine || (each.length !== 1 && each.length !== dimension)) {
    throw outOfRange('residual: scale', `> 0, or ${dimension} such values`, `[${each}]`);
  }
  const isPlain = each.every((factor) => factor === 1);
  return Array.from({ length: depth }, (_, i) => (i === 0 || isPlain ? undefined : each.map((factor) => factor ** i)));
}

/** All slots of a stage are in or out together. */
function firstSlot(mask: Tensor): Tensor {
  return split(mask, [1, mask.shape[3]! - 1])[0]!;
}
