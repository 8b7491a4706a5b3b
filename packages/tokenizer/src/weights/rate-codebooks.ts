/**
 * Codebooks for many rates from one: k-means on the codes, weighted by how often each is used, halving the number of
 * codes each time. So they are nested: every code of a smaller book is the mean of a group of codes of the next larger.
 *
 * @see Mao et al. 2024, arXiv:2307.08265, for k-means on the codebook (unweighted there)
 */
import { clone, disposeTree, type Tensor } from '@vqkit/core';
import { kmeans } from '@vqkit/core/codebook';

/** How the smaller codebooks are made. */
export interface RateCodebookOptions {
  /** Sizes besides that of the full codebook, each smaller than the one before. */
  readonly sizes: readonly number[];
  /** How often each code of the full codebook is used, f32 `[K]`; without it all codes count the same, as in the paper. */
  readonly counts?: Tensor;
  readonly seed?: number;
}

/** Sizes of nested codebooks: K/2, K/4, … down to 8. */
export function halvedSizes(codes: number): number[] {
  const sizes: number[] = [];
  for (let size = Math.floor(codes / 2); size >= 8; size = Math.floor(size / 2)) sizes.push(size);
  return sizes;
}

/**
 * Derives the smaller codebooks.
 *
 * @param codebook  f32 `[K, D]`.
 * @returns One codebook f32 `[size, D]` per size, the full one first.
 */
export async function rateCodebooks(
  codebook: Tensor,
  { sizes, counts, seed = 1 }: RateCodebookOptions,
): Promise<Tensor[]> {
  const books = [clone(codebook)];
  let weights = counts && clone(counts);
  for (const size of sizes) {
    const result = await kmeans(books.at(-1)!, size, { weights, seed, restarts: 4, iterations: 50 });
    books.push(result.codebook);
    disposeTree([weights, result.indices]);
    weights = counts && result.counts;
    if (!counts) result.counts.dispose();
  }
  weights?.dispose();
  return books;
}
