/**
 * Images moved by a random offset. Perceptual networks look at every second or fourth pixel first; when that raster
 * always falls on the decoder's own, errors between its points go unseen, and the decoder fills pictures with a fine
 * grid. An offset that changes with every step leaves no place to hide.
 */
import {
  add,
  bitAnd,
  matmul,
  maximum,
  minimum,
  oneHot,
  randomBits,
  range,
  reshape,
  slice,
  sub,
  type Tensor,
  tidy,
} from '@vqkit/core';

/** Offsets of a move: 8 cover strides of 2, 4 and 8. */
const reach = 8;

/**
 * Moves some image batches by the same random offset, −4 to 3 pixels along each axis; pixels at the border are repeated
 * into what becomes free.
 *
 * @param images  f32 `[N, H, W, C]` each, of one shape.
 * @param key  u32 `[2]`: random words of this step.
 * @returns f32 `[N, H, W, C]` each.
 */
export function randomPhase(images: readonly Tensor[], key: Tensor): Tensor[] {
  return tidy(() => {
    const [n, h, w, c] = images[0]!.shape as [number, number, number, number];
    const offsets = bitAnd(randomBits(key, [2]), reach - 1);
    // A matrix with one 1 per row picks rows; its gradient is a product too.
    const pick = (axis: number, size: number): Tensor => {
      const moved = add(range(key.backend, size), slice(offsets, [axis], { size: [1] }));
      return oneHot(minimum(sub(maximum(moved, reach / 2), reach / 2), size - 1), size);
    };
    const rows = pick(0, h);
    const columns = pick(1, w);
    return images.map((x) => {
      const lines = matmul(rows, reshape(x, [n, h, w * c]));
      return reshape(matmul(columns, reshape(lines, [n * h, w, c])), [n, h, w, c]);
    });
  });
}
