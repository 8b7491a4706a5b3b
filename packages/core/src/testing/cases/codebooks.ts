/** `nearestCode` and `codeStatistics` against their defaults. */
import type { HostTensor } from '../../cpu/host-kernel.ts';
import { codeStatistics, nearestCode, type Tensor } from '../../index.ts';
import { exact, expectClose, expectThat } from '../assertions.ts';
import type { ConformanceCase } from '../conformance-case.ts';
import { evaluate, opCase } from '../op-case.ts';
import { indices, integers, noise } from '../samples.ts';
import { roundedOnce, sumOf } from '../tolerances.ts';

/** Vectors, codes, dimension. */
const codebooks: readonly (readonly [number, number, number])[] = [
  [1, 1, 1],
  [0, 4, 3],
  [5, 1, 3],
  [7, 9, 4],
  [33, 65, 5],
  [130, 512, 16],
  [64, 100, 64],
  [70_001, 5, 2],
];

/**
 * Fast kernels expand the square, and may choose another code when two are nearly as near. So indices are not compared:
 * the distance from each vector to its chosen code must be the smallest within rounding, and be what is reported.
 */
function nearestCodeCase([n, k, d]: readonly [number, number, number]): ConformanceCase {
  return {
    name: `composite: nearestCode of ${n} vectors among ${k} codes of ${d}`,
    run: async ({ backend, reference, toleranceScale }) => {
      const inputs = [noise([n, d], 334), noise([k, d], 335)];
      const run = (x: Tensor, codes: Tensor): Tensor[] => Object.values(nearestCode(x, codes));
      const [chosen, distances] = await evaluate(backend, run, inputs);
      const [, smallest] = await evaluate(reference, run, inputs);
      expectThat(chosen!.dtype === 'u32' && chosen!.data.every((i) => i < k), `expected u32 indices below ${k}`);
      // Rounding of an expanded square is relative to |x|² + |c|², which is about 2d/3 here.
      const tolerance = { relative: 1e-5, absolute: d * 4e-6 * toleranceScale };
      expectClose(distances!.data, smallest!.data, tolerance, 'squared distances');
      expectClose(distancesTo(inputs, chosen!.data), smallest!.data, tolerance, 'distances to the chosen codes');
    },
  };
}

function distancesTo([x, codes]: readonly HostTensor[], chosen: ArrayLike<number>): Float64Array {
  const d = x!.shape[1]!;
  const result = new Float64Array(chosen.length);
  for (let i = 0; i < x!.data.length; i++) {
    const row = Math.floor(i / d);
    result[row]! += (x!.data[i]! - codes!.data[chosen[row]! * d + (i % d)]!) ** 2;
  }
  return result;
}

/** Small whole numbers: squares and products are exact in float32, so ties are ties everywhere. */
const tied = () => [integers('f32', [200, 3], -2, 3, 336), integers('f32', [40, 3], -2, 3, 337)];

/** Nearest codes and code statistics. */
export const codebookCases: readonly ConformanceCase[] = [
  ...codebooks.map(nearestCodeCase),
  opCase('composite: nearestCode takes the lowest index among equals', (x, c) => nearestCode(x, c), tied, exact),
  ...[
    [5, 3, 2],
    [0, 4, 3],
    [1000, 7, 5],
    [70_001, 16, 1],
  ].map(([n, k, d]) =>
    opCase(
      `composite: codeStatistics of ${n} vectors, ${k} codes`,
      (x, i) => codeStatistics(x, i, k!),
      () => [noise([n!, d!], 338), indices([n!], k!, 339)],
      sumOf(Math.min(n! / k!, 5000), 0.25),
    ),
  ),
  opCase(
    'composite: nearestCode of one exact match',
    (x, c) => nearestCode(x, c).distances,
    () => [noise([3, 8], 340), noise([3, 8], 340)],
    {
      relative: roundedOnce.relative,
      absolute: 1e-5,
    },
  ),
];
