/** `compare`, `where` and `cast`: truth values, selection and conversion. */
import type { CompareOp } from '../../backend/kernels.ts';
import { type HostTensor, hostTensor } from '../../cpu/host-kernel.ts';
import type { DType, TypedArray } from '../../dtype.ts';
import { broadcastShapes } from '../../ops/broadcast-shapes.ts';
import { exact } from '../assertions.ts';
import type { ConformanceCase } from '../conformance-case.ts';
import { kernelCase } from '../kernel-case.ts';
import { anyValues, integers, noise, spec } from '../samples.ts';
import { roundedOnce } from '../tolerances.ts';
import { broadcastPairs } from './binary.ts';

const compareOps = ['eq', 'ne', 'lt', 'le', 'gt', 'ge'] as const satisfies readonly CompareOp[];
const { NaN: nan, POSITIVE_INFINITY: inf } = Number;
const list = (dtype: DType, values: readonly number[]): HostTensor => hostTensor(dtype, [values.length], values);

function compareCase(op: CompareOp, a: HostTensor, b: HostTensor, note: string): ConformanceCase {
  const shape = broadcastShapes(op, a.shape, b.shape);
  return kernelCase(`compare: ${op} ${a.dtype} ${note}`, () => ({
    kernel: 'compare',
    inputs: [a, b],
    attributes: { op },
    outputs: [spec('u8', ...shape)],
  }));
}

const comparisons = compareOps.flatMap((op) => [
  ...(['f32', 'i32', 'u32', 'u8'] as const).flatMap((dtype) =>
    broadcastPairs
      .filter((_, i) => dtype === 'f32' || i % 4 === 2)
      // Few distinct values, so that equal ones occur.
      .map(({ a, b }) =>
        compareCase(op, integers(dtype, a, 0, 4, 31), integers(dtype, b, 0, 4, 32), `[${a}] with [${b}]`),
      ),
  ),
  compareCase(
    op,
    list('f32', [nan, 1, nan, inf, -inf, 0]),
    list('f32', [1, nan, nan, inf, inf, -0]),
    'with NaN and infinities',
  ),
  compareCase(op, list('u32', [4294967295, 1]), list('u32', [1, 2147483648]), 'beyond 2³¹'),
  compareCase(op, list('i32', [-1, -2147483648]), list('i32', [1, 2147483647]), 'below zero'),
  // float32 would find these equal.
  compareCase(op, list('i32', [16777217]), list('i32', [16777216]), 'beyond 2²⁴'),
]);

const whereShapes: readonly (readonly (readonly number[])[])[] = [
  [[], [], []],
  [[0], [0], []],
  [[6], [6], [6]],
  [[4, 1], [1, 3], []],
  [[2, 3], [], [3]],
  [[], [2, 3], [2, 1]],
  [[3], [2, 1, 3], [4, 1]],
];

const selections = (['f32', 'i32', 'u32', 'u8'] as const).flatMap((dtype) =>
  whereShapes.map((shapes) => {
    const [c, a, b] = shapes as [number[], number[], number[]];
    return kernelCase(`where: ${dtype} [${c}] ? [${a}] : [${b}]`, () => ({
      kernel: 'where',
      inputs: [integers('u8', c, 0, 2, 33), anyValues(dtype, a, 34), anyValues(dtype, b, 35)],
      outputs: [spec(dtype, ...broadcastShapes('where', c, a, b))],
    }));
  }),
);

function castCase(to: DType, x: HostTensor, note: string, tolerance = exact): ConformanceCase {
  const makeCall = () => ({ kernel: 'cast', inputs: [x], outputs: [spec(to, ...x.shape)] });
  return kernelCase(`cast: ${x.dtype} to ${to} ${note}`, makeCall, tolerance);
}

const numeric = ['f32', 'i32', 'u32', 'u8'] as const;

const plainCasts = numeric.flatMap((from) =>
  numeric
    .filter((to) => to !== from)
    .flatMap((to) => [
      castCase(to, integers(from, [3, 5], 0, 200, 36), '[3,5]'),
      castCase(to, integers(from, [], 0, 200, 37), 'scalar'),
      castCase(to, integers(from, [0], 0, 200, 38), 'empty'),
    ]),
);

const awkwardFloats = [-1.9, -0.5, 0.5, 1.9, 255.7, 256, -300, 3e9, -3e9, 1e20, -1e20, nan, inf, -inf];
/** All f16 bit patterns but NaN, whose payload may change. */
const halves: TypedArray = Uint16Array.from({ length: 2 * 0x7c01 }, (_, i) => (i < 0x7c01 ? i : 0x8000 + i - 0x7c01));
/** Float32 values halfway between f16 neighbours, next to them, subnormal in f16, and around its overflow. */
const roundings = [1, 3, 5].flatMap((k) => [
  1 + k * 2 ** -11,
  1 + k * 2 ** -11 + 2 ** -23,
  1 + k * 2 ** -11 - 2 ** -23,
  k * 2 ** -25,
  k * 2 ** -25 + 2 ** -40,
  -(2 ** -14) + k * 2 ** -25,
]);

/** Comparisons, selection, conversions. */
export const compareCases: readonly ConformanceCase[] = [
  ...comparisons,
  ...selections,
  ...plainCasts,
  ...(['i32', 'u32', 'u8'] as const).map((to) => castCase(to, list('f32', awkwardFloats), 'saturates')),
  castCase('u32', list('i32', [-1, -2147483648, 5]), 'wraps'),
  castCase('i32', list('u32', [4294967295, 2147483648, 5]), 'wraps'),
  castCase('u8', list('i32', [-1, 256, 257, 511]), 'wraps'),
  castCase('u8', list('u32', [4294967295, 256, 3]), 'wraps'),
  // WGSL leaves open which of the two nearest floats an integer becomes.
  castCase('f32', list('u32', [4294967295, 16777217, 2147483648]), 'beyond 2²⁴', roundedOnce),
  castCase('f32', hostTensor('f16', [halves.length], halves), 'of every pattern'),
  castCase('f16', noise([7, 3], 39, -100, 100), 'of noise'),
  castCase(
    'f16',
    list('f32', [...roundings, 65504, 65519, 65520, -65520, 1e30, inf, 1e-8, -1e-8, 0]),
    'rounds to even',
  ),
];
