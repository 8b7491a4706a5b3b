/** Assignment: which code a vector gets, by distance or by angle, the nearest or one drawn. */
import { customGrad } from '../autograd/value-and-grad.ts';
import { add, div, maximum, mul, sub } from '../ops/binary.ts';
import { less, where } from '../ops/compare.ts';
import { concat } from '../ops/layout.ts';
import { matmul } from '../ops/matmul.ts';
import { nearestCode } from '../ops/nearest-code.ts';
import { argmax, sum } from '../ops/reduce.ts';
import { reshape } from '../ops/reshape.ts';
import { slice } from '../ops/slice.ts';
import { sqrt, square } from '../ops/unary.ts';
import { tidy } from '../tensor/scope.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { gumbelBits, splitKey } from './keys.ts';

/**
 * `l2`: the nearest code. `cosine`: the code at the smallest angle; lengths play no role in the choice, and the code itself
 * is what a vector becomes. `spherical`: vectors and codes are scaled to length 1 first, so that what a vector becomes has
 * length 1 too, and losses compare directions.
 */
export type Metric = 'l2' | 'cosine' | 'spherical';

/** The names of all metrics, for what reads them from a file. */
export const metrics: readonly Metric[] = ['l2', 'cosine', 'spherical'];

/** Vectors count as at least so long where gradients pass, our bound: 1/‖x‖ has none, and one step at x = 0 would undo all others. */
const shortest = 1e-3;

const scaled = customGrad((x) => {
  // 1e-24: squares of values below 1e-12 vanish beside those of any feature.
  const length = sqrt(add(sum(square(x!), { axes: -1, keepDims: true }), 1e-24));
  const unit = div(x!, length);
  const gradient = (dy: Tensor): [Tensor] => {
    const along = sum(mul(unit, dy), { axes: -1, keepDims: true });
    // Where x is not finite it has no direction, and 0 times NaN would be NaN.
    return [where(less(length, 1e30), div(sub(dy, mul(unit, along)), maximum(length, shortest)), 0)];
  };
  return { value: unit, gradient };
});

/**
 * Vectors scaled to length 1; zero vectors stay zero. The gradient is that of x/‖x‖, at most a thousand times what comes in:
 * vectors shorter than 1/1000 count as that long, and none passes to those that are not finite.
 *
 * @param x  f32 `[…, D]`.
 */
export function unitVectors(x: Tensor): Tensor {
  return scaled(x);
}

/** Vectors as a metric compares them: unit vectors unless by distance; the nearest is then the one at the smallest angle. */
export function comparable(x: Tensor, metric: Metric): Tensor {
  return metric === 'l2' ? x : unitVectors(x);
}

/**
 * Index of each vector's code; memory does not grow with N·K.
 *
 * @param vectors  f32 `[…, D]`.
 * @param codebook  f32 `[K, D]`.
 * @returns u32 `[…]`, each in `[0, K)`; the lowest index on ties.
 */
export function assign(vectors: Tensor, codebook: Tensor, metric: Metric): Tensor {
  return nearestCode(comparable(vectors, metric), comparable(codebook, metric)).indices;
}

/**
 * How alike vectors and codes are: the cosine, or −‖v − c‖² without ‖v‖², which is the same for all codes.
 *
 * @returns f32 `[N, K]`.
 */
export function similarity(vectors: Tensor, codebook: Tensor, metric: Metric): Tensor {
  const codes = comparable(codebook, metric);
  const product = matmul(comparable(vectors, metric), codes, { transposeB: true });
  return metric === 'l2' ? sub(mul(product, 2), sum(square(codes), { axes: 1 })) : product;
}

/** Elements of the similarity matrix that are held at a time: 4 M floats, 16 MB. */
const chunkElements = 1 << 22;

/**
 * Index of a code for each vector, drawn with probability softmax(similarity/T).
 *
 * @param vectors  f32 `[N, D]`.
 * @param temperature  T > 0.
 * @param key  u32 `[2]`.
 * @returns u32 `[N]`.
 * @see Jang et al. 2017, arXiv:1611.01144 (the Gumbel-max trick, section 2)
 */
export function drawCodes(
  vectors: Tensor,
  codebook: Tensor,
  metric: Metric,
  { temperature, key }: { temperature: number; key: Tensor },
): Tensor {
  const [n, d] = vectors.shape as [number, number];
  const rows = Math.max(1, Math.floor(chunkElements / codebook.shape[0]!));
  const keys = splitKey(key, Math.max(1, Math.ceil(n / rows)));
  return tidy(() =>
    concat(
      keys.map((own, i) => {
        const part = slice(vectors, [i * rows, 0], { size: [Math.min(rows, n - i * rows), d] });
        const scores = div(similarity(part, codebook, metric), temperature);
        return reshape(argmax(add(scores, gumbelBits(own, scores.shape)), 1), [part.shape[0]!]);
      }),
    ),
  );
}
