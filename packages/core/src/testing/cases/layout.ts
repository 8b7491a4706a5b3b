/** Kernels that move values of any dtype: transpose, slice, broadcast, concat, pad. */
import type { DType, Shape } from '../../dtype.ts';
import type { ConformanceCase } from '../conformance-case.ts';
import { kernelCase } from '../kernel-case.ts';
import { anyValues, spec } from '../samples.ts';

const dtypes = ['f32', 'i32', 'u32', 'u8', 'f16'] as const satisfies readonly DType[];

const transposes: readonly (readonly [Shape, readonly number[]])[] = [
  [[], []],
  [[5], [0]],
  [
    [3, 5],
    [1, 0],
  ],
  [
    [1, 7],
    [1, 0],
  ],
  [
    [2, 3, 5],
    [2, 0, 1],
  ],
  [
    [2, 3, 4, 5],
    [0, 3, 1, 2],
  ],
  [
    [2, 3, 4, 5],
    [3, 2, 1, 0],
  ],
  [
    [33, 65],
    [1, 0],
  ],
  [
    [2, 3, 2, 2, 3, 2],
    [0, 1, 3, 4, 2, 5],
  ],
  [
    [0, 3],
    [1, 0],
  ],
];

/** Shape, begin, step, size. */
const slices: readonly (readonly [Shape, readonly number[], readonly number[], Shape])[] = [
  [[7], [2], [1], [3]],
  [[7], [1], [2], [3]],
  [[7], [6], [-1], [7]],
  [[7], [5], [-2], [3]],
  [[7], [3], [1], [0]],
  [
    [4, 5],
    [1, 0],
    [1, 1],
    [2, 5],
  ],
  [
    [4, 5],
    [3, 4],
    [-1, -2],
    [4, 3],
  ],
  [
    [2, 6, 6, 3],
    [0, 1, 2, 1],
    [1, 2, 1, 1],
    [2, 2, 3, 2],
  ],
  [
    [1, 9, 9, 1],
    [0, 8, 0, 0],
    [1, -3, 4, 1],
    [1, 3, 3, 1],
  ],
];

const broadcasts: readonly (readonly [Shape, Shape])[] = [
  [[], [4]],
  [[], [2, 3]],
  [[1], [0]],
  [[3], [2, 3]],
  [
    [3, 1],
    [3, 5],
  ],
  [
    [1, 5],
    [3, 5],
  ],
  [
    [2, 1, 3],
    [4, 2, 5, 3],
  ],
  [
    [1, 4, 1, 1],
    [2, 4, 3, 5],
  ],
];

/** Shapes and the axis to join along. */
const joins: readonly (readonly [readonly Shape[], number])[] = [
  [[[3]], 0],
  [[[3], [5], [1]], 0],
  [
    [
      [2, 3],
      [2, 1],
      [2, 4],
    ],
    1,
  ],
  [
    [
      [2, 3],
      [0, 3],
      [1, 3],
    ],
    0,
  ],
  [
    [
      [2, 0],
      [2, 5],
    ],
    1,
  ],
  [
    [
      [1, 2, 3, 4],
      [1, 2, 3, 7],
    ],
    3,
  ],
  [
    [
      [1, 2, 3, 4],
      [1, 5, 3, 4],
    ],
    1,
  ],
  [Array.from({ length: 11 }, (_, i) => [2, (i % 3) + 1]), 1],
];

/** Shape, before, after. */
const pads: readonly (readonly [Shape, readonly number[], readonly number[]])[] = [
  [[3], [2], [1]],
  [[0], [2], [1]],
  [
    [2, 3],
    [0, 1],
    [3, 0],
  ],
  [
    [2, 3, 4, 1],
    [0, 1, 2, 0],
    [0, 2, 0, 3],
  ],
];

const sum = (a: readonly number[], b: readonly number[]): number[] => a.map((n, i) => n + b[i]!);

function casesOf(dtype: DType): ConformanceCase[] {
  const move = (kernel: string, note: string, from: Shape, to: Shape, attributes: object): ConformanceCase =>
    kernelCase(`${kernel}: ${dtype} ${note}`, () => ({
      kernel,
      inputs: [anyValues(dtype, from, 91)],
      attributes: { ...attributes },
      outputs: [spec(dtype, ...to)],
    }));
  return [
    ...transposes.map(([shape, perm]) =>
      move(
        'transpose',
        `[${shape}] by [${perm}]`,
        shape,
        perm.map((axis) => shape[axis]!),
        { perm },
      ),
    ),
    ...slices.map(([shape, begin, step, size]) =>
      move('slice', `[${size}] of [${shape}] from [${begin}] by [${step}]`, shape, size, { begin, step }),
    ),
    ...broadcasts.map(([from, to]) => move('broadcast', `[${from}] to [${to}]`, from, to, {})),
    ...pads.map(([shape, before, after]) =>
      move('pad', `[${shape}] by [${before}] and [${after}]`, shape, sum(sum(shape, before), after), {
        before,
        after,
        value: 2,
      }),
    ),
    ...joins.map(([shapes, axis]) =>
      kernelCase(`concat: ${dtype} ${shapes.map((shape) => `[${shape}]`).join(' ')} along ${axis}`, () => ({
        kernel: 'concat',
        inputs: shapes.map((shape, i) => anyValues(dtype, shape, 92 + i)),
        attributes: { axis },
        outputs: [
          spec(
            dtype,
            ...shapes[0]!.map((n, i) => (i === axis ? shapes.reduce((total, shape) => total + shape[axis]!, 0) : n)),
          ),
        ],
      })),
    ),
  ];
}

/** Transposes, slices, broadcasts, pads and joins of every dtype. */
export const layoutCases: readonly ConformanceCase[] = dtypes.flatMap(casesOf);
