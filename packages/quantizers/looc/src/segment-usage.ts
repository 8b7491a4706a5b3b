/** Who uses which code: counts per segment of the vector, and by how many segments a code is shared. */
import { add, cast, greater, matmul, mul, ones, range, reshape, scatterAdd, sum, type Tensor, tidy } from '@vqkit/core';
import type { LoocQuantizer } from './looc.ts';

/**
 * How often each segment chose each code. Segments are the m pieces of a vector (for `grouping: 'patches'` the m·β²
 * groups of the folded map).
 *
 * @param indices  u32 `[N, H, W, m·β²]`, as `encode` gives them.
 * @returns f32 `[segments, K]`.
 */
export function segmentCounts({ layout, codes }: LoocQuantizer, indices: Tensor): Tensor {
  const { pieces, enlargement, grouping } = layout;
  const segments = grouping === 'patches' ? pieces * enlargement ** 2 : pieces;
  return tidy(() => {
    const rows = reshape(indices, [indices.size / segments, segments]);
    const offsets = mul(range(indices.backend, segments), codes);
    const places = reshape(add(rows, offsets), [indices.size]);
    const counts = scatterAdd(places, ones(indices.backend, [indices.size]), { size: segments * codes });
    return reshape(counts, [segments, codes]);
  });
}

const isUsed = (counts: Tensor): Tensor => cast(greater(counts, 0), 'f32');

/**
 * How many codes each segment uses.
 *
 * @param counts  f32 `[segments, K]`, from `segmentCounts`.
 * @returns f32 `[segments]`, each from 0 to K.
 * @see Li, Wong & Han 2026, arXiv:2601.00222, figure 7
 */
export function codesPerSegment(counts: Tensor): Tensor {
  return tidy(() => sum(isUsed(counts), { axes: 1 }));
}

/**
 * By how many segments each code is used: the sharing that a shared codebook is made for.
 *
 * @param counts  f32 `[segments, K]`, from `segmentCounts`.
 * @returns f32 `[K]`, each from 0 to the number of segments.
 */
export function sharing(counts: Tensor): Tensor {
  return tidy(() => sum(isUsed(counts), { axes: 0 }));
}

/**
 * How many codes each two segments have in common.
 *
 * @param counts  f32 `[segments, K]`, from `segmentCounts`.
 * @returns f32 `[segments, segments]`, symmetric, with `codesPerSegment` on the diagonal.
 * @see Li, Wong & Han 2026, arXiv:2601.00222, figure 8
 */
export function sharedBetween(counts: Tensor): Tensor {
  return tidy(() => matmul(isUsed(counts), isUsed(counts), { transposeB: true }));
}
