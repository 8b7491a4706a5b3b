/** NumPy broadcasting of shapes, shared by every elementwise op. */
import type { DType, Shape, TensorSpec } from '../dtype.ts';
import { ShapeError, ValueError } from '../errors.ts';

/**
 * The shape that all `shapes` broadcast to: aligned at the last axis, where sizes are equal or 1.
 *
 * @throws ShapeError `SHAPE_MISMATCH`
 */
export function broadcastShapes(name: string, ...shapes: readonly Shape[]): number[] {
  const rank = Math.max(...shapes.map((shape) => shape.length));
  const result = new Array<number>(rank).fill(1);
  for (const shape of shapes) {
    shape.forEach((n, i) => {
      const at = rank - shape.length + i;
      if (result[at] === 1) result[at] = n;
      else if (n !== 1 && n !== result[at]) {
        throw new ShapeError({
          code: 'SHAPE_MISMATCH',
          message: `${name}: expected shapes that broadcast, got ${shapes.map((s) => `[${s}]`).join(' and ')}`,
          fix: 'Axes are aligned at the last one and must be equal or 1; reshape or broadcast first',
        });
      }
    });
  }
  return result;
}

/** Refuses inputs of other dtypes than `allowed`, or of several dtypes. @throws ValueError `DTYPE_MISMATCH` */
export function checkDTypes(name: string, inputs: readonly TensorSpec[], allowed: readonly DType[]): void {
  const bad = inputs.find(({ dtype }) => !allowed.includes(dtype) || dtype !== inputs[0]!.dtype);
  if (bad === undefined) return;
  throw new ValueError({
    code: 'DTYPE_MISMATCH',
    message: `${name}: expected ${allowed.join(' or ')}${inputs.length > 1 ? ', the same for all inputs' : ''}, got ${inputs.map((x) => x.dtype).join(' and ')}`,
    fix: "Convert with cast(x, '…') first",
  });
}

/** Refuses a rank other than `rank`. @throws ShapeError `RANK_MISMATCH` */
export function checkRank(name: string, what: string, { shape }: TensorSpec, rank: number): void {
  if (shape.length === rank) return;
  throw new ShapeError({
    code: 'RANK_MISMATCH',
    message: `${name}: expected ${what} with ${rank} axes, got shape [${shape}]`,
    fix: 'Use reshape to add or join axes',
  });
}

/** Refuses a shape other than `expected`. @throws ShapeError `SHAPE_MISMATCH` */
export function checkShape(name: string, what: string, { shape }: TensorSpec, expected: Shape): void {
  if (shape.length === expected.length && shape.every((n, i) => n === expected[i])) return;
  throw new ShapeError({
    code: 'SHAPE_MISMATCH',
    message: `${name}: expected ${what} of shape [${expected}], got [${shape}]`,
    fix: 'Reshape it, or pass the tensor that belongs here',
  });
}

/** An axis counted from the front; negative ones count from the back. @throws ShapeError `AXIS_OUT_OF_RANGE` */
export function normalizeAxis(name: string, axis: number, rank: number): number {
  const result = axis < 0 ? axis + rank : axis;
  if (Number.isInteger(axis) && result >= 0 && result < rank) return result;
  throw new ShapeError({
    code: 'AXIS_OUT_OF_RANGE',
    message: `${name}: expected an axis in [${-rank}, ${rank}), got ${axis}`,
    fix: 'Count axes from 0, or from −1 at the end',
  });
}
