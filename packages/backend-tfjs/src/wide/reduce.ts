/** Reductions of wide integers, and scattered sums of them: bytes are added in float32, exact for 2¹⁶ at a time. */
import type { RequiredKernels } from '@vqkit/core';
import { sizeOf } from '@vqkit/core';
import { scatterRows } from '../kernels/gather.ts';
import { firstHit, reduceBy } from '../kernels/reduce.ts';
import type { Frame } from '../runtime/frame.ts';
import type { TensorInfo } from '../runtime/tf-types.ts';
import { add, multiply } from './arithmetic.ts';
import { hitsOfBest, reduceExtreme } from './order.ts';
import { type Bytes, fromColumns, half, mapHalves, toBytes, toWide, type Wide } from './wide.ts';

/** Rows `[n, m]` of what is reduced, the reduced axes first. */
function rowsOf(frame: Frame, x: Wide, axes: readonly number[]): Wide {
  const { shape } = x.hi;
  const kept = shape.map((_, i) => i).filter((i) => !axes.includes(i));
  const perm = [...axes, ...kept];
  const isSorted = perm.every((axis, i) => axis === i);
  const size = [sizeOf(axes.map((i) => shape[i]!)), sizeOf(kept.map((i) => shape[i]!))];
  return mapHalves(x, (part) => frame.reshape(isSorted ? part : frame.call('Transpose', { x: part }, { perm }), size));
}

function slice(frame: Frame, x: Wide, begin: number, size: number): Wide {
  const columns = x.hi.shape[1]!;
  return mapHalves(x, (part) => frame.call('Slice', { x: part }, { begin: [begin, 0], size: [size, columns] }));
}

function sumRows(frame: Frame, rows: Wide): Wide {
  const n = rows.hi.shape[0]!;
  let sum: Wide | undefined;
  for (let start = 0; start < n; start += half) {
    const part = slice(frame, rows, start, Math.min(half, n - start));
    const columns = toBytes(frame, part).map((byte) => reduceBy(frame, 'Sum', byte, [0]));
    const partial = fromColumns(frame, columns as unknown as Bytes);
    sum = sum ? add(frame, sum, partial) : partial;
  }
  return sum!;
}

function multiplyRows(frame: Frame, rows: Wide): Wide {
  let product = rows;
  for (let n = rows.hi.shape[0]!; n > 1; n = Math.ceil(n / 2)) {
    const pairs = n >> 1;
    const halves = multiply(frame, slice(frame, product, 0, pairs), slice(frame, product, pairs, pairs));
    const last = n % 2 === 1 ? slice(frame, product, n - 1, 1) : undefined;
    const join = (a: TensorInfo, b: TensorInfo): TensorInfo => frame.call('Concat', [a, b], { axis: 0 });
    product = last ? { hi: join(halves.hi, last.hi), lo: join(halves.lo, last.lo) } : halves;
  }
  return product;
}

/** x reduced over axes; the caller gives the result its shape. */
export function reduceWide(frame: Frame, x: Wide, { op, axes }: RequiredKernels['reduce'], isUnsigned: boolean): Wide {
  if (axes.length === 0) return x;
  if (op === 'sum') return sumRows(frame, rowsOf(frame, x, axes));
  if (op === 'prod') return multiplyRows(frame, rowsOf(frame, x, axes));
  return reduceExtreme(frame, op === 'max' ? 'max' : 'min', x, axes, isUnsigned);
}

/** The lowest index of the largest or smallest value along an axis. */
export function argReduceWide(
  frame: Frame,
  x: Wide,
  { op, axis }: RequiredKernels['argReduce'],
  isUnsigned: boolean,
): Wide {
  const hits = hitsOfBest(frame, op === 'argmax' ? 'max' : 'min', x, axis, isUnsigned);
  return toWide(frame, firstHit(frame, hits, axis));
}

/** `[n]` indices, `[n, m]` updates → `[rows, m]`. */
export function scatterWide(frame: Frame, indices: TensorInfo, updates: Wide, rows: number): Wide {
  const n = indices.shape[0]!;
  let sum: Wide | undefined;
  for (let start = 0; start < n; start += half) {
    const size = Math.min(half, n - start);
    const at = frame.call('Slice', { x: indices }, { begin: [start], size: [size] });
    const bytes = toBytes(frame, slice(frame, updates, start, size));
    const columns = bytes.map((byte) => scatterRows(frame, at, byte, rows));
    const partial = fromColumns(frame, columns as unknown as Bytes);
    sum = sum ? add(frame, sum, partial) : partial;
  }
  return sum!;
}
