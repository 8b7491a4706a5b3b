/**
 * The convolutions of VGG16 (without batch normalisation), with a tap after the last ReLU of each of its five stages.
 * The pooling between stages is exchangeable: maximum for LPIPS, L2 for DISTS.
 *
 * @see Simonyan & Zisserman 2014, arXiv:1409.1556; layer numbers and weights as in torchvision's `vgg16().features`
 */
import { maxPool, type Tensor } from '@vqkit/core';
import type { Backbone } from './backbone.ts';
import { type ConvolutionSpec, convolveRelu, type NetworkParams } from './convolution.ts';

/** Layer numbers of the convolutions of each stage, and their output channels. */
const stages = [
  { layers: [0, 2], channels: 64 },
  { layers: [5, 7], channels: 128 },
  { layers: [10, 12, 14], channels: 256 },
  { layers: [17, 19, 21], channels: 512 },
  { layers: [24, 26, 28], channels: 512 },
] as const;

function convolutions(): ConvolutionSpec[] {
  let input = 3;
  return stages.flatMap(({ layers, channels }) =>
    layers.map((layer) => {
      const spec: ConvolutionSpec = { name: `features.${layer}`, shape: [channels, input, 3, 3] };
      input = channels;
      return spec;
    }),
  );
}

/**
 * Features after each stage: relu1_2, relu2_2, relu3_3, relu4_3, relu5_3.
 *
 * @param pool  What shrinks the image by two between stages.
 */
export function vgg16Taps(params: NetworkParams, image: Tensor, pool: (x: Tensor) => Tensor): Tensor[] {
  const taps: Tensor[] = [];
  for (const { layers } of stages) {
    const last = taps.at(-1);
    taps.push(
      layers.reduce<Tensor>(
        (x, layer) => convolveRelu(params, `features.${layer}`, x, { pads: 1 }),
        last === undefined ? image : pool(last),
      ),
    );
  }
  return taps;
}

/** VGG16's convolutions: 14,714,688 parameters; taps after layers 3, 8, 15, 22 and 29. */
export const vgg16: Backbone = {
  name: 'vgg',
  convolutions: convolutions(),
  channels: stages.map(({ channels }) => channels),
  strides: [1, 2, 4, 8, 16],
  minimumSize: 16,
  taps: (params, image) => vgg16Taps(params, image, (x) => maxPool(x, { size: 2 })),
};
