/** A convolutional network whose intermediate features (taps) metrics compare. */
import type { Tensor } from '@vqkit/core';
import type { ConvolutionSpec, NetworkParams } from './convolution.ts';

/** A network up to its last tap. */
export interface Backbone {
  readonly name: 'alex' | 'vgg' | 'squeeze';
  /** Its convolutions, in order. */
  readonly convolutions: readonly ConvolutionSpec[];
  /** Channels of each tap. */
  readonly channels: readonly number[];
  /** Input pixels from one value of each tap to the next. */
  readonly strides: readonly number[];
  /** Smallest height and width that reach the last tap. */
  readonly minimumSize: number;
  /** The taps of a normalised image `[N, H, W, 3]`, each `[N, h, w, channels]`. */
  readonly taps: (params: NetworkParams, x: Tensor) => Tensor[];
}
