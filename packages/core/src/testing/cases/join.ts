/** `concat` and `pad`, of every dtype. */
import type { DType, Shape } from '../../dtype.ts';
import type { ConformanceCase } from '../conformance-case.ts';
import { kernelCase } from '../kernel-case.ts';
import { anyValues, spec } from '../samples.ts';

const dtypes = ['f32', 'i32', 'u32', 'u8', 'f16'] as const satisfies readonly DType[];

/** Sizes along the axis that is joined, and the other axes, −1 standing for that axis. */
const joins: readonly { readonly shape: Shape; readonly sizes: readonly number[] }[] = [
  { shape: [-1], sizes: [3] },
  { shape: [-1], sizes: [3, 5, 1] },
  { shape: [2, -1], sizes: [3, 1, 4] },
  { shape: [-1, 3], sizes: [2, 0, 1] },
  { shape: [2, -1], sizes: [0, 5] },
  { shape: [0, -1], sizes: [2, 3] },
  { shape: [1, 2, 3, -1], sizes: [4, 7] },
  { shape: [1, -1, 3, 4], sizes: [2, 5] },
  { shape: [2, -1], sizes: [1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2] },
];

interface Padding {
  readonly shape: Shape;
  readonly before: readonly number[];
  readonly after: readonly number[];
}

const pads: readonly Padding[] = [
  { shape: [3], before: [2], after: [1] },
  { shape: [0], before: [2], after: [1] },
  { shape: [2, 3], before: [0, 1], after: [3, 0] },
  { shape: [2, 3, 4, 1], before: [0, 1, 2, 0], after: [0, 2, 0, 3] },
  { shape: [1, 4, 4, 3], before: [0, 1, 1, 0], after: [0, 1, 1, 0] },
];

const replaced = (shape: Shape, axis: number, size: number): number[] => shape.map((n, i) => (i === axis ? size : n));

function joinCase(dtype: DType, shape: Shape, sizes: readonly number[]): ConformanceCase {
  const axis = shape.indexOf(-1);
  const total = sizes.reduce((sum, size) => sum + size, 0);
  return kernelCase(`concat: ${dtype} sizes ${sizes.join(', ')} along ${axis} of [${shape}]`, () => ({
    kernel: 'concat',
    inputs: sizes.map((size, i) => anyValues(dtype, replaced(shape, axis, size), 92 + i)),
    attributes: { axis },
    outputs: [spec(dtype, ...replaced(shape, axis, total))],
  }));
}

function padCase(dtype: DType, { shape, before, after }: Padding): ConformanceCase {
  return kernelCase(`pad: ${dtype} [${shape}] by [${before}] and [${after}]`, () => ({
    kernel: 'pad',
    inputs: [anyValues(dtype, shape, 93)],
    attributes: { before, after, value: 2 },
    outputs: [spec(dtype, ...shape.map((n, i) => before[i]! + n + after[i]!))],
  }));
}

/** Joins and pads. */
export const joinCases: readonly ConformanceCase[] = dtypes.flatMap((dtype) => [
  ...joins.map(({ shape, sizes }) => joinCase(dtype, shape, sizes)),
  ...pads.map((padding) => padCase(dtype, padding)),
]);
