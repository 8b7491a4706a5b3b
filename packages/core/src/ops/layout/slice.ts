/** Strided slices, and their adjoint: values put back between zeros. */
import { type Shape, sizeOf } from '../../dtype.ts';
import { ShapeError } from '../../errors.ts';
import { share, type Tensor } from '../../tensor/tensor.ts';
import { zeros } from '../create/create.ts';
import { defineOp } from '../define-op.ts';
import { flip } from './layout.ts';
import { pad } from './pad.ts';
import { reshape } from './reshape.ts';

interface SliceAttributes {
  readonly begin: readonly number[];
  readonly step: readonly number[];
  readonly size: Shape;
}

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
