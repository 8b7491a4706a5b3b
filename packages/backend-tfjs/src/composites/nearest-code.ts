/**
 * `nearestCode` in chunks of rows, so that the matrix of distances never holds more than `chunkElements` numbers.
 * Distances are compared as |c|² − 2·x·c, and those that are returned are computed from the differences, which keeps
 * them exact near zero.
 */
import type { CompositeKernels } from '@vqkit/core';
import { call2 } from '../kernels/integers.ts';
import { firstBest } from '../kernels/reduce.ts';
import type { TfKernel } from '../kernels/tf-kernel.ts';
import type { TensorInfo } from '../runtime/tf-types.ts';

/** Numbers in the distance matrix of one chunk: 4 M, 16 MB. */
export const chunkElements = 1 << 22;

/** x `[N,D]`, codebook `[K,D]` → indices `[N]`, squared distances `[N]`. */
export const nearestCode: TfKernel<CompositeKernels['nearestCode']> = (frame, [x, codebook]) => {
  const [n, d] = x!.shape as [number, number];
  const k = codebook!.shape[0]!;
  const rows = Math.max(1, Math.floor(chunkElements / k));
  const codes = codebook!.info;
  const sumSquares = (a: TensorInfo): TensorInfo => {
    const squares = frame.call('Square', { x: a });
    const sums = frame.call('Sum', { x: squares }, { axis: [1], keepDims: false });
    frame.drop(squares);
    return sums;
  };
  const codeNorms = sumSquares(codes);
  // The factor −2 goes to the codebook, which is the smaller side.
  const directions = frame.reshape(call2(frame, 'Multiply', codes, -2), [1, k, d]);
  const indices: TensorInfo[] = [];
  for (let start = 0; start < n; start += rows) {
    const size = Math.min(rows, n - start);
    const chunk = size === n ? x!.info : frame.call('Slice', { x: x!.info }, { begin: [start, 0], size: [size, d] });
    const a = frame.reshape(chunk, [1, size, d]);
    const products = frame.call('BatchMatMul', { a, b: directions }, { transposeA: false, transposeB: true });
    const scores = call2(frame, 'Add', products, codeNorms);
    frame.drop(products);
    const best = firstBest(frame, frame.reshape(scores, [size, k]), 'argmin', 1);
    frame.drop(scores);
    indices.push(frame.reshape(best, [size]));
  }
  const all = indices.length === 1 ? indices[0]! : frame.call('Concat', indices, { axis: 0 });
  const rowsOfCodes = { x: codes, indices: frame.cast(all, 'int32') };
  const nearest = frame.call('GatherV2', rowsOfCodes, { axis: 0, batchDims: 0 });
  return [frame.toInteger(all), sumSquares(call2(frame, 'Sub', x!.info, nearest))];
};
