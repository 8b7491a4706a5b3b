/** Strided slices, and padding with a constant: each is the other's adjoint, but for the zeros that steps leave between. */
import type { RequiredKernels } from '../backend/kernels.ts';
import { type Shape, sizeOf } from '../dtype.ts';
import { ShapeError } from '../errors.ts';
import { share, type Tensor } from '../tensor/tensor.ts';
import { normalizeAxis } from './broadcast-shapes.ts';
import { zeros } from './create.ts';
import { defineOp } from './define-op.ts';
import { reshape } from './reshape.ts';

type SliceAttributes = RequiredKernels['slice'] & { readonly size: Shape };

const sliceOp = defineOp<SliceAttributes>({
  name: 'slice',
  infer: ([x], { begin, step, size }) => {
    x!.shape.forEach((n, i) => {
      const last = begin[i]! + (size[i]! - 1) * step[i]!;
      const isInside = size[i] === 0 || (begin[i]! >= 0 && begin[i]! < n && last >= 0 && last < n);
      if (isInside && step[i] !== 0) return;
      throw new ShapeError({
        code: 'SHAPE_MISMATCH',
        message: `slice: expected a range inside axis ${i} of size ${n}, got ${size[i]} values from ${begin[i]} by ${step[i]}`,
        fix: 'Check begin, size and step against the shape',
      });
    });
    return [{ shape: [...size], dtype: x!.dtype }];
  },
  gradient: ({ inputs: [x], gradients: [dy], attributes }) => [unslice(dy!, x!.shape, attributes)],
});

/** How far and in what steps to read. */
export interface SliceOptions {
  /** Number of values per axis; up to the end unless given. */
  readonly size?: Shape;
  /** Distance between values per axis; may be negative, not 0. Default 1. */
  readonly step?: readonly number[];
}

/**
 * out[i, j, …] = x[begin₀ + i·step₀, begin₁ + j·step₁, …].
 *
 * @throws ShapeError `SHAPE_MISMATCH` when the range leaves the tensor.
 */
export function slice(x: Tensor, begin: readonly number[], options: SliceOptions = {}): Tensor {
  const from = x.shape.map((_, i) => begin[i] ?? 0);
  const step = x.shape.map((_, i) => options.step?.[i] ?? 1);
  const toEnd = (n: number, i: number): number =>
    step[i]! > 0 ? Math.max(Math.ceil((n - from[i]!) / step[i]!), 0) : Math.floor(from[i]! / -step[i]!) + 1;
  const size = x.shape.map((n, i) => options.size?.[i] ?? toEnd(n, i));
  const isWhole = x.shape.every((n, i) => n === size[i] && from[i] === 0 && step[i] === 1);
  return isWhole ? share(x) : sliceOp([x], { begin: from, step, size })[0]!;
}

/** The adjoint of slice: spreads `dy` by the steps and pads with zeros. */
function unslice(dy: Tensor, shape: Shape, { begin, step, size }: SliceAttributes): Tensor {
  if (sizeOf(size) === 0) return zeros(dy.backend, shape, dy.dtype);
  const reversed = step.flatMap((s, i) => (s < 0 ? [i] : []));
  const forward = reversed.length > 0 ? flip(dy, reversed) : dy;
  const spread = step.map(Math.abs).reduce((x, s, axis) => (s > 1 ? dilate(x, axis, s) : x), forward);
  const first = begin.map((b, i) => (step[i]! < 0 ? b + (size[i]! - 1) * step[i]! : b));
  return pad(
    spread,
    first,
    shape.map((n, i) => n - first[i]! - spread.shape[i]!),
  );
}

/** Puts `factor` − 1 zeros between neighbours along `axis`. */
function dilate(x: Tensor, axis: number, factor: number): Tensor {
  const at = (i: number, there: number): number => (i === axis + 1 ? there : 0);
  const columns = reshape(x, [...x.shape.slice(0, axis + 1), 1, ...x.shape.slice(axis + 1)]);
  const wide = pad(
    columns,
    columns.shape.map(() => 0),
    columns.shape.map((_, i) => at(i, factor - 1)),
  );
  const n = x.shape[axis]!;
  const joined = reshape(
    wide,
    x.shape.map((m, i) => (i === axis ? n * factor : m)),
  );
  return slice(joined, [], { size: x.shape.map((m, i) => (i === axis ? (n - 1) * factor + 1 : m)) });
}

/** Reverses axes. */
export function flip(x: Tensor, axes: readonly number[]): Tensor {
  const reversed = axes.map((axis) => normalizeAxis('flip', axis, x.rank));
  const begin = x.shape.map((n, i) => (reversed.includes(i) ? Math.max(n - 1, 0) : 0));
  return slice(x, begin, { size: x.shape, step: x.shape.map((_, i) => (reversed.includes(i) ? -1 : 1)) });
}

const padOp = defineOp<RequiredKernels['pad']>({
  name: 'pad',
  infer: ([x], { before, after }) => {
    const isValid = [before, after].every(
      (list) => list.length === x!.shape.length && list.every((n) => Number.isInteger(n) && n >= 0),
    );
    if (!isValid) {
      throw new ShapeError({
        code: 'SHAPE_MISMATCH',
        message: `pad: expected ${x!.shape.length} whole numbers ≥ 0 before and after, got [${before}] and [${after}]`,
        fix: 'Give one number per axis; use slice to crop',
      });
    }
    return [{ shape: x!.shape.map((n, i) => before[i]! + n + after[i]!), dtype: x!.dtype }];
  },
  gradient: ({ inputs: [x], gradients: [dy], attributes: { before } }) => [slice(dy!, before, { size: x!.shape })],
});

/** Puts `before[i]` and `after[i]` elements of `value` around axis i. @throws ShapeError `SHAPE_MISMATCH` */
export function pad(x: Tensor, before: readonly number[], after: readonly number[], value = 0): Tensor {
  return [...before, ...after].every((n) => n === 0) ? share(x) : padOp([x], { before, after, value })[0]!;
}
