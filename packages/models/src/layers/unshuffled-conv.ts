/**
 * A convolution after a pixel shuffle, computed before it: pixels that the shuffle would put side by side are channels of
 * one cell, so the same products are those of a convolution over cells, whose filters have zeros where a pixel does not
 * look. The large image is made once, of few channels, instead of being written and read with all of them.
 *
 *   conv(pixelShuffle(x, r)) = pixelShuffle(conv over cells (x), r)
 */
import { concat, conv2dFused, gather, pixelShuffle, reshape, type Tensor, tensor, tidy, zeros } from '@vqkit/core';
import type { ConvParams } from './conv.ts';

/**
 * Equals `conv(…).apply(params, pixelShuffle(x, factor))` for a convolution of odd size, stride 1 and padding `'same'`, but
 * for the order of sums.
 *
 * @param x  f32 `[N, h, w, cin·factor²]`.
 * @returns f32 `[N, h·factor, w·factor, cout]`.
 */
export function unshuffledConv({ weight, bias }: ConvParams, x: Tensor, factor: number): Tensor {
  return tidy(() => {
    const { backend, shape } = weight;
    const [size, , cin, cout] = shape as [number, number, number, number];
    const span = 2 * Math.ceil((size - 1) / 2 / factor) + 1;
    const places = tensor(backend, filterPlaces([size, cin, cout], factor, span));
    const taps = concat([reshape(weight, [weight.size]), zeros(backend, [1])], 0);
    const own = Uint32Array.from({ length: cout * factor ** 2 }, (_, i) => Math.floor(i / factor ** 2));
    const cells = conv2dFused(x, reshape(gather(taps, places), [span, span, cin * factor ** 2, own.length]), {
      bias: gather(bias, tensor(backend, own)),
      pads: 'same',
    });
    return pixelShuffle(cells, factor);
  });
}

/** For each weight of the filters over cells, its place among those over pixels; the one after them is 0. */
function filterPlaces(
  [size, cin, cout]: readonly [number, number, number],
  factor: number,
  span: number,
): Uint32Array<ArrayBuffer> {
  const [reach, cellReach] = [(size - 1) / 2, (span - 1) / 2];
  const parts = factor ** 2;
  const places = new Uint32Array(span ** 2 * cin * parts * cout * parts).fill(size ** 2 * cin * cout);
  let at = 0;
  for (let cell = 0; cell < span ** 2; cell++) {
    for (let from = 0; from < cin * parts; from++) {
      for (let to = 0; to < cout * parts; to++, at++) {
        /** Where the pixel that is read lies in the window of the one that is made, along an axis. */
        const tap = (cellAt: number, part: (i: number) => number): number =>
          (cellAt - cellReach) * factor + part(from % parts) - part(to % parts) + reach;
        const y = tap(Math.floor(cell / span), (i) => Math.floor(i / factor));
        const x = tap(cell % span, (i) => i % factor);
        if (Math.min(x, y) < 0 || Math.max(x, y) >= size) continue;
        places[at] = ((y * size + x) * cin + Math.floor(from / parts)) * cout + Math.floor(to / parts);
      }
    }
  }
  return places;
}
