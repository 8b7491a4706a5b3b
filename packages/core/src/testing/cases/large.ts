/**
 * More than 65,535 of everything: rows, batches, pixels, indices. A dispatch grid of a GPU ends there, and kernels
 * that put rows on one of its axes fail silently.
 */
import type { HostTensor } from '../../cpu/host-kernel.ts';
import type { TensorSpec } from '../../dtype.ts';
import { exact, type Tolerance } from '../assertions.ts';
import type { ConformanceCase } from '../conformance-case.ts';
import { kernelCase } from '../kernel-case.ts';
import { anyValues, indices, integers, noise, spec } from '../samples.ts';
import { roundedOnce, sumOf } from '../tolerances.ts';

const rows = 70_001;

function largeCase(
  kernel: string,
  makeInputs: () => HostTensor[],
  attributes: object,
  output: TensorSpec,
  tolerance: Tolerance = exact,
): ConformanceCase {
  return kernelCase(
    `large: ${kernel}${note(attributes)} to [${output.shape}] ${output.dtype}`,
    () => ({ kernel, inputs: makeInputs(), attributes: { ...attributes }, outputs: [output] }),
    tolerance,
  );
}

const unitConv = { strides: [1, 1], pads: [0, 0, 0, 0], dilations: [1, 1] };
const pair = { op: 'max', size: [1, 2], strides: [1, 2], pads: [0, 0, 0, 0] };

/** Kernels on more rows than a dispatch grid is wide. */
export const largeCases: readonly ConformanceCase[] = [
  // 17 million elements: more than 65,535 workgroups of 256.
  largeCase('unary', () => [integers('f32', [1], 3, 4)].map(repeat), { op: 'neg' }, spec('f32', 17_000_000)),
  largeCase('binary', () => [noise([rows, 3]), noise([rows, 1], 2)], { op: 'add' }, spec('f32', rows, 3), roundedOnce),
  largeCase('compare', () => [noise([rows, 1]), noise([3], 2)], { op: 'lt' }, spec('u8', rows, 3)),
  largeCase('cast', () => [noise([rows, 1], 1, -300, 300)], {}, spec('u8', rows, 1)),
  largeCase(
    'where',
    () => [integers('u8', [rows, 1], 0, 2), noise([2]), noise([rows, 2], 2)],
    {},
    spec('f32', rows, 2),
  ),
  largeCase('reduce', () => [noise([rows, 3])], { op: 'sum', axes: [1], keepDims: false }, spec('f32', rows), sumOf(3)),
  largeCase('reduce', () => [noise([rows, 3], 1, 0, 1)], { op: 'sum', axes: [0], keepDims: false }, spec('f32', 3), {
    relative: 1e-5,
    absolute: 0,
  }),
  largeCase('reduce', () => [noise([3, rows], 1, 0, 1)], { op: 'mean', axes: [1], keepDims: false }, spec('f32', 3), {
    relative: 1e-5,
    absolute: 0,
  }),
  largeCase('reduce', () => [noise([rows])], { op: 'max', axes: [0], keepDims: true }, spec('f32', 1)),
  largeCase('argReduce', () => [noise([rows, 5])], { op: 'argmin', axis: 1 }, spec('u32', rows)),
  largeCase(
    'matmul',
    () => [noise([1, rows, 3]), noise([1, 3, 2], 2)],
    { transposeA: false, transposeB: false },
    spec('f32', 1, rows, 2),
    sumOf(3),
  ),
  largeCase(
    'matmul',
    () => [noise([rows, 1, 2]), noise([rows, 2, 1], 2)],
    { transposeA: false, transposeB: false },
    spec('f32', rows, 1, 1),
    sumOf(2),
  ),
  largeCase(
    'conv2d',
    () => [noise([1, 7, 10_001, 1]), noise([1, 1, 1, 2], 2)],
    unitConv,
    spec('f32', 1, 7, 10_001, 2),
    roundedOnce,
  ),
  largeCase(
    'conv2d',
    () => [noise([rows, 1, 1, 2]), noise([1, 1, 2, 1], 2)],
    unitConv,
    spec('f32', rows, 1, 1, 1),
    sumOf(2),
  ),
  largeCase(
    'conv2dInputGrad',
    () => [noise([1, 7, 10_001, 1]), noise([1, 1, 2, 1], 2)],
    unitConv,
    spec('f32', 1, 7, 10_001, 2),
    roundedOnce,
  ),
  largeCase(
    'conv2dFilterGrad',
    () => [noise([1, 7, 10_001, 2], 1, 0, 1), noise([1, 7, 10_001, 1], 2, 0, 1)],
    unitConv,
    spec('f32', 1, 1, 2, 1),
    { relative: 1e-5, absolute: 0 },
  ),
  largeCase('pool2d', () => [noise([1, rows, 2, 1])], pair, spec('f32', 1, rows, 1, 1)),
  largeCase('pool2dGrad', () => [noise([1, rows, 2, 1]), noise([1, rows, 1, 1], 2)], pair, spec('f32', 1, rows, 2, 1)),
  largeCase('transpose', () => [noise([rows, 3])], { perm: [1, 0] }, spec('f32', 3, rows)),
  largeCase('transpose', () => [anyValues('u8', [3, rows])], { perm: [1, 0] }, spec('u8', rows, 3)),
  largeCase('slice', () => [noise([rows, 2])], { begin: [rows - 1, 1], step: [-1, 1] }, spec('f32', rows, 1)),
  largeCase('broadcast', () => [noise([1, 2])], {}, spec('f32', rows, 2)),
  largeCase('concat', () => [noise([rows, 1]), noise([rows, 2], 2)], { axis: 1 }, spec('f32', rows, 3)),
  largeCase('pad', () => [noise([rows, 1])], { before: [1, 0], after: [0, 1], value: 0 }, spec('f32', rows + 1, 2)),
  largeCase('gather', () => [noise([5, 2]), indices([rows], 5)], { axis: 0 }, spec('f32', rows, 2)),
  largeCase('gather', () => [noise([rows, 1]), indices([9], rows)], { axis: 0 }, spec('f32', 9, 1)),
  largeCase(
    'scatterAdd',
    () => [indices([rows], rows), noise([rows, 1])],
    { axis: 0 },
    spec('f32', rows, 1),
    sumOf(10),
  ),
];

function note({ op }: { readonly op?: string }): string {
  return op === undefined ? '' : ` ${op}`;
}

/** The same row 17 million times, without drawing as many random numbers. */
function repeat(x: HostTensor): HostTensor {
  const data = new Float32Array(17_000_000).map((_, i) => x.data[0]! + (i % 1021));
  return { shape: [data.length], dtype: 'f32', data };
}
