/** `reduce` and `argReduce`: every op, any axes, empty axes, ties and large sums. */
import type { ReduceOp } from '../../backend/kernels.ts';
import { type HostTensor, hostTensor } from '../../cpu/host-kernel.ts';
import type { Shape } from '../../dtype.ts';
import { exact, type Tolerance } from '../assertions.ts';
import type { ConformanceCase } from '../conformance-case.ts';
import { kernelCase } from '../kernel-case.ts';
import { integers, noise, spec } from '../samples.ts';
import { sumOf } from '../tolerances.ts';

const reduceOps = ['sum', 'mean', 'max', 'min', 'prod'] as const satisfies readonly ReduceOp[];

/** Shapes with the axes to reduce: none, one, several, all, width 1, not a multiple of 4. */
const layouts: readonly (readonly [Shape, readonly number[]])[] = [
  [[], []],
  [[5], [0]],
  [[1], [0]],
  [[3, 5], []],
  [[3, 5], [0]],
  [[3, 5], [1]],
  [
    [3, 5],
    [0, 1],
  ],
  [[2, 3, 4, 5], [2]],
  [
    [2, 3, 4, 5],
    [1, 2],
  ],
  [
    [2, 3, 4, 5],
    [0, 3],
  ],
  [
    [2, 3, 4, 5],
    [0, 1, 2],
  ],
  [[4, 1, 7], [1]],
  [[1, 1, 9], [2]],
  [[0, 4], [1]],
];

function keptShape(shape: Shape, axes: readonly number[], keepDims: boolean): number[] {
  return shape.flatMap((n, i) => (!axes.includes(i) ? [n] : keepDims ? [1] : []));
}

function reduceCase(
  op: ReduceOp,
  x: HostTensor,
  axes: readonly number[],
  tolerance: Tolerance,
  note = '',
): ConformanceCase[] {
  return [false, true].map((keepDims) =>
    kernelCase(
      `reduce: ${op} ${x.dtype} [${x.shape}] over [${axes}]${keepDims ? ', axes kept' : ''}${note}`,
      () => ({
        kernel: 'reduce',
        inputs: [x],
        attributes: { op, axes, keepDims },
        outputs: [spec(x.dtype, ...keptShape(x.shape, axes, keepDims))],
      }),
      tolerance,
    ),
  );
}

const small = reduceOps.flatMap((op) =>
  layouts.flatMap(([shape, axes]) => [
    // Products of up to 120 factors near 1 keep their size.
    ...reduceCase(op, op === 'prod' ? noise(shape, 41, 0.8, 1.2) : noise(shape, 42), axes, sumOf(120)),
    ...(op === 'mean' ? [] : reduceCase(op, integers('i32', shape, -3, 9, 43), axes, exact)),
    ...(op === 'mean' ? [] : reduceCase(op, integers('u32', shape, 0, 9, 44), axes, exact)),
  ]),
);

const empty = reduceOps.flatMap((op) => reduceCase(op, hostTensor('f32', [0, 3], []), [0], exact, ', of nothing'));

function argCase(op: 'argmax' | 'argmin', x: HostTensor, axis: number, note = ''): ConformanceCase {
  return kernelCase(`argReduce: ${op} ${x.dtype} [${x.shape}] along ${axis}${note}`, () => ({
    kernel: 'argReduce',
    inputs: [x],
    attributes: { op, axis },
    outputs: [spec('u32', ...x.shape.filter((_, i) => i !== axis))],
  }));
}

const argShapes: readonly (readonly [Shape, number])[] = [
  [[1], 0],
  [[9], 0],
  [[3, 5], 0],
  [[3, 5], 1],
  [[2, 7, 3], 1],
  [[4, 1, 3], 1],
  [[0, 5], 1],
  [[3, 1029], 1],
];

const { NaN: nan, NEGATIVE_INFINITY: low } = Number;
const row = (values: readonly number[]): HostTensor => hostTensor('f32', [values.length], values);

const argCases = (['argmax', 'argmin'] as const).flatMap((op) => [
  ...argShapes.map(([shape, axis]) => argCase(op, noise(shape, 45), axis)),
  // Few distinct values: ties everywhere.
  argCase(op, integers('f32', [17, 33], 0, 3, 46), 1, ', many ties'),
  argCase(op, integers('i32', [9, 8], -2, 2, 47), 0, ', many ties'),
  argCase(op, integers('u32', [9, 8], 0, 2, 48), 1, ', many ties'),
  argCase(op, hostTensor('f32', [300], new Float32Array(300)), 0, ', all equal'),
  argCase(op, row([3, nan, 1, nan, 9]), 0, ', NaN wins'),
  argCase(op, row([low, low, low]), 0, ', infinities'),
]);

/** Reductions. */
export const reduceCases: readonly ConformanceCase[] = [
  ...small,
  ...empty,
  ...reduceCase('sum', hostTensor('i32', [2], [2147483647, 1]), [0], exact, ', wraps'),
  ...reduceCase('sum', hostTensor('u32', [3], [4294967295, 4294967295, 7]), [0], exact, ', wraps'),
  ...reduceCase('max', hostTensor('u32', [2], [2147483648, 1]), [0], exact, ', beyond 2³¹'),
  // Beyond 2²⁴ float32 cannot hold every integer.
  ...reduceCase('sum', integers('i32', [500], 0, 1_000_000, 49), [0], exact),
  ...argCases,
];
