/** The building blocks of the photo tokenizer. */
import { add, linear, pixelShuffle, pixelUnshuffle, silu, type Tensor, tensor, tidy } from '@vqkit/core';
import { type ConvParams, conv } from './conv.ts';
import { type Layer, lambda, residual, type SequentialParams, sequential } from './layer.ts';

/**
 * x + conv(silu(conv(silu(x)))), the last convolution starting at zero. No normalisation: activations keep their
 * scale because every branch starts as nothing.
 *
 * @see Zhang et al. 2019 (Fixup), arXiv:1901.09321, for training residual networks without normalisation
 */
export function resBlock(channels: number): Layer<SequentialParams> {
  return residual(
    sequential([
      lambda(silu),
      conv({ inChannels: channels, outChannels: channels, activation: 'silu' }),
      conv({ inChannels: channels, outChannels: channels, start: 'zero' }),
    ]),
  );
}

/** `count` residual blocks one after the other. */
export function resBlocks(count: number, channels: number): Layer<SequentialParams> {
  return sequential(Array.from({ length: count }, () => resBlock(channels)));
}

/** Turns each `factor`×`factor` patch into channels. */
export function patchify(factor: number): Layer<Record<never, never>> {
  return lambda((x) => pixelUnshuffle(x, factor));
}

/** What goes around a change of resolution: nothing, or the pixels themselves, traded for channels. */
export type Shortcut = 'none' | 'spaceToChannel';

/**
 * Halves the image by a convolution with stride 2; with a shortcut, the pixels of each 2×2 patch are added, as channels
 * averaged in groups to `outChannels`, so that the convolution learns a remainder.
 *
 * @see Chen et al. 2024 (DC-AE), arXiv:2410.10733, section 3.2
 */
export function downsample(inChannels: number, outChannels: number, shortcut: Shortcut = 'none'): Layer<ConvParams> {
  const strided = conv({ inChannels, outChannels, stride: 2 });
  return shortcut === 'none' ? strided : beside(strided, (x) => matchChannels(pixelUnshuffle(x, 2), outChannels));
}

/** How `upsample` enlarges. */
export interface UpsampleOptions {
  /** Default 2. */
  readonly factor?: number;
  /** Default `'none'`. */
  readonly shortcut?: Shortcut;
}

/**
 * Enlarges by a convolution to outChannels·factor², then a pixel shuffle; starts as nearest-neighbour. With a shortcut,
 * channels turned into pixels and repeated to `outChannels` are added.
 */
export function upsample(
  inChannels: number,
  outChannels: number,
  { factor = 2, shortcut = 'none' }: UpsampleOptions = {},
): Layer<SequentialParams> {
  const body = sequential([
    conv({ inChannels, outChannels: outChannels * factor ** 2, start: { shuffle: factor } }),
    lambda((x) => pixelShuffle(x, factor)),
  ]);
  return shortcut === 'none' ? body : beside(body, (x) => matchChannels(pixelShuffle(x, factor), outChannels));
}

/** body(x) + shortcut(x). */
function beside<P>(body: Layer<P>, shortcut: (x: Tensor) => Tensor): Layer<P> {
  return { init: body.init, apply: (params, x) => tidy(() => add(body.apply(params, x), shortcut(x))) };
}

/**
 * Another number of channels without parameters: each new channel is the mean of the stretch of old ones that it stands
 * for. Averages groups where there are fewer, repeats channels where there are more, and takes shares in between.
 */
function matchChannels(x: Tensor, channels: number): Tensor {
  const from = x.shape.at(-1)!;
  if (from === channels) return x;
  const length = from / channels;
  const overlap = (old: number, fresh: number): number =>
    Math.max(0, Math.min(old + 1, (fresh + 1) * length) - Math.max(old, fresh * length)) / length;
  const shares = Float32Array.from({ length: from * channels }, (_, i) =>
    overlap(Math.floor(i / channels), i % channels),
  );
  return linear(x, tensor(x.backend, shares, [from, channels]));
}
