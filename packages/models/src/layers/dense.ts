/** Affine maps of the last axis, and its normalisation, as layers. */
import { type Backend, layerNorm, linear, ones, type Random, type Tensor, tensor, zeros } from '@vqkit/core';
import type { NormParams } from './group-norm.ts';
import type { Layer } from './layer.ts';

/** Parameters of an affine map. */
export interface DenseParams {
  /** f32 `[in, out]`. */
  readonly weight: Tensor;
  /** f32 `[out]`. */
  readonly bias: Tensor;
}

/**
 * x·weight + bias over the last axis.
 *
 * @param start  Standard deviation of the weights at the start; 0 makes a residual branch start as the identity. Default 1/√in.
 */
export function dense(inChannels: number, outChannels: number, start = inChannels ** -0.5): Layer<DenseParams> {
  return {
    init: (backend: Backend, random: Random): DenseParams => ({
      weight:
        start === 0
          ? zeros(backend, [inChannels, outChannels])
          : tensor(backend, random.normalArray(inChannels * outChannels, 0, start), [inChannels, outChannels]),
      bias: zeros(backend, [outChannels]),
    }),
    apply: ({ weight, bias }, x) => linear(x, weight, bias),
  };
}

/** Layer normalisation of the last axis. @see Ba et al. 2016, arXiv:1607.06450 */
export function layerNormLayer(channels: number): Layer<NormParams> {
  return {
    init: (backend) => ({ scale: ones(backend, [channels]), shift: zeros(backend, [channels]) }),
    apply: ({ scale, shift }, x) => layerNorm(x, scale, shift),
  };
}
