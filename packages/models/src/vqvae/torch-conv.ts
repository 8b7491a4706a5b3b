/** Convolutions that start as PyTorch's do: weights and biases uniform in ±1/√fan-in (Kaiming with a = √5). */
import { type Activation, activate, add, conv2dFused, convTranspose2d } from '@vqkit/core';
import type { ConvParams } from '../layers/conv.ts';
import type { Layer } from '../layers/layer.ts';

/** A square convolution with padding on all sides. */
export interface TorchConvOptions {
  readonly inChannels: number;
  readonly outChannels: number;
  readonly size: number;
  /** Default 1. */
  readonly stride?: number;
  /** Default 0. */
  readonly pads?: number;
  /** Applied after the bias. Default `'none'`. */
  readonly activation?: Activation;
}

/** A convolution, `[N, H, W, inChannels]` → `[N, ⌊(H + 2·pads − size)/stride⌋ + 1, …, outChannels]`. */
export function torchConv(options: TorchConvOptions): Layer<ConvParams> {
  const { inChannels, outChannels, size, stride = 1, pads = 0, activation = 'none' } = options;
  const bound = 1 / Math.sqrt(inChannels * size ** 2);
  return {
    init: (backend, random) => ({
      weight: random.uniform(backend, [size, size, inChannels, outChannels], -bound, bound),
      bias: random.uniform(backend, [outChannels], -bound, bound),
    }),
    apply: ({ weight, bias }, x) => conv2dFused(x, weight, { bias, strides: stride, pads, activation }),
  };
}

/** A transposed convolution, `[N, H, W, inChannels]` → `[N, (H − 1)·stride + size − 2·pads, …, outChannels]`. */
export function torchConvTranspose(options: TorchConvOptions): Layer<ConvParams> {
  const { inChannels, outChannels, size, stride = 1, pads = 0, activation = 'none' } = options;
  // PyTorch takes the outputs for the fan-in here.
  const bound = 1 / Math.sqrt(outChannels * size ** 2);
  return {
    init: (backend, random) => ({
      weight: random.uniform(backend, [size, size, outChannels, inChannels], -bound, bound),
      bias: random.uniform(backend, [outChannels], -bound, bound),
    }),
    apply: ({ weight, bias }, x) => {
      const y = add(convTranspose2d(x, weight, { strides: stride, pads }), bias);
      return activate(y, activation);
    },
  };
}
