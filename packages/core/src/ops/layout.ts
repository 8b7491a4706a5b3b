/** Moving values without changing them: transposing, joining and cutting. Slices and padding are in `slice.ts`. */
import type { RequiredKernels } from '../backend/kernels.ts';
import { ShapeError } from '../errors.ts';
import { tidy } from '../tensor/scope.ts';
import { share, type Tensor } from '../tensor/tensor.ts';
import { checkDTypes, normalizeAxis } from './broadcast-shapes.ts';
import { defineOp } from './define-op.ts';
import { expandDims } from './reshape.ts';
import { slice } from './slice.ts';

const transposeOp = defineOp<RequiredKernels['transpose']>({
  name: 'transpose',
  infer: ([x], { perm }) => [{ shape: perm.map((axis) => x!.shape[axis]!), dtype: x!.dtype }],
  gradient: ({ gradients: [dy], attributes: { perm } }) => [
    transpose(
      dy!,
      perm.map((_, i) => perm.indexOf(i)),
    ),
  ],
});

/**
 * Permutes axes: output axis i is input axis perm[i].
 *
 * @param perm  Each axis once; reversed order unless given.
 * @throws ShapeError `AXIS_OUT_OF_RANGE` when it is not a permutation.
 */
export function transpose(x: Tensor, perm: readonly number[] = x.shape.map((_, i) => x.rank - 1 - i)): Tensor {
  const axes = perm.map((axis) => normalizeAxis('transpose', axis, x.rank));
  if (axes.length !== x.rank || new Set(axes).size !== x.rank) {
    throw new ShapeError({
      code: 'AXIS_OUT_OF_RANGE',
      message: `transpose: expected each of ${x.rank} axes once, got [${perm}]`,
      fix: 'Pass a permutation such as [0, 2, 1]',
    });
  }
  return axes.every((axis, i) => axis === i) ? share(x) : transposeOp([x], { perm: axes })[0]!;
}

const concatOp = defineOp<RequiredKernels['concat']>({
  name: 'concat',
  infer: (inputs, { axis }) => {
    checkDTypes('concat', inputs, ['f32', 'i32', 'u32', 'u8', 'f16']);
    const first = inputs[0]!.shape;
    const bad = inputs.find(
      ({ shape }) => shape.length !== first.length || shape.some((n, i) => i !== axis && n !== first[i]),
    );
    if (bad) {
      throw new ShapeError({
        code: 'SHAPE_MISMATCH',
        message: `concat: expected equal shapes but for axis ${axis}, got [${first}] and [${bad.shape}]`,
        fix: 'Reshape or slice the inputs to agree',
      });
    }
    const total = inputs.reduce((size, { shape }) => size + shape[axis]!, 0);
    return [{ shape: first.map((n, i) => (i === axis ? total : n)), dtype: inputs[0]!.dtype }];
  },
  gradient: ({ inputs, gradients: [dy], attributes: { axis } }) =>
    split(
      dy!,
      inputs.map((x) => x.shape[axis]!),
      axis,
    ),
});

/** Joins tensors along `axis`. @throws ShapeError `SHAPE_MISMATCH` when other axes differ */
export function concat(inputs: readonly Tensor[], axis = 0): Tensor {
  if (inputs.length === 1) return share(inputs[0]!);
  return concatOp(inputs, { axis: normalizeAxis('concat', axis, inputs[0]?.rank ?? 0) })[0]!;
}

/** Joins tensors of one shape along a new axis. */
export function stack(inputs: readonly Tensor[], axis = 0): Tensor {
  return tidy(() =>
    concat(
      inputs.map((x) => expandDims(x, axis)),
      axis,
    ),
  );
}

/** Cuts along `axis` into consecutive parts of the given sizes. */
export function split(x: Tensor, partSizes: readonly number[], axis = -1): Tensor[] {
  const at = normalizeAxis('split', axis, x.rank);
  const total = partSizes.reduce((a, b) => a + b, 0);
  if (total !== x.shape[at]) {
    throw new ShapeError({
      code: 'SHAPE_MISMATCH',
      message: `split: expected parts that add up to ${x.shape[at]}, got ${partSizes.join(' + ')} = ${total}`,
      fix: 'Choose parts that cover the axis',
    });
  }
  let start = 0;
  return partSizes.map((size) => {
    const begin = x.shape.map((_, i) => (i === at ? start : 0));
    start += size;
    return slice(x, begin, { size: x.shape.map((n, i) => (i === at ? size : n)) });
  });
}
