/**
 * Where a position lies in its map, as waves over rows and columns. What rotary places tell apart is distances alone: where
 * all positions are alike, as at the start of drawing, they would all be answered alike.
 *
 * @see Tancik et al. 2020, arXiv:2006.10739 (Fourier features)
 */
import { type Tensor, tensor } from '@vqkit/core';

/** Waves along an axis, each twice as fast as the one before. */
const waves = 5;

/** Numbers that tell a place. */
export const placeSize = 4 * waves;

/** Sines and cosines of the shares of height and width that lie before the middle of each position, f32 `[1, h, w, placeSize]`. */
export function placesOf(backend: Tensor['backend'], height: number, width: number): Tensor {
  const values = Float32Array.from({ length: height * width * placeSize }, (_, i) => {
    const [at, number] = [Math.floor(i / placeSize), i % placeSize];
    const share = number < 2 * waves ? (Math.floor(at / width) + 0.5) / height : ((at % width) + 0.5) / width;
    const angle = Math.PI * 2 ** ((number >> 1) % waves) * share;
    return number % 2 === 0 ? Math.sin(angle) : Math.cos(angle);
  });
  return tensor(backend, values, [1, height, width, placeSize]);
}
