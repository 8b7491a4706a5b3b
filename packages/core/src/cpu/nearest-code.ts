/**
 * `nearestCode`: the nearest code of every vector, from differences in float64, so that ties and tiny distances come
 * out exactly. The default in core expands the square, as fast backends do; this is what they are checked against.
 */
import type { CompositeKernels } from '../backend/composites.ts';
import type { HostKernel } from './host-kernel.ts';

/** x `[N,D]`, codebook `[K,D]` → indices u32 `[N]` (lowest on ties), squared distances f32 `[N]`. */
export const nearestCode: HostKernel<CompositeKernels['nearestCode']> = ([x, codebook]) => {
  const [count, dimension] = x!.shape as [number, number];
  const codes = Float64Array.from(codebook!.data);
  const indices = new Uint32Array(count);
  const distances = new Float32Array(count);
  const vector = new Float64Array(dimension);
  for (let i = 0; i < count; i++) {
    vector.set(x!.data.subarray(i * dimension, (i + 1) * dimension));
    const { index, distance } = nearest(vector, codes);
    indices[i] = index;
    distances[i] = distance;
  }
  return [indices, distances];
};

function nearest(vector: Float64Array, codes: Float64Array): { index: number; distance: number } {
  const dimension = vector.length;
  const count = dimension === 0 ? 0 : codes.length / dimension;
  let index = 0;
  let distance = count === 0 ? 0 : squaredDistance(vector, codes, 0);
  // NaN counts as the best value, as in argReduce, and its first place is kept.
  for (let k = 1; k < count && !Number.isNaN(distance); k++) {
    const candidate = squaredDistance(vector, codes, k * dimension);
    if (candidate >= distance) continue;
    index = k;
    distance = candidate;
  }
  return { index, distance };
}

function squaredDistance(vector: Float64Array, codes: Float64Array, offset: number): number {
  let sum = 0;
  for (let i = 0; i < vector.length; i++) {
    const difference = vector[i]! - codes[offset + i]!;
    sum += difference * difference;
  }
  return sum;
}
