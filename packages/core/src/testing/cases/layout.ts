/** Kernels that move values of any dtype: transpose, slice, broadcast. */
import type { DType, Shape } from '../../dtype.ts';
import type { ConformanceCase } from '../conformance-case.ts';
import { kernelCase } from '../kernel-case.ts';
import { anyValues, spec } from '../samples.ts';

const dtypes = ['f32', 'i32', 'u32', 'u8', 'f16'] as const satisfies readonly DType[];

const transposes: readonly { readonly shape: Shape; readonly perm: readonly number[] }[] = [
  { shape: [], perm: [] },
  { shape: [5], perm: [0] },
  { shape: [3, 5], perm: [1, 0] },
  { shape: [1, 7], perm: [1, 0] },
  { shape: [33, 65], perm: [1, 0] },
  { shape: [2, 3, 5], perm: [2, 0, 1] },
  { shape: [2, 3, 4, 5], perm: [0, 3, 1, 2] },
  { shape: [2, 3, 4, 5], perm: [0, 2, 3, 1] },
  { shape: [2, 3, 4, 5], perm: [3, 2, 1, 0] },
  { shape: [2, 3, 2, 2, 3, 2], perm: [0, 1, 3, 4, 2, 5] },
  { shape: [0, 3], perm: [1, 0] },
];

interface Slice {
  readonly shape: Shape;
  readonly begin: readonly number[];
  readonly step: readonly number[];
  readonly size: Shape;
}

const slices: readonly Slice[] = [
  { shape: [], begin: [], step: [], size: [] },
  { shape: [7], begin: [2], step: [1], size: [3] },
  { shape: [7], begin: [1], step: [2], size: [3] },
  { shape: [7], begin: [6], step: [-1], size: [7] },
  { shape: [7], begin: [5], step: [-2], size: [3] },
  { shape: [7], begin: [3], step: [1], size: [0] },
  { shape: [4, 5], begin: [1, 0], step: [1, 1], size: [2, 5] },
  { shape: [4, 5], begin: [0, 3], step: [1, 1], size: [4, 1] },
  { shape: [4, 5], begin: [3, 4], step: [-1, -2], size: [4, 3] },
  { shape: [2, 6, 6, 3], begin: [0, 1, 2, 1], step: [1, 2, 1, 1], size: [2, 2, 3, 2] },
  { shape: [1, 9, 9, 1], begin: [0, 8, 0, 0], step: [1, -3, 4, 1], size: [1, 3, 3, 1] },
  { shape: [2, 2, 2, 2, 2, 3], begin: [0, 1, 0, 1, 0, 2], step: [1, -1, 1, 1, 1, -2], size: [2, 2, 1, 1, 2, 2] },
];

const broadcasts: readonly { readonly from: Shape; readonly to: Shape }[] = [
  { from: [], to: [4] },
  { from: [], to: [2, 3] },
  { from: [1], to: [0] },
  { from: [3], to: [2, 3] },
  { from: [3, 1], to: [3, 5] },
  { from: [1, 5], to: [3, 5] },
  { from: [2, 1, 3], to: [4, 2, 5, 3] },
  { from: [1, 4, 1, 1], to: [2, 4, 3, 5] },
];

function casesOf(dtype: DType): ConformanceCase[] {
  const move = (kernel: string, note: string, from: Shape, to: Shape, attributes: object): ConformanceCase =>
    kernelCase(`${kernel}: ${dtype} ${note}`, () => ({
      kernel,
      inputs: [anyValues(dtype, from, 91)],
      attributes: { ...attributes },
      outputs: [spec(dtype, ...to)],
    }));
  const permuted = (shape: Shape, perm: readonly number[]): number[] => perm.map((axis) => shape[axis]!);
  return [
    ...transposes.map(({ shape, perm }) =>
      move('transpose', `[${shape}] by [${perm}]`, shape, permuted(shape, perm), { perm }),
    ),
    ...slices.map(({ shape, begin, step, size }) =>
      move('slice', `[${size}] of [${shape}] from [${begin}] by [${step}]`, shape, size, { begin, step }),
    ),
    ...broadcasts.map(({ from, to }) => move('broadcast', `[${from}] to [${to}]`, from, to, {})),
  ];
}

/** Transposes, slices and broadcasts of every dtype. */
export const layoutCases: readonly ConformanceCase[] = dtypes.flatMap(casesOf);
