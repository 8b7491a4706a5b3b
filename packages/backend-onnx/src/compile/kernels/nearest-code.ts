/**
 * `nearestCode`: the smallest |c|² − 2·x·c, chunk by chunk, then the distance to that code by difference. Looking for
 * the place of a minimum takes the engine ten times as long as the minimum itself, so the codes are seen as groups: first
 * the group with the smallest score is found, then the code in it.
 */
import type { GraphView } from '@vqkit/core';
import { castTo } from '../element-types.ts';
import type { Lower, Lowering, Pair } from '../lowering.ts';

/** Scores held at a time: 4 MB, which stays in cache between the product and the search. */
const chunkElements = 2 ** 20;

// Fewer scores than this are searched one by one.
const fewestGrouped = 64;
// Minima of shorter groups take the engine longer.
const shortestGroup = 16;

/** Lowers `nearestCode`. */
export const lowerNearestCode: Lower<object, Pair, readonly [GraphView, GraphView]> = (
  l,
  [x, codebook],
  _,
  [indexView, distanceView],
) => {
  const { g } = l;
  const [n] = x.shape as [number, number];
  const [k] = codebook.shape as [number, number];
  const [rows, codes] = [x.name(), codebook.name()];
  const squares = (name: string): string =>
    g.op('ReduceSum', [g.op('Mul', [name, name]), g.ints([1])], { keepdims: { int: 0 } });
  const norms = squares(codes);
  const size = l.dialect.chunks ? Math.max(1, Math.floor(chunkElements / k)) : n;
  const chunks: Chunk[] = [];
  for (let start = 0; start < n; start += size) {
    const end = Math.min(start + size, n);
    const range = [g.ints([start]), g.ints([end]), g.ints([0])];
    const chunk = size >= n ? rows : g.op('Slice', [rows, ...range]);
    const attributes = { alpha: { float: -2 }, transB: { int: 1 } };
    chunks.push({ scores: g.op('Gemm', [chunk, codes, norms], attributes), rows: end - start });
  }
  const indices = castTo(g, firstMinima(l, chunks, k), 'int32');
  const distances = squares(g.op('Sub', [rows, g.op('Gather', [codes, indices])]));
  return [l.result(indexView, indices), l.result(distanceView, distances)];
};

/** Some rows of scores by name, `[rows, k]`. */
interface Chunk {
  readonly scores: string;
  readonly rows: number;
}

/** Where each row has its first minimum: int64, `[all rows]`. */
function firstMinima({ g }: Lowering, chunks: readonly Chunk[], k: number): string {
  const joined = (parts: readonly string[]): string =>
    parts.length === 1 ? parts[0]! : g.op('Concat', parts, { axis: { int: 0 } });
  const place = (values: string): string => g.op('ArgMin', [values], { axis: { int: 1 }, keepdims: { int: 0 } });
  const length = groupLength(k);
  if (length === undefined) return joined(chunks.map(({ scores }) => place(scores)));
  const found = chunks.map(({ scores, rows }) => {
    const groups = g.op('Reshape', [scores, g.ints([rows, k / length, length])]);
    const minima = g.op('ReduceMin', [groups, g.ints([2])], { keepdims: { int: 0 } });
    const group = g.op('ArgMin', [minima], { axis: { int: 1 } });
    return { group, values: g.op('GatherND', [groups, group], { batch_dims: { int: 1 } }) };
  });
  const groups = g.op('Reshape', [joined(found.map(({ group }) => group)), g.ints([-1])]);
  const first = g.op('Mul', [groups, g.scalar(length, 'int64')]);
  return g.op('Add', [first, place(joined(found.map(({ values }) => values)))]);
}

/** Scores per group: the divisor of k that leaves the fewest to be searched one by one. */
function groupLength(k: number): number | undefined {
  if (k < fewestGrouped) return undefined;
  let best: number | undefined;
  for (let length = shortestGroup; length <= k / 2; length++) {
    if (k % length === 0 && (best === undefined || length + k / length < best + k / best)) best = length;
  }
  return best;
}
