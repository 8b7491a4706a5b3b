/** The building blocks of the photo tokenizer. */
import { pixelShuffle, pixelUnshuffle, silu } from '@vqkit/core';
import { conv } from './conv.ts';
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

/** Enlarges by `factor`: a convolution to outChannels·factor², then a pixel shuffle; starts as nearest-neighbour. */
export function upsample(inChannels: number, outChannels: number, factor = 2): Layer<SequentialParams> {
  return sequential([
    conv({ inChannels, outChannels: outChannels * factor ** 2, start: { shuffle: factor } }),
    lambda((x) => pixelShuffle(x, factor)),
  ]);
}

/** Turns each `factor`×`factor` patch into channels. */
export function patchify(factor: number): Layer<Record<never, never>> {
  return lambda((x) => pixelUnshuffle(x, factor));
}
