/**
 * SqueezeNet 1.1 up to its last fire module, with the taps that LPIPS uses.
 *
 * x → conv 3×3/2 → [pool] → fire 3, 4 → [pool] → fire 6, 7 → [pool] → fire 9, 10, 11, 12
 *
 * @see Iandola et al. 2016, arXiv:1602.07360; layer numbers and weights as in torchvision's `squeezenet1_1().features`
 */
import { concat, maxPool, type Tensor } from '@vqkit/core';
import type { Backbone } from './backbone.ts';
import { type ConvolutionSpec, convolveRelu, type NetworkParams } from './convolution.ts';

/** Input, squeezed and expanded channels (of either expansion) of each fire module. */
const fires: readonly (readonly [index: number, input: number, squeezed: number, expanded: number])[] = [
  [3, 64, 16, 64],
  [4, 128, 16, 64],
  [6, 128, 32, 128],
  [7, 256, 32, 128],
  [9, 256, 48, 192],
  [10, 384, 48, 192],
  [11, 384, 64, 256],
  [12, 512, 64, 256],
];

function fireConvolutions([index, input, squeezed, expanded]: (typeof fires)[number]): ConvolutionSpec[] {
  const name = `features.${index}`;
  return [
    { name: `${name}.squeeze`, shape: [squeezed, input, 1, 1] },
    { name: `${name}.expand1x1`, shape: [expanded, squeezed, 1, 1] },
    { name: `${name}.expand3x3`, shape: [expanded, squeezed, 3, 3] },
  ];
}

function fire(params: NetworkParams, index: number, x: Tensor): Tensor {
  const name = `features.${index}`;
  const squeezed = convolveRelu(params, `${name}.squeeze`, x, { pads: 0 });
  const narrow = convolveRelu(params, `${name}.expand1x1`, squeezed, { pads: 0 });
  const wide = convolveRelu(params, `${name}.expand3x3`, squeezed, { pads: 1 });
  return concat([narrow, wide], -1);
}

/** 3×3 maximum with stride 2 whose last window may reach over the border by one pixel (PyTorch's `ceil_mode`). */
function poolCeil(x: Tensor): Tensor {
  const beyond = (n: number): number => (n - 3) & 1;
  return maxPool(x, { size: 3, strides: 2, pads: [0, 0, beyond(x.shape[1]!), beyond(x.shape[2]!)] });
}

function taps(params: NetworkParams, image: Tensor): Tensor[] {
  const tap0 = convolveRelu(params, 'features.0', image, { strides: 2, pads: 0 });
  const tap1 = fire(params, 4, fire(params, 3, poolCeil(tap0)));
  const tap2 = fire(params, 7, fire(params, 6, poolCeil(tap1)));
  const tap3 = fire(params, 9, poolCeil(tap2));
  const tap4 = fire(params, 10, tap3);
  const tap5 = fire(params, 11, tap4);
  return [tap0, tap1, tap2, tap3, tap4, tap5, fire(params, 12, tap5)];
}

/** SqueezeNet 1.1: 722,496 parameters; taps after layers 1, 4, 7, 9, 10, 11 and 12. */
export const squeezenet: Backbone = {
  name: 'squeeze',
  convolutions: [{ name: 'features.0', shape: [64, 3, 3, 3] }, ...fires.flatMap(fireConvolutions)],
  channels: [64, 128, 256, 384, 384, 512, 512],
  strides: [2, 4, 8, 16, 16, 16, 16],
  // 17 → 8 → 4 → 2 → one window of the last pool
  minimumSize: 17,
  taps,
};
