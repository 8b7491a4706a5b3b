/**
 * Any quantizer behind learned linear maps: features of one length, codes of another.
 *
 *   z [N,H,W,D] → linear → [N,H,W,d] → quantizer → indices
 *                                         └→ linear → quantized [N,H,W,D]
 *
 * Short codes (8 … 32 values) are used more evenly than long ones, which is what the projection is for.
 *
 * @see Yu et al. 2021 (ViT-VQGAN), arXiv:2110.04627, section 3.2, "factorized codes"
 */
import { stopGradient } from '../autograd/stop-gradient.ts';
import { linear } from '../ops/matmul.ts';
import { random } from '../random/random.ts';
import { tidy } from '../tensor/scope.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { mapTree } from '../tree/tree.ts';
import { checkCount } from './codebook.ts';
import { checkFeatures, checkIndices } from './feature-checks.ts';
import { splitSeed } from './keys.ts';
import type { Quantizer } from './quantizer.ts';

/** Options of `project`. */
export interface ProjectOptions {
  /** D ≥ 1: length of the features. */
  readonly dimension: number;
}

/** A learned linear map. */
export interface Projection {
  /** f32 `[from, to]`. */
  readonly weight: Tensor;
  /** f32 `[to]`. */
  readonly bias: Tensor;
}

/** Parameters of `project`. */
export interface ProjectParams<P> {
  readonly into: Projection;
  readonly outOf: Projection;
  readonly inner: P;
}

/** A quantizer behind linear maps. */
export interface ProjectedQuantizer<P, S, Q extends Quantizer<P, S> = Quantizer<P, S>>
  extends Quantizer<ProjectParams<P>, S> {
  /** What quantizes the projected features. */
  readonly inner: Q;
}

/**
 * Puts linear maps before and after a quantizer. Bits, indices, losses and statistics are those of the quantizer; the
 * gradient of `quantized` trains both maps.
 *
 * @throws ValueError `VALUE_OUT_OF_RANGE`
 *
 * @example
 * const quantizer = project(vq({ codes: 8192, dimension: 8 }), { dimension: 256 });
 * const { indices } = quantizer.quantize(quantizer.init(backend, 1), z); // z: [1, 16, 16, 256] → indices: [1, 16, 16, 1]
 */
export function project<P, S, Q extends Quantizer<P, S>>(
  inner: Q & Quantizer<P, S>,
  { dimension }: ProjectOptions,
): ProjectedQuantizer<P, S, Q> {
  checkCount('project: dimension', dimension);
  const map = (x: Tensor, { weight, bias }: Projection): Tensor => linear(x, weight, bias);
  return {
    name: 'project',
    inner,
    dimension,
    codebookSizes: inner.codebookSizes,
    bitsPerPosition: inner.bitsPerPosition,
    init: (backend, seed) => {
      const [own, maps] = splitSeed(seed, 2) as [number, number];
      const stream = random(maps);
      const between = (from: number, to: number): Projection => {
        // As PyTorch starts its linear layers.
        const bound = 1 / Math.sqrt(from);
        return {
          weight: stream.uniform(backend, [from, to], -bound, bound),
          bias: stream.uniform(backend, [to], -bound, bound),
        };
      };
      return {
        into: between(dimension, inner.dimension),
        outOf: between(inner.dimension, dimension),
        inner: inner.init(backend, own),
      };
    },
    quantize: (params, z, options) => {
      checkFeatures('project', z, dimension);
      return tidy(() => {
        const result = inner.quantize(params.inner, map(z, params.into), options);
        return { ...result, quantized: map(result.quantized, params.outOf) };
      });
    },
    encode: (params, z) => {
      checkFeatures('project', z, dimension);
      return tidy(() => inner.encode(params.inner, map(z, params.into)));
    },
    decode: (params, indices) => {
      checkIndices('project', indices, inner.codebookSizes.length);
      return tidy(() => map(inner.decode(params.inner, indices), params.outOf));
    },
    update: ({ into, outOf, inner: own }, statistics, options) =>
      // New tensors on the same values, which outlive the old ones.
      tidy(() => ({ ...mapTree({ into, outOf }, stopGradient), inner: inner.update(own, statistics, options) })),
  };
}
