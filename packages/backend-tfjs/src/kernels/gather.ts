/** `gather` and `scatterAdd` along an axis. */
import type { RequiredKernels } from '@vqkit/core';
import { numeric, type TfKernel } from './tf-kernel.ts';

/** x, indices `[n]` → x with `axis` replaced by n picked slices. */
export const gather: TfKernel<RequiredKernels['gather']> = (frame, [x, indices], { axis }) => [
  frame.call('GatherV2', { x: numeric(frame, x!), indices: indices!.info }, { axis, batchDims: 0 }),
];

/** indices `[n]`, updates → zeros plus the updates added at their indices along `axis`. */
export const scatterAdd: TfKernel<RequiredKernels['scatterAdd']> = (frame, [indices, updates], { axis }, [out]) => {
  // tfjs scatters along the first axis; the others move behind it and back.
  const axes = out!.shape.map((_, i) => i);
  const forward = [axis, ...axes.filter((i) => i !== axis)];
  const back = axes.map((i) => forward.indexOf(i));
  const moved = axis === 0 ? updates!.info : frame.call('Transpose', { x: updates!.info }, { perm: forward });
  const rows = indices!.shape[0]!;
  const scattered = frame.call(
    'ScatterNd',
    {
      indices: frame.reshape(indices!.info, [rows, 1]),
      updates: frame.reshape(moved, [rows, moved.shape.slice(1).reduce((size, n) => size * n, 1)]),
    },
    { shape: [out!.shape[axis]!, moved.shape.slice(1).reduce((size, n) => size * n, 1)] },
  );
  const shaped = frame.reshape(
    scattered,
    forward.map((i) => out!.shape[i]!),
  );
  return [axis === 0 ? shaped : frame.call('Transpose', { x: shaped }, { perm: back })];
};
