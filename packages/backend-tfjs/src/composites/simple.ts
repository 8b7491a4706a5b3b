/** Composite ops that tfjs has as one kernel. */
import type { CompositeKernels } from '@vqkit/core';
import type { TfKernel } from '../kernels/tf-kernel.ts';

/** x → over the last axis. */
export const softmax: TfKernel<CompositeKernels['softmax']> = (frame, [x]) => [
  frame.call('Softmax', { logits: x!.info }, { dim: x!.shape.length - 1 }),
];

/** x → x where x > 0, else slope·x. */
export const leakyRelu: TfKernel<CompositeKernels['leakyRelu']> = (frame, [x], { slope }) => [
  frame.call('LeakyRelu', { x: x!.info }, { alpha: slope }),
];

/** x `[N,H,W,C]` → `[N,Ho,Wo,C]`, nearest neighbours; see `supportsResize`. */
export const resize: TfKernel<CompositeKernels['resize']> = (frame, [x], _, [out]) => [
  frame.call(
    'ResizeNearestNeighbor',
    { images: x!.info },
    { size: [out!.shape[1]!, out!.shape[2]!], alignCorners: false, halfPixelCenters: true },
  ),
];

/** Only the nearest neighbour agrees with tfjs's idea of resizing in every case. */
export function supportsResize({ method }: CompositeKernels['resize']): boolean {
  return method === 'nearest';
}
