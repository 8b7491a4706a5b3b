/**
 * The seeded weights and images of `scripts/make-network-fixtures.py`, drawn again: PyTorch's generator is the Mersenne
 * Twister and the arithmetic is float32 in one order. For tests only.
 */
import { type HostTensor, writeSafetensors } from '@vqkit/core';
import type { ConvolutionSpec } from '../networks/convolution.ts';
import { toNhwc } from './data.ts';

/** Draws the next values in [0, 1), as `torch.rand`. */
export type Draw = (count: number) => Float32Array;

/** A named tensor for a weights file. */
export type Entry = readonly [name: string, tensor: HostTensor];

const f32 = (data: Float32Array, shape: readonly number[]): HostTensor => ({ data, shape, dtype: 'f32' });

/** (2·rand − 1)·scale in float32, as `(2 * torch.rand(n) - 1) * scale`. */
function centred(draw: Draw, count: number, scale: number): Float32Array {
  const factor = Math.fround(scale);
  return draw(count).map((value) => Math.fround(2 * value - 1) * factor);
}

/** A filter with the deviation that keeps the scale of features. */
function filter(draw: Draw, shape: ConvolutionSpec['shape']): Float32Array {
  const [cout, cin, kh, kw] = shape;
  return centred(draw, cout * cin * kh * kw, Math.sqrt(6 / (cin * kh * kw)));
}

/** `name.weight` and `name.bias` of every convolution, in order. */
export function drawNetwork(draw: Draw, specs: readonly ConvolutionSpec[]): Entry[] {
  return specs.flatMap(({ name, shape }): Entry[] => [
    [`${name}.weight`, f32(filter(draw, shape), shape)],
    [`${name}.bias`, f32(centred(draw, shape[0], 0.1), [shape[0]])],
  ]);
}

/** Convolutions with batch normalisation: `name.conv.weight` and four statistics under `name.bn`. */
export function drawNormalizedNetwork(draw: Draw, specs: readonly ConvolutionSpec[]): Entry[] {
  return specs.flatMap(({ name, shape }): Entry[] => {
    const weight = f32(filter(draw, shape), shape);
    const statistic = (offset: number): HostTensor =>
      f32(
        draw(shape[0]).map((v) => v + offset),
        [shape[0]],
      );
    const [gain, shift, mean, variance] = [statistic(0.5), statistic(-0.5), statistic(-0.5), statistic(0.5)];
    return [
      [`${name}.conv.weight`, weight],
      [`${name}.bn.weight`, gain],
      [`${name}.bn.bias`, shift],
      [`${name}.bn.running_mean`, mean],
      [`${name}.bn.running_var`, variance],
    ];
  });
}

/** A vector of values in [0, scale). */
export function drawVector(draw: Draw, name: string, count: number, scale = 1): Entry {
  return [
    name,
    f32(
      draw(count).map((value) => value * scale),
      [count],
    ),
  ];
}

/** Images in [0, 1), `[N, H, W, 3]`. */
export function drawImages(draw: Draw, [n, c, h, w]: readonly [number, number, number, number]): Float32Array {
  return toNhwc(draw(n * c * h * w), [n, c, h, w]);
}

/** A weights file. */
export function toFile(entries: readonly Entry[]): Uint8Array {
  return writeSafetensors(Object.fromEntries(entries));
}
