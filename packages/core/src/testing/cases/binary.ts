/** `binary`: every function over its dtypes, broadcasting in every direction. */
import type { BinaryOp } from '../../backend/kernels.ts';
import { type HostTensor, hostTensor } from '../../cpu/host-kernel.ts';
import type { DType, Shape } from '../../dtype.ts';
import { broadcastShapes } from '../../ops/broadcast-shapes.ts';
import { exact, type Tolerance } from '../assertions.ts';
import type { ConformanceCase } from '../conformance-case.ts';
import { kernelCase } from '../kernel-case.ts';
import { integers, noise, spec } from '../samples.ts';
import { roundedOnce, transcendental } from '../tolerances.ts';

const floatOps: Readonly<Partial<Record<BinaryOp, Tolerance>>> = {
  add: roundedOnce,
  sub: roundedOnce,
  mul: roundedOnce,
  div: transcendental,
  max: exact,
  min: exact,
};

/** Pairs of shapes that broadcast: equal, scalars, rows, columns, both at once, missing and empty axes. */
export const broadcastPairs: readonly { readonly a: Shape; readonly b: Shape }[] = [
  { a: [], b: [] },
  { a: [0], b: [0] },
  { a: [0, 3], b: [3] },
  { a: [7], b: [7] },
  { a: [2, 3, 5], b: [] },
  { a: [], b: [2, 3, 5] },
  { a: [4, 3], b: [3] },
  { a: [3], b: [4, 3] },
  { a: [4, 1], b: [1, 5] },
  { a: [1, 5], b: [4, 1] },
  { a: [2, 1, 3], b: [5, 1] },
  { a: [2, 3, 1, 5], b: [3, 4, 1] },
  { a: [1, 1, 1], b: [2, 1, 2] },
  { a: [1], b: [1031] },
  { a: [2, 4, 4, 8], b: [1, 1, 1, 8] },
  { a: [2, 4, 4, 8], b: [2, 4, 4, 1] },
  { a: [1, 2, 1, 2, 1, 2], b: [2, 1, 2, 1, 2, 1] },
];

function binaryCase(op: BinaryOp, a: HostTensor, b: HostTensor, tolerance: Tolerance, note: string): ConformanceCase {
  const shape = broadcastShapes(op, a.shape, b.shape);
  return kernelCase(
    `binary: ${op} ${a.dtype} ${note}`,
    () => ({ kernel: 'binary', inputs: [a, b], attributes: { op }, outputs: [spec(a.dtype, ...shape)] }),
    tolerance,
  );
}

const list = (dtype: DType, values: readonly number[]): HostTensor => hostTensor(dtype, [values.length], values);

const floatCases = Object.entries(floatOps).flatMap(([op, tolerance]) =>
  broadcastPairs.map(({ a, b }) =>
    binaryCase(op as BinaryOp, noise(a, 21, -3, 3), noise(b, 22, 0.5, 2), tolerance, `[${a}] with [${b}]`),
  ),
);

const integerOps = ['add', 'sub', 'mul', 'div', 'max', 'min', 'mod', 'and', 'or', 'xor'] as const;

const integerCases = (['i32', 'u32'] as const).flatMap((dtype) =>
  integerOps.flatMap((op) => {
    const low = dtype === 'i32' ? -50 : 0;
    return [
      binaryCase(op, integers(dtype, [5, 7], low, 100, 23), integers(dtype, [7], 1, 9, 24), exact, '[5,7] with [7]'),
      binaryCase(op, integers(dtype, [1], low, 100, 25), integers(dtype, [3, 2], 1, 9, 26), exact, '[1] with [3,2]'),
    ];
  }),
);

const i32Extremes = [2147483647, -2147483648, 2147483647, -2147483648, 65537, 123456789];
const i32Others = [1, -1, 2147483647, 2, 65537, -987654321];
const u32Extremes = [4294967295, 0, 4294967295, 0x9e3779b9, 2147483648, 65537];
const u32Others = [1, 1, 4294967295, 0x85ebca6b, 2, 65537];

const wrapping = (['add', 'sub', 'mul'] as const).flatMap((op) => [
  binaryCase(op, list('i32', i32Extremes), list('i32', i32Others), exact, 'wraps'),
  binaryCase(op, list('u32', u32Extremes), list('u32', u32Others), exact, 'wraps'),
]);

const shifts = (['shl', 'shr'] as const).flatMap((op) => [
  binaryCase(op, list('i32', [-8, 1, 2147483647, -1, 5]), list('i32', [1, 31, 4, 31, 0]), exact, 'by 0 to 31'),
  binaryCase(op, list('u32', [4294967288, 1, 0x80000000, 7, 5]), list('u32', [1, 31, 31, 2, 0]), exact, 'by 0 to 31'),
]);

const { NaN: nan, POSITIVE_INFINITY: inf } = Number;

/** All functions of two inputs. */
export const binaryCases: readonly ConformanceCase[] = [
  ...floatCases,
  ...integerCases,
  ...wrapping,
  ...shifts,
  binaryCase('max', list('f32', [nan, 1, nan, -inf, 2]), list('f32', [1, nan, nan, 3, inf]), exact, 'with NaN'),
  binaryCase('min', list('f32', [nan, 1, nan, -inf, 2]), list('f32', [1, nan, nan, 3, inf]), exact, 'with NaN'),
  binaryCase('max', list('u32', [4294967295, 2147483648]), list('u32', [1, 2147483647]), exact, 'beyond 2³¹'),
  binaryCase('div', list('u32', [4294967295, 2147483648]), list('u32', [2, 3]), exact, 'beyond 2³¹'),
  binaryCase('mod', list('u32', [4294967295, 2147483651]), list('u32', [10, 2147483648]), exact, 'beyond 2³¹'),
  binaryCase('mod', list('i32', [7, -7, 7, -7, 6, -6]), list('i32', [3, 3, -3, -3, 3, -3]), exact, 'of mixed signs'),
  binaryCase('div', list('i32', [7, -7, 7, -7, 6, -6]), list('i32', [2, 2, -2, -2, 3, -3]), exact, 'of mixed signs'),
  binaryCase('mod', list('f32', [5.5, -5.5, 5.5, -5.5, 4]), list('f32', [2, 2, -2, -2, 2]), exact, 'of mixed signs'),
  binaryCase(
    'pow',
    noise([4, 5], 27, 0.1, 3),
    noise([5], 28, -3, 3),
    { relative: 2e-5, absolute: 1e-6 },
    '[4,5] with [5]',
  ),
  // A negative base with whole exponents, and the zeros of polynomials.
  binaryCase(
    'pow',
    list('f32', [-2, -2, 0, 2, -3]),
    list('f32', [2, 3, 2, 0, 1]),
    { relative: 2e-5, absolute: 1e-6 },
    'of whole exponents',
  ),
];
