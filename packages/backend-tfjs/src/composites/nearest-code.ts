/**
 * `nearestCode` in chunks of rows, so that the matrix of distances never holds more than `chunkElements` numbers.
 * Distances are compared as |c|² − 2·x·c, and those that are returned are computed from the differences, which keeps
 * them exact near zero.
 */
import type { CompositeKernels } from '@vqkit/core';
import { call2 } from '../kernels/integers.ts';
import { firstBest } from '../kernels/reduce.ts';
import type { TfKernel } from '../kernels/tf-kernel.ts';
import type { Frame } from '../runtime/frame.ts';
import type { TensorInfo } from '../runtime/tf-types.ts';

/** Numbers in the distance matrix of one chunk: 4 M, 16 MB. */
export const chunkElements = 1 << 22;

/** x `[N,D]`, codebook `[K,D]` → indices `[N]`, squared distances `[N]`. */
export const nearestCode: TfKernel<CompositeKernels['nearestCode']> = (frame, [x, codebook]) => {
  const [n, d] = x!.shape as [number, number];
  const k = codebook!.shape[0]!;
  const rows = Math.max(1, Math.floor(chunkElements / k));
  const codes = codebook!.info;
  const sumSquares = (a: TensorInfo): TensorInfo =>
    frame.scope((inner) => inner.call('Sum', { x: inner.call('Square', { x: a }) }, { axis: [1], keepDims: false }));
  const codeNorms = sumSquares(codes);
  // The factor −2 goes to the codebook, which is the smaller side.
  const directions = frame.reshape(call2(frame, 'Multiply', codes, -2), [1, k, d]);
  const nearestOf = (inner: Frame, start: number, size: number): TensorInfo => {
    const whole = x!.info;
    const chunk = size === n ? whole : inner.call('Slice', { x: whole }, { begin: [start, 0], size: [size, d] });
    const a = inner.reshape(chunk, [1, size, d]);
    const products = inner.call('BatchMatMul', { a, b: directions }, { transposeA: false, transposeB: true });
    const scores = inner.reshape(call2(inner, 'Add', products, codeNorms), [size, k]);
    return inner.reshape(firstBest(inner, scores, 'argmin', 1), [size]);
  };
  const indices: TensorInfo[] = [];
  for (let start = 0; start < n; start += rows) {
    indices.push(frame.scope((inner) => nearestOf(inner, start, Math.min(rows, n - start))));
  }
  const all = indices.length === 1 ? indices[0]! : frame.call('Concat', indices, { axis: 0 });
  const picked = { x: codes, indices: frame.cast(all, 'int32') };
  const nearest = frame.call('GatherV2', picked, { axis: 0, batchDims: 0 });
  return [frame.toInteger(all), sumSquares(call2(frame, 'Sub', x!.info, nearest))];
};
