/** `matmul`: all transposes, batches that are shared, awkward and empty sizes. */
import type { ConformanceCase } from '../conformance-case.ts';
import { kernelCase } from '../kernel-case.ts';
import { noise, spec } from '../samples.ts';
import { sumOf } from '../tolerances.ts';

/** Batches of both sides, then M, K, N. */
const sizes: readonly (readonly [ba: number, bb: number, m: number, k: number, n: number])[] = [
  [1, 1, 1, 1, 1],
  [1, 1, 2, 3, 4],
  [1, 1, 5, 1, 7],
  [1, 1, 1, 9, 1],
  [2, 2, 3, 5, 2],
  [3, 1, 4, 3, 5],
  [1, 3, 4, 3, 5],
  [1, 1, 33, 17, 65],
  [1, 1, 64, 64, 64],
  [2, 2, 31, 130, 29],
];

function matmulCase(
  [ba, bb, m, k, n]: (typeof sizes)[number],
  transposeA: boolean,
  transposeB: boolean,
): ConformanceCase {
  const a = transposeA ? [ba, k, m] : [ba, m, k];
  const b = transposeB ? [bb, n, k] : [bb, k, n];
  return kernelCase(
    `matmul: [${a}]${transposeA ? 'ᵀ' : ''} × [${b}]${transposeB ? 'ᵀ' : ''}`,
    () => ({
      kernel: 'matmul',
      inputs: [noise(a, 61), noise(b, 62)],
      attributes: { transposeA, transposeB },
      outputs: [spec('f32', Math.max(ba, bb), m, n)],
    }),
    sumOf(k),
  );
}

/** Matrix products. */
export const matmulCases: readonly ConformanceCase[] = [
  ...sizes.flatMap((size) =>
    [false, true].flatMap((transposeA) => [false, true].map((transposeB) => matmulCase(size, transposeA, transposeB))),
  ),
  // Long dot products: float32 sums over thousands of terms.
  matmulCase([1, 1, 3, 4099, 2], false, false),
  matmulCase([1, 1, 1, 512, 513], false, true),
  // Nothing to sum, and nothing to compute.
  ...(
    [
      [1, 1, 2, 0, 3],
      [1, 1, 0, 2, 3],
      [2, 2, 2, 3, 0],
    ] as const
  ).map((size) =>
    kernelCase(`matmul: empty M, K, N = ${size.slice(2)}`, () => {
      const [ba, bb, m, k, n] = size;
      return {
        kernel: 'matmul',
        inputs: [noise([ba, m, k], 63), noise([bb, k, n], 64)],
        attributes: { transposeA: false, transposeB: false },
        outputs: [spec('f32', ba, m, n)],
      };
    }),
  ),
];
