/** Other shapes for the same values: no kernel runs and nothing is copied. */
import { type Shape, sameShape, sizeOf } from '../dtype.ts';
import { ShapeError } from '../errors.ts';
import { alias, share, type Tensor } from '../tensor/tensor.ts';

/**
 * The same values in another shape.
 *
 * @param shape  One size may be −1: it takes what is left.
 * @throws ShapeError `SHAPE_MISMATCH` when the number of elements differs.
 */
export function reshape(x: Tensor, shape: Shape): Tensor {
  const target = resolve(x, shape);
  if (sameShape(x.shape, target)) return share(x);
  const y = alias(x, target);
  if (x.node) {
    y.node = { step: { name: 'reshape', inputs: [x], backward: ([dy]) => [dy && reshape(dy, x.shape)] }, index: 0 };
  }
  return y;
}

function resolve(x: Tensor, shape: Shape): number[] {
  const known = sizeOf(shape.filter((n) => n !== -1));
  const target = shape.map((n) => (n === -1 ? x.size / known : n));
  const isValid = shape.filter((n) => n === -1).length <= 1 && target.every((n) => Number.isInteger(n) && n >= 0);
  if (isValid && sizeOf(target) === x.size) return target;
  throw new ShapeError({
    code: 'SHAPE_MISMATCH',
    message: `reshape: expected a shape of ${x.size} elements, got [${shape}] for [${x.shape}]`,
    fix: 'Sizes must multiply to the number of elements; at most one may be −1',
  });
}

/** Adds an axis of size 1 before axis `axis` (negative: counted in the result). */
export function expandDims(x: Tensor, axis: number): Tensor {
  const at = axis < 0 ? axis + x.rank + 1 : axis;
  return reshape(x, [...x.shape.slice(0, at), 1, ...x.shape.slice(at)]);
}

/** Drops axes of size 1: all of them, or those given. */
export function squeeze(x: Tensor, axes?: readonly number[]): Tensor {
  const chosen = axes?.map((axis) => (axis < 0 ? axis + x.rank : axis));
  return reshape(
    x,
    x.shape.filter((n, i) => n !== 1 || (chosen !== undefined && !chosen.includes(i))),
  );
}
