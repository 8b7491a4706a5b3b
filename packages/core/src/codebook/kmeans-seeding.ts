/**
 * k-means++ seeding on the host: each further code is a vector drawn with probability weight·squared distance to the
 * nearest code so far.
 *
 * @see Arthur & Vassilvitskii 2007, "k-means++: the advantages of careful seeding"
 */
import type { Random } from '../random/random.ts';

/** Vectors per code that seeding looks at; more of them change little, and its work is their number times K. */
const vectorsPerCode = 8;

/**
 * Chooses codes among vectors.
 *
 * @param vectors  N·D values.
 * @param weights  N values > 0.
 * @returns codes·D values; vectors repeat only when there are too few different ones.
 */
export function seedCodes(vectors: Float32Array, weights: Float32Array, codes: number, stream: Random): Float32Array {
  const count = weights.length;
  const d = vectors.length / count;
  const limit = Math.max(codes * vectorsPerCode, 1024);
  const rows = count > limit ? stream.permutation(count).subarray(0, limit) : Uint32Array.from(weights.keys());
  const chosen = new Float32Array(codes * d);
  const scores = Float64Array.from(rows, (row) => weights[row]!);
  const distances = new Float64Array(rows.length).fill(Number.POSITIVE_INFINITY);
  for (let k = 0; k < codes; k++) {
    const row = rows[draw(scores, stream.next())] ?? rows[stream.integer(rows.length)]!;
    const code = vectors.subarray(row * d, (row + 1) * d);
    chosen.set(code, k * d);
    for (let i = 0; i < rows.length; i++) {
      const distance = squaredDistance(vectors, rows[i]! * d, code, distances[i]!);
      if (distance < distances[i]!) distances[i] = distance;
      scores[i] = distances[i]! * weights[rows[i]!]!;
    }
  }
  return chosen;
}

/** Squared distance, or something larger than `bound` as soon as it is passed. */
function squaredDistance(vectors: Float32Array, offset: number, code: Float32Array, bound: number): number {
  let total = 0;
  for (let i = 0; i < code.length && total <= bound; i++) {
    const difference = vectors[offset + i]! - code[i]!;
    total += difference * difference;
  }
  return total;
}

/** A place with probability proportional to its score; −1 when all are 0. */
function draw(scores: Float64Array, u: number): number {
  const total = scores.reduce((a, b) => a + b, 0);
  if (!(total > 0)) return -1;
  let rest = u * total;
  let last = -1;
  for (let i = 0; i < scores.length; i++) {
    if (scores[i]! === 0) continue;
    last = i;
    rest -= scores[i]!;
    if (rest < 0) return i;
  }
  return last;
}
