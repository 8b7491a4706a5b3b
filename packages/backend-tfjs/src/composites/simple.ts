/** Composite ops that tfjs has as one kernel. */
import { type CompositeKernels, sizeOf } from '@vqkit/core';
import { call2 } from '../kernels/integers.ts';
import type { TfKernel } from '../kernels/tf-kernel.ts';
import type { TensorInfo } from '../runtime/tf-types.ts';

/** x → over the last axis. */
export const softmax: TfKernel<CompositeKernels['softmax']> = (frame, [x]) => {
  const { info, shape } = x!;
  const axis = shape.length - 1;
  if (sizeOf(shape.slice(0, axis)) <= frame.runtime.traits.largestBatch) {
    return [frame.call('Softmax', { logits: info }, { dim: axis })];
  }
  const along = { axis: [axis], reductionIndices: [axis], keepDims: false };
  const kept = [...shape.slice(0, axis), 1];
  const overLast = (kernel: string, y: TensorInfo): TensorInfo =>
    frame.reshape(frame.call(kernel, { x: y }, along), kept);
  const powers = frame.call('Exp', { x: call2(frame, 'Sub', info, overLast('Max', info)) });
  return [call2(frame, 'RealDiv', powers, overLast('Sum', powers))];
};

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
