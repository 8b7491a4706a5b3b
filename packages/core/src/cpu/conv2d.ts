/**
 * `conv2d` and its two gradients, accumulated in float64. Each works on a few output pixels at a time: their input
 * patches are gathered into a small matrix (zeros where the window leaves the image), and the rest is dot products.
 */

import type { RequiredKernels } from '../backend/kernels.ts';
import { sizeOf } from '../dtype.ts';
import { addDotProducts, rowMatrix } from './dot-products.ts';
import type { HostKernel } from './host-kernel.ts';
import { addPatches, gatherPatches, planPatches, transposeInto } from './patches.ts';

/** x `[N,H,W,Cin]`, filter `[kh,kw,Cin,Cout]` → `[N,Ho,Wo,Cout]`. */
export const conv2d: HostKernel<RequiredKernels['conv2d']> = ([x, filter], attributes, [out]) => {
  const plan = planPatches(x!.shape, filter!.shape, out!.shape, attributes);
  const channels = out!.shape[3]!;
  const weights = rowMatrix(channels, plan.patchSize);
  transposeInto(filter!.data, weights.data, plan.patchSize, channels);
  const result = new Float32Array(sizeOf(out!.shape));
  const patches = rowMatrix(plan.tile, plan.patchSize);
  const sums = new Float64Array(plan.tile * channels);
  for (let first = 0; first < plan.pixels; first += plan.tile) {
    const rows = gatherPatches(plan, x!.data, first, patches.data);
    addDotProducts({ ...patches, rows }, weights, sums.fill(0));
    result.set(sums.subarray(0, rows * channels), first * channels);
  }
  return [result];
};

/** dy `[N,Ho,Wo,Cout]`, filter `[kh,kw,Cin,Cout]` → dx `[N,H,W,Cin]`. */
export const conv2dInputGrad: HostKernel<RequiredKernels['conv2dInputGrad']> = ([dy, filter], attributes, [out]) => {
  const plan = planPatches(out!.shape, filter!.shape, dy!.shape, attributes);
  const channels = dy!.shape[3]!;
  const weights = { data: Float64Array.from(filter!.data), rows: plan.patchSize, columns: channels };
  const sums = new Float64Array(sizeOf(out!.shape));
  const pixels = rowMatrix(plan.tile, channels);
  const patches = new Float64Array(plan.tile * plan.patchSize);
  for (let first = 0; first < plan.pixels; first += plan.tile) {
    const rows = Math.min(plan.tile, plan.pixels - first);
    pixels.data.set(dy!.data.subarray(first * channels, (first + rows) * channels));
    addDotProducts({ ...pixels, rows }, weights, patches.fill(0));
    addPatches(plan, patches, first, sums);
  }
  return [Float32Array.from(sums)];
};

/** x `[N,H,W,Cin]`, dy `[N,Ho,Wo,Cout]` → dFilter `[kh,kw,Cin,Cout]`. */
export const conv2dFilterGrad: HostKernel<RequiredKernels['conv2dFilterGrad']> = ([x, dy], attributes, [out]) => {
  const plan = planPatches(x!.shape, out!.shape, dy!.shape, attributes);
  const channels = dy!.shape[3]!;
  const sums = new Float64Array(sizeOf(out!.shape));
  const patches = new Float64Array(plan.tile * plan.patchSize);
  // The dot products run over pixels here, so both sides are stored with pixels innermost.
  const patchRows = rowMatrix(plan.patchSize, plan.tile);
  const channelRows = rowMatrix(channels, plan.tile);
  for (let first = 0; first < plan.pixels; first += plan.tile) {
    const rows = gatherPatches(plan, x!.data, first, patches);
    transposeInto(patches, patchRows.data, rows, plan.patchSize);
    transposeInto(dy!.data.subarray(first * channels, (first + rows) * channels), channelRows.data, rows, channels);
    addDotProducts({ ...patchRows, columns: rows }, { ...channelRows, columns: rows }, sums);
  }
  return [Float32Array.from(sums)];
};
