/** Group normalisation as a layer, with an activation that backends fuse. */
import { type Activation, groupNorm, ones, type Tensor, zeros } from '@vqkit/core';
import type { Layer } from './layer.ts';

/** Parameters of a normalisation. */
export interface NormParams {
  /** f32 `[channels]`. */
  readonly scale: Tensor;
  /** f32 `[channels]`. */
  readonly shift: Tensor;
}

/** Normalises groups of channels over the image, then activates. Default: 32 groups, ε 1e-6, as VQGAN. */
export function groupNormLayer(
  channels: number,
  options: { readonly groups?: number; readonly activation?: Activation } = {},
): Layer<NormParams> {
  const { groups = 32, activation = 'none' } = options;
  return {
    init: (backend) => ({ scale: ones(backend, [channels]), shift: zeros(backend, [channels]) }),
    apply: ({ scale, shift }, x) => groupNorm(x, scale, shift, { groups, activation, epsilon: 1e-6 }),
  };
}
