/** `gather` and `scatterAdd`: any axis, repeated indices, no indices, both index types. */
import type { DType, Shape } from '../../dtype.ts';
import { exact } from '../assertions.ts';
import type { ConformanceCase } from '../conformance-case.ts';
import { kernelCase } from '../kernel-case.ts';
import { anyValues, indices, integers, noise, spec } from '../samples.ts';
import { sumOf } from '../tolerances.ts';

/** Shape, axis and number of indices. */
const layouts: readonly (readonly [Shape, number, number])[] = [
  [[5], 0, 7],
  [[1], 0, 3],
  [[5, 3], 0, 4],
  [[5, 3], 1, 6],
  [[2, 4, 3], 1, 5],
  [[2, 4, 1, 5], 1, 9],
  [[3, 2, 4], 2, 1],
  [[4, 2], 0, 0],
  [[17, 65], 0, 33],
];

const replaced = (shape: Shape, axis: number, n: number): number[] => shape.map((size, i) => (i === axis ? n : size));

const gathers = (['f32', 'i32', 'u32', 'u8', 'f16'] as const satisfies readonly DType[]).flatMap((dtype) =>
  layouts.flatMap(([shape, axis, count]) =>
    (dtype === 'f32' ? (['u32', 'i32'] as const) : (['u32'] as const)).map((indexType) =>
      kernelCase(`gather: ${dtype} ${count} of [${shape}] along ${axis} by ${indexType}`, () => ({
        kernel: 'gather',
        inputs: [anyValues(dtype, shape, 101), indices([count], shape[axis]!, 102, indexType)],
        attributes: { axis },
        outputs: [spec(dtype, ...replaced(shape, axis, count))],
      })),
    ),
  ),
);

const scatters = (['f32', 'i32', 'u32'] as const).flatMap((dtype) =>
  layouts.flatMap(([shape, axis, count]) =>
    (dtype === 'f32' ? (['u32', 'i32'] as const) : (['u32'] as const)).map((indexType) =>
      kernelCase(
        `scatterAdd: ${dtype} ${count} into [${shape}] along ${axis} by ${indexType}`,
        () => ({
          kernel: 'scatterAdd',
          inputs: [indices([count], shape[axis]!, 103, indexType), anyValues(dtype, replaced(shape, axis, count), 104)],
          attributes: { axis },
          outputs: [spec(dtype, ...shape)],
        }),
        sumOf(count),
      ),
    ),
  ),
);

/** Picking and adding at indices. */
export const gatherCases: readonly ConformanceCase[] = [
  ...gathers,
  ...scatters,
  kernelCase(
    'scatterAdd: many updates of one row',
    () => ({
      kernel: 'scatterAdd',
      inputs: [indices([3000], 2, 105), noise([3000, 3], 106, 0, 1)],
      attributes: { axis: 0 },
      outputs: [spec('f32', 2, 3)],
    }),
    // Atomic additions arrive in any order: a naive float32 sum of 1500 positive terms.
    sumOf(1500),
  ),
  kernelCase(
    'scatterAdd: wraps integers',
    () => ({
      kernel: 'scatterAdd',
      inputs: [indices([4], 1, 107), integers('u32', [4], 4_000_000_000, 4_294_967_295, 108)],
      attributes: { axis: 0 },
      outputs: [spec('u32', 1)],
    }),
    exact,
  ),
];
