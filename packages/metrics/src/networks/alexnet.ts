/**
 * The convolutions of AlexNet in its "one weird trick" form, with a tap after each ReLU.
 *
 * @see Krizhevsky 2014, arXiv:1404.5997; layer numbers and weights as in torchvision's `alexnet().features`
 */
import { maxPool, type Tensor } from '@vqkit/core';
import type { Backbone } from './backbone.ts';
import { convolveRelu, type NetworkParams } from './convolution.ts';

const pool = (x: Tensor): Tensor => maxPool(x, { size: 3, strides: 2 });

function taps(params: NetworkParams, image: Tensor): Tensor[] {
  const tap0 = convolveRelu(params, 'features.0', image, { strides: 4, pads: 2 });
  const tap1 = convolveRelu(params, 'features.3', pool(tap0), { pads: 2 });
  const tap2 = convolveRelu(params, 'features.6', pool(tap1), { pads: 1 });
  const tap3 = convolveRelu(params, 'features.8', tap2, { pads: 1 });
  return [tap0, tap1, tap2, tap3, convolveRelu(params, 'features.10', tap3, { pads: 1 })];
}

/** AlexNet's convolutions: 2,469,696 parameters; taps after layers 1, 4, 7, 9 and 11. */
export const alexnet: Backbone = {
  name: 'alex',
  convolutions: [
    { name: 'features.0', shape: [64, 3, 11, 11] },
    { name: 'features.3', shape: [192, 64, 5, 5] },
    { name: 'features.6', shape: [384, 192, 3, 3] },
    { name: 'features.8', shape: [256, 384, 3, 3] },
    { name: 'features.10', shape: [256, 256, 3, 3] },
  ],
  channels: [64, 192, 384, 256, 256],
  strides: [4, 8, 16, 16, 16],
  // 31 → 7 → 3 → one pixel
  minimumSize: 31,
  taps,
};
