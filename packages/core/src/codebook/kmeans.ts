/**
 * K-means with k-means++ seeding, plain or weighted: how codebooks start, and how smaller ones are made from larger.
 * Seeding runs on the host; Lloyd's iterations run on the backend of the vectors, in memory that does not grow with N·K.
 *
 * @see Lloyd 1982, doi:10.1109/TIT.1982.1056489; Arthur & Vassilvitskii 2007, "k-means++"
 */
import { ValueError } from '../errors.ts';
import { div, maximum, mul } from '../ops/binary.ts';
import { checkDTypes, checkRank, checkShape } from '../ops/broadcast-shapes.ts';
import { greater, where } from '../ops/compare.ts';
import { tensor } from '../ops/create.ts';
import { nearestCode } from '../ops/nearest-code.ts';
import { sum } from '../ops/reduce.ts';
import { expandDims } from '../ops/reshape.ts';
import { slice } from '../ops/slice.ts';
import { random } from '../random/random.ts';
import { disposeTree, tidy } from '../tensor/scope.ts';
import { alias, type Tensor } from '../tensor/tensor.ts';
import { checkCount } from './codebook.ts';
import { seedCodes } from './kmeans-seeding.ts';
import { weightedStatistics } from './weighted.ts';

/** Options of `kmeans`. */
export interface KmeansOptions {
  /** Means to start from, f32 `[K, D]`, instead of seeding; then `restarts` is 1. */
  readonly start?: Tensor;
  /** Seed of the choices. Default 0. */
  readonly seed?: number;
  /** Weight of each vector, f32 `[N]`, ≥ 0, not all 0. Default: all 1. */
  readonly weights?: Tensor;
  /** Lloyd iterations at most, ≥ 0. Default 25. */
  readonly iterations?: number;
  /** Independent starts, ≥ 1; the best result is kept. Default 1. */
  readonly restarts?: number;
  /** Ends when an iteration lowers the error by less than this share. Default 1e-4. */
  readonly tolerance?: number;
  readonly signal?: AbortSignal;
}

/** Result of `kmeans`. */
export interface KmeansResult {
  /** Means, f32 `[K, D]`. */
  readonly codebook: Tensor;
  /** Which mean each vector belongs to, u32 `[N]`. */
  readonly indices: Tensor;
  /** Weight of the vectors of each mean, f32 `[K]`. */
  readonly counts: Tensor;
  /** Σ weight·squared distance. */
  readonly error: number;
}

/**
 * Finds `codes` means of vectors.
 *
 * @param vectors  f32 `[N, D]`, N ≥ 1, finite. With fewer than K different vectors some means repeat.
 * @param codes  K ≥ 1.
 * @throws ValueError `NOT_FINITE` when vectors or weights are not finite; `VALUE_OUT_OF_RANGE`
 *
 * @example
 * const { codebook } = await kmeans(vectors, 256, { seed: 1 }); // vectors: [20000, 16] → codebook: [256, 16]
 */
export async function kmeans(vectors: Tensor, codes: number, options: KmeansOptions = {}): Promise<KmeansResult> {
  const { seed = 0, restarts = 1, weights, start } = options;
  checkDTypes('kmeans', [vectors], ['f32']);
  checkRank('kmeans', 'vectors [N, D]', vectors, 2);
  if (weights) checkShape('kmeans', 'weights', weights, [vectors.shape[0]!]);
  for (const [name, value] of Object.entries({ codes, restarts, vectors: vectors.shape[0]! })) checkCount(name, value);
  const host = (await vectors.data()) as Float32Array;
  const hostWeights = weights ? ((await weights.data()) as Float32Array) : new Float32Array(vectors.shape[0]!).fill(1);
  checkFinite(host, hostWeights);
  if (start) {
    checkShape('kmeans', 'start', start, [codes, vectors.shape[1]!]);
    return lloyd(vectors, alias(start), options);
  }
  const stream = random(seed);
  const counted = withWeight(host, hostWeights);
  let best: KmeansResult | undefined;
  for (let run = 0; run < restarts; run++) {
    const seeds = seedCodes(counted.vectors, counted.weights, codes, stream.split(run));
    const result = await lloyd(vectors, tensor(vectors.backend, seeds, [codes, vectors.shape[1]!]), options);
    if (best === undefined || result.error < best.error) {
      disposeTree(best);
      best = result;
    } else disposeTree(result);
  }
  return best!;
}

