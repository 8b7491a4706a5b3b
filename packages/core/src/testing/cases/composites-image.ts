/** Composite ops on images, codebooks, optimizer steps and random bits, against their defaults on the reference. */
import { type HostTensor, hostTensor } from '../../cpu/host-kernel.ts';
import {
  adam,
  codeStatistics,
  nearestCode,
  pixelShuffle,
  pixelUnshuffle,
  type ResizeMethod,
  randomBits,
  resize,
  type Tensor,
} from '../../index.ts';
import { exact, expectClose, expectThat } from '../assertions.ts';
import type { ConformanceCase } from '../conformance-case.ts';
import { evaluate, opCase } from '../op-case.ts';
import { indices, integers, noise } from '../samples.ts';
import { roundedOnce, sumOf } from '../tolerances.ts';

/** Image, target height and width: larger, smaller, one way each, one pixel, the same. */
const resizes: readonly (readonly [readonly number[], number, number])[] = [
  [[1, 4, 5, 3], 8, 10],
  [[2, 7, 9, 1], 3, 4],
  [[1, 5, 8, 4], 11, 3],
  [[1, 1, 1, 2], 3, 5],
  [[1, 6, 6, 2], 1, 1],
  [[1, 5, 4, 3], 5, 4],
  [[1, 16, 12, 5], 6, 12],
];

const methods: readonly ResizeMethod[] = ['nearest', 'bilinear', 'bicubic'];

const resizeCases = methods.flatMap((method) =>
  [false, true].flatMap((antialias) =>
    resizes.map(([shape, height, width]) =>
      opCase(
        `composite: resize ${method}${antialias ? ' antialiased' : ''} [${shape}] to ${height}×${width}`,
        (x) => resize(x, { method, antialias, height, width }),
        () => [noise(shape, 331, 0, 1)],
        // Weights may be computed in float32 by an override: positions up to 16 carry 1e-6.
        { relative: 1e-5, absolute: 1e-5 },
      ),
    ),
  ),
);

const shuffles = [1, 2, 3].flatMap((factor) => [
  opCase(
    `composite: pixelShuffle by ${factor}`,
    (x) => pixelShuffle(x, factor),
    () => [noise([2, 3, 2, 5 * factor ** 2], 332)],
    exact,
  ),
  opCase(
    `composite: pixelUnshuffle by ${factor}`,
    (x) => pixelUnshuffle(x, factor),
    () => [noise([2, 2 * factor, 3 * factor, 5], 333)],
    exact,
  ),
]);

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

const adamState = () => [
  noise([3, 5], 341),
  noise([3, 5], 342),
  noise([3, 5], 343, -0.1, 0.1),
  noise([3, 5], 344, 0, 0.1),
];

function adamStep(weightDecay: number): (...xs: Tensor[]) => unknown {
  return (p, gradient, m, v, step) =>
    adam<Tensor>({ weightDecay, beta1: 0.8, beta2: 0.99 }).update(p!, gradient!, { step: step!, m: m!, v: v! }, 0.01);
}

/** Overrides around images, codes and training. */
export const imageCompositeCases: readonly ConformanceCase[] = [
  ...resizeCases,
  ...shuffles,
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
  ...[0, 0.1].map((decay) =>
    opCase(
      `composite: adamStep, weight decay ${decay}`,
      adamStep(decay),
      () => [...adamState(), hostTensor('f32', [], [3])],
      {
        relative: 1e-5,
        absolute: 1e-6,
      },
    ),
  ),
  ...[[], [1], [7], [2, 64], [70_001]].map((shape) =>
    opCase(
      `composite: randomBits [${shape}]`,
      (key) => randomBits(key, shape),
      () => [hostTensor('u32', [2], [123456789, 4000000000])],
      exact,
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
