/** Latents coded at mixed rates: what a decoder that serves every codebook is trained on. */
import {
  cast,
  concat,
  gather,
  mod,
  nearestCode,
  randomBits,
  reshape,
  slice,
  split,
  type Tensor,
  tidy,
} from '@vqkit/core';

/** Parts of a batch: the first is coded with the full codebook, the others with random ones. */
export const rateParts = 3;

/**
 * Codes each third of a batch with its own codebook: the first with the full one, the others with any.
 *
 * @param z  f32 `[N, h, w, D]`, N a multiple of 3.
 * @param books  f32 `[books, K, D]`, the full codebook first.
 * @param key  u32 `[2]`: random words of this step.
 * @returns The nearest codes, f32 `[N, h, w, D]`, without gradient to `z`.
 */
export function codeAtRates(z: Tensor, books: Tensor, key: Tensor): Tensor {
  return tidy(() => {
    const [count, codes, dimension] = books.shape as [number, number, number];
    const choices = cast(mod(randomBits(key, [rateParts]), count), 'u32');
    const each = split(z, Array(rateParts).fill(z.shape[0]! / rateParts), 0);
    const coded = each.map((part, i) => {
      const book =
        i === 0 ? slice(books, [], { size: [1, codes, dimension] }) : gather(books, slice(choices, [i], { size: [1] }));
      const table = reshape(book, [codes, dimension]);
      return gather(table, nearestCode(part, table).indices);
    });
    return concat(coded);
  });
}