/** Vectors of weight 0 are no candidates. */
function withWeight(vectors: Float32Array, weights: Float32Array): { vectors: Float32Array; weights: Float32Array } {
  if (weights.every((w) => w > 0)) return { vectors, weights };
  const d = vectors.length / weights.length;
  return { vectors: vectors.filter((_, i) => weights[Math.floor(i / d)]! > 0), weights: weights.filter((w) => w > 0) };
}

function checkFinite(vectors: Float32Array, weights: Float32Array): void {
  const isFine = vectors.every(Number.isFinite) && weights.every((w) => w >= 0 && w < Number.POSITIVE_INFINITY);
  if (isFine && weights.some((w) => w > 0)) return;
  throw new ValueError({
    code: 'NOT_FINITE',
    message: 'kmeans: expected finite vectors, and weights ≥ 0 of which one is positive; got others',
    fix: 'Look for the layer whose output is not finite, or leave out vectors without weight',
  });
}

/** Moves means until they rest. Takes over `start`. */
async function lloyd(vectors: Tensor, start: Tensor, options: KmeansOptions): Promise<KmeansResult> {
  const { iterations = 25, tolerance = 1e-4, weights, signal } = options;
  let state = assignAll(vectors, start, weights);
  for (let i = 0; ; i++) {
    const error = await state.error.item();
    signal?.throwIfAborted();
    const previous = state;
    if (i >= iterations || error === 0) return finish(state, error);
    const codebook = await withoutEmpty(
      previous,
      vectors,
      tidy(() => meansOf(previous)),
      weights,
    );
    state = assignAll(vectors, codebook, weights);
    const improved = await state.error.item();
    if (improved > error * (1 - tolerance)) {
      const [kept, dropped] = improved < error ? [state, previous] : [previous, state];
      disposeTree(dropped);
      return finish(kept, Math.min(improved, error));
    }
    disposeTree(previous);
  }
}

interface Assignment {
  readonly codebook: Tensor;
  readonly indices: Tensor;
  readonly distances: Tensor;
  readonly counts: Tensor;
  readonly sums: Tensor;
  readonly error: Tensor;
}

function assignAll(vectors: Tensor, codebook: Tensor, weights: Tensor | undefined): Assignment {
  return tidy(() => {
    const { indices, distances } = nearestCode(vectors, codebook);
    const { counts, sums } = weightedStatistics(vectors, indices, codebook.shape[0]!, weights);
    const error = sum(weights ? mul(distances, weights) : distances);
    return { codebook, indices, distances, counts, sums, error };
  });
}

function meansOf({ codebook, counts, sums }: Assignment): Tensor {
  const columns = expandDims(counts, 1);
  return where(greater(columns, 0), div(sums, maximum(columns, 1e-30)), codebook);
}

/** Gives means that have no vectors those that add most to the error. Takes over `codebook`. */
async function withoutEmpty(state: Assignment, vectors: Tensor, codebook: Tensor, weights?: Tensor): Promise<Tensor> {
  const empty = Array.from((await state.counts.data()).entries()).flatMap(([k, count]) => (count > 0 ? [] : [k]));
  if (empty.length === 0) return codebook;
  const shares = (await weights?.data()) as Float32Array | undefined;
  const distances = ((await state.distances.data()) as Float32Array).map(
    (distance, i) => distance * (shares?.[i] ?? 1),
  );
  const farthest = Array.from(distances.keys()).sort((a, b) => distances[b]! - distances[a]! || a - b);
  const table = (await codebook.data()) as Float32Array;
  const [n, d] = vectors.shape as [number, number];
  for (const [i, k] of empty.entries()) {
    if (i >= n || distances[farthest[i]!] === 0) break;
    const row = tidy(() => slice(vectors, [farthest[i]!, 0], { size: [1, d] }));
    table.set((await row.data()) as Float32Array, k * d);
    row.dispose();
  }
  codebook.dispose();
  return tensor(vectors.backend, table, codebook.shape);
}

function finish({ codebook, indices, distances, counts, sums, error: total }: Assignment, error: number): KmeansResult {
  disposeTree([distances, sums, total]);
  return { codebook, indices, counts, error };
}
