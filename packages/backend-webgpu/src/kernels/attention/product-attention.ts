/**
 * Attention as two matrix products with a softmax between, a part of the queries at a time so that the scores stay
 * small. For heads too wide for registers, and for CPUs that play the GPU, where the long text of the online kernel
 * takes minutes to compile.
 */
import type { CompositeKernels } from '@vqkit/core';
import {
  type BufferRef,
  type Call,
  input,
  inTurns,
  type KernelContext,
  output,
  type Plan,
  temporary,
} from '../../plan.ts';
import { rowStep } from '../../wgsl/rows.ts';
import { f32, reads, threadStep, u32, writes } from '../../wgsl/shader.ts';
import { plainEpilogue } from '../gemm/epilogue.ts';
import { productPlan } from '../gemm/matmul.ts';

/** Bytes of scores that exist at a time. */
const maxScoreBytes = 64 * 1024 * 1024;

/** Queries of one part, when a batch must be split: offsets of whole parts are aligned for any depth. */
const queryStep = 64;

interface Sizes {
  readonly batch: number;
  readonly queries: number;
  readonly keys: number;
  readonly depth: number;
  readonly width: number;
}

/** A part: some whole batches, or some queries of one. */
interface Part {
  readonly image: number;
  readonly images: number;
  readonly query: number;
  readonly queries: number;
}

function sizesOf({ inputs }: Pick<Call, 'inputs'>): Sizes {
  const [batch, queries, depth] = inputs[0]!.shape as [number, number, number];
  return { batch, queries, depth, keys: inputs[1]!.shape[1]!, width: inputs[2]!.shape[2]! };
}

/** Splits the work; undefined when it must be split but buffers cannot be bound at the places where parts begin. */
function partsOf({ batch, queries, keys, depth, width }: Sizes, { traits }: KernelContext): Part[] | undefined {
  const limit = Math.min(maxScoreBytes, traits.maxBindingBytes);
  const bytes = queries * keys * 4;
  if (batch * bytes <= limit) return [{ image: 0, images: batch, query: 0, queries }];
  const isAligned = [queries * depth, keys * depth, keys * width, queries * width].every(
    (n) => (n * 4) % traits.bindingAlignment === 0,
  );
  if (!isAligned && batch > 1) return undefined;
  const parts: Part[] = [];
  if (bytes <= limit) {
    const images = Math.floor(limit / bytes);
    for (let image = 0; image < batch; image += images) {
      parts.push({ image, images: Math.min(images, batch - image), query: 0, queries });
    }
    return parts;
  }
  const most = Math.max(1, Math.floor(limit / (keys * 4 * queryStep))) * queryStep;
  for (let image = 0; image < batch; image++) {
    for (let query = 0; query < queries; query += most) {
      parts.push({ image, images: 1, query, queries: Math.min(most, queries - query) });
    }
  }
  return parts;
}

/** Whether attention of these inputs can be split as needed. */
export function fitsProducts(call: Call, context: KernelContext): boolean {
  return partsOf(sizesOf(call), context) !== undefined;
}

/** Plans attention by products; `fitsProducts` must hold. */
export function productAttention(call: Call<CompositeKernels['attention']>, context: KernelContext): Plan {
  const sizes = sizesOf(call);
  const parts = partsOf(sizes, context)!;
  return inTurns(parts.map((part) => partPlan(part, sizes, call, context)));
}

function partPlan(
  { image, images, query, queries }: Part,
  sizes: Sizes,
  { inputs, attributes }: Call<CompositeKernels['attention']>,
  context: KernelContext,
): Plan {
  const { keys, depth, width } = sizes;
  const rows = images * queries;
  const slice = (ref: BufferRef, firstRow: number, count: number, columns: number): BufferRef => ({
    ...ref,
    offset: firstRow * columns * 4,
    bytes: count * columns * 4,
  });
  const firstQuery = image * sizes.queries + query;
  const q = slice(input(0), firstQuery, rows, depth);
  const k = slice(input(1), image * keys, images * keys, depth);
  const v = slice(input(2), image * keys, images * keys, width);
  const y = slice(output(), firstQuery, rows, width);
  const [scores, totals, sums] = [temporary(0), temporary(1), temporary(2)];
  const common = { batch: images, rows: queries, transposeA: false, isSharedA: images === 1, isSharedB: images === 1 };
  const first = { ...common, depth, columns: keys, transposeB: true };
  const second = { ...common, depth: keys, columns: width, transposeB: false };
  const biasRows = attributes.hasBias ? inputs[3]!.shape[0]! * sizes.queries : 0;
  const steps = [
    ...productPlan(first, { a: q, b: k }, plainEpilogue(scores), context).steps,
    exponentialStep(rows, keys, attributes.scale, biasRows, firstQuery, scores, totals, context),
    ...productPlan(second, { a: scores, b: v }, plainEpilogue(sums), context).steps,
    divideStep(rows, width, sums, totals, y),
  ];
  return { steps, temporaries: [rows * keys * 4, rows * 4, rows * width * 4] };
}

/** Scores → exponentials of their distance to the row's maximum, in place, and the rows' totals. */
function exponentialStep(
  rows: number,
  columns: number,
  scale: number,
  biasRows: number,
  firstRow: number,
  scores: BufferRef,
  totals: BufferRef,
  { traits }: KernelContext,
): Plan['steps'][number] {
  const score = `scores[first + c] * params.scale${biasRows > 0 ? ' + bias[biasFirst + c]' : ''}`;
  return rowStep(
    {
      label: 'attention softmax',
      bindings: [
        writes('scores', scores),
        ...(biasRows > 0 ? [reads('bias', input(3))] : []),
        writes('totals', totals),
      ],
      rows,
      columns,
      params: {
        firstRow: u32(firstRow),
        biasRows: u32(biasRows),
        scale: f32(scale),
        lowest: f32(Number.NEGATIVE_INFINITY),
      },
      body: (
        each,
      ) => `${biasRows > 0 ? 'let biasFirst = (params.firstRow + row) % params.biasRows * params.columns;' : ''}
  var best = params.lowest;
  ${each} { best = max(best, ${score}); }
  best = rowMax(at, best);
  var total = 0.0;
  ${each} {
    let e = exp(${score} - best);
    scores[first + c] = e;
    total += e;
  }
  total = rowSum(at, total);
  if (at == 0u) { totals[row] = total; }`,
    },
    traits,
  );
}

/** Sums of weighted values → divided by the weights' totals. */
function divideStep(
  rows: number,
  width: number,
  sums: BufferRef,
  totals: BufferRef,
  to: BufferRef,
): Plan['steps'][number] {
  return threadStep({
    label: 'attention divide',
    threads: rows * width,
    bindings: [reads('sums', sums), reads('totals', totals), writes('y', to)],
    params: { width: u32(width) },
    body: 'y[thread] = sums[thread] / totals[thread / params.width];',
  });
}
