/** Random rows of a batch in which some rows may not count. */
import { add, div, maximum, minimum, mod, mul, sub } from '../ops/binary.ts';
import { cast, greater, less, where } from '../ops/compare.ts';
import { fill, range } from '../ops/create.ts';
import { gather, scatterAdd } from '../ops/gather.ts';
import { sum } from '../ops/reduce.ts';
import { reshape } from '../ops/reshape.ts';
import { pad, slice } from '../ops/slice.ts';
import { randomBits } from '../random/random-bits.ts';
import { tidy } from '../tensor/scope.ts';
import type { Tensor } from '../tensor/tensor.ts';

/** Rows that were drawn. */
export interface SampledRows {
  /** `[count, D]`. */
  readonly rows: Tensor;
  /** How many of them, from the first on, come from different rows of the batch, u32 scalar; the others repeat these. */
  readonly distinct: Tensor;
}

/**
 * Random rows, all different when there are enough: one from each of `count` stretches of the list, which starts at a
 * random place.
 *
 * @param vectors  `[N, D]`, N ≥ 1.
 * @param key  u32 `[2]`.
 * @param weights  f32 `[N]`: rows of weight 0 are never taken, others alike. Some row for every place when all are 0.
 */
export function sampleRows(vectors: Tensor, count: number, key: Tensor, weights?: Tensor): SampledRows {
  return tidy(() => {
    const { backend } = vectors;
    const places = weights && placesOf(weights);
    const rows = places ? maximum(places.count, 1) : fill(backend, [], vectors.shape[0]!, 'u32');
    const stretch = maximum(div(rows, count), 1);
    const bits = randomBits(key, [count + 1]);
    const first = mod(slice(bits, [count], { size: [1] }), rows);
    const within = mod(slice(bits, [0], { size: [count] }), stretch);
    const chosen = mod(add(first, add(mul(range(backend, count), stretch), within)), rows);
    return { rows: gather(vectors, places ? gather(places.order, chosen) : chosen), distinct: minimum(rows, count) };
  });
}

/**
 * The batch without its rows of weight 0: those that count come first, and are repeated in turn to the same length.
 *
 * @param vectors  f32 `[N, D]`.
 * @param weights  f32 `[N]`.
 */
export function countedRows(vectors: Tensor, weights: Tensor | undefined): Tensor {
  if (weights === undefined) return vectors;
  return tidy(() => {
    const { order, count } = placesOf(weights);
    return gather(vectors, gather(order, mod(range(vectors.backend, weights.size), maximum(count, 1))));
  });
}

/** Rank of each set element among those set: 0, 1, 2, …; anything elsewhere. @param isSet  u8 `[N]` @returns u32 `[N]` */
export function rankOf(isSet: Tensor): Tensor {
  const n = isSet.size;
  let total = cast(isSet, 'u32');
  // Running sums in log₂ N steps.
  for (let step = 1; step < n; step *= 2) {
    total = add(total, slice(pad(total, [step], [0]), [0], { size: [n] }));
  }
  return sub(maximum(total, 1), 1);
}

/** Where rows with weight are: `order` u32 `[N]` lists them first (then zeros), `count` u32 scalar is their number. */
function placesOf(weights: Tensor): { order: Tensor; count: Tensor } {
  const n = weights.size;
  const isSet = greater(weights, 0);
  // Rows without weight are added into a place that is cut off.
  const target = where(isSet, rankOf(isSet), n);
  const order = scatterAdd(target, cast(range(weights.backend, n), 'f32'), { size: n + 1 });
  return {
    order: cast(slice(order, [0], { size: [n] }), 'u32'),
    count: reshape(sum(cast(isSet, 'u32')), []),
  };
}

/** @internal Which of `count` places are below a bound. @param bound  u32 scalar @returns u8 `[count]` */
export function firstPlaces(count: number, bound: Tensor): Tensor {
  return less(range(bound.backend, count), bound);
}
