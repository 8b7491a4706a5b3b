/** Pictures to learn differences from: photos restored from codes that are somewhat off, and again with a few codes changed. */
import { add, cast, gather, less, mean, mul, nearestCode, sqrt, square, sub, type Tensor, tidy } from '@vqkit/core';
import { normalBits, splitKey, uniformBits } from '@vqkit/core/codebook';
import type { PhotoTokenizer, PhotoTokenizerParams } from '@vqkit/models';

/** How far codes are off, in distances of features to their codes: anything up to the first, and around the second, which leads to neighbours. */
const [farthest, neighbours] = [1.5, 1.5];

/** Share of the positions that the second picture changes. */
const share = 0.3;

/** Two versions of a batch. */
export interface ChangedPictures {
  /** f32 `[N, H, W, 3]`. */
  readonly restored: Tensor;
  /** The same with about a third of the codes changed to others near them, f32 `[N, H, W, 3]`. */
  readonly changed: Tensor;
}

/**
 * @param codebook  f32 `[K, D]`.
 * @param x  f32 `[N, H, W, 3]` in [−1, 1].
 * @param key  u32 `[2]`: random words of this step.
 */
export function changedPictures(
  network: PhotoTokenizer,
  params: PhotoTokenizerParams,
  codebook: Tensor,
  x: Tensor,
  key: Tensor,
): ChangedPictures {
  return tidy(() => {
    const [far, noise, others, where] = splitKey(key, 4) as [Tensor, Tensor, Tensor, Tensor];
    const z = network.encode(params.encoder, x);
    const [n, h, w] = z.shape as [number, number, number, number];
    const codesOf = (vectors: Tensor): Tensor => gather(codebook, nearestCode(vectors, codebook).indices);
    const distance = sqrt(mean(square(sub(z, codesOf(z)))));
    const reach = mul(mul(uniformBits(far, [n, 1, 1, 1]), farthest), distance);
    const first = codesOf(add(z, mul(normalBits(noise, z.shape), reach)));
    const isChanged = cast(less(uniformBits(where, [n, h, w, 1]), share), 'f32');
    const second = codesOf(add(first, mul(mul(normalBits(others, z.shape), mul(distance, neighbours)), isChanged)));
    const [restored, changed] = [first, second].map((codes) => network.decode(params.decoder, codes));
    return { restored: restored!, changed: changed! };
  });
}
