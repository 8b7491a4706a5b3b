/**
 * `scatterAdd` and `codeStatistics`. WGSL has no float atomics, and atomics would make sums differ from run to run, so
 * each invocation owns a column of the result (or of a partial result) and adds its rows there in order: deterministic.
 */
import { type CompositeKernels, type RequiredKernels, sizeOf } from '@vqkit/core';
import {
  type BufferRef,
  emptyPlan,
  input,
  type Kernel,
  output,
  type Plan,
  type Step,
  sequence,
  temporary,
} from '../plan.ts';
import { reads, threadStep, u32, writes } from '../wgsl/shader.ts';
import { elementwiseStep } from './elementwise.ts';
import { movementStep } from './movement.ts';
import { foldStep } from './reduce.ts';

/** Invocations that keep a GPU busy. */
const wantedThreads = 8192;

/** Bytes that partial results may take. */
const maxPartialBytes = 16 * 1024 * 1024;

interface Scatter {
  readonly dtype: 'f32' | 'i32' | 'u32';
  readonly outer: number;
  readonly rows: number;
  readonly targets: number;
  readonly inner: number;
  readonly indices: BufferRef;
  readonly updates: BufferRef;
  readonly to: BufferRef;
}

function zeroStep(bytes: number, to: BufferRef): Step {
  const movement = { label: 'fill', bits: 128, inputs: [], value: 'return vec4u();' } as const;
  return movementStep({ ...movement, count: Math.ceil(bytes / 16), output: to });
}

/** How many partial results are summed separately. */
function partsOf({ outer, rows, targets, inner }: Scatter, columns: number): number {
  const bytes = outer * targets * inner * 4;
  const wanted = Math.min(Math.ceil(wantedThreads / columns), Math.ceil(rows / 64));
  return Math.max(1, Math.min(wanted, Math.floor(maxPartialBytes / bytes), 1024));
}

/** Zeros, plus the updates at their indices. */
function scatterPlan(scatter: Scatter): Plan {
  const { dtype, outer, rows, targets, inner, indices, updates, to } = scatter;
  const bytes = outer * targets * inner * 4;
  if (bytes === 0) return emptyPlan;
  const width = inner % 4 === 0 ? 4 : 1;
  const columns = (outer * inner) / width;
  const parts = rows === 0 ? 1 : partsOf(scatter, columns);
  const target = parts === 1 ? to : temporary(0);
  const steps = [zeroStep(bytes * parts, target)];
  if (rows > 0) {
    const element = width === 4 ? `vec4<${dtype}>` : dtype;
    const params = {
      columns: u32(columns),
      inner: u32(inner / width),
      rows: u32(rows),
      targets: u32(targets),
      outer: u32(outer),
      share: u32(Math.ceil(rows / parts)),
    };
    steps.push(
      threadStep({
        label: 'scatterAdd',
        threads: columns * parts,
        bindings: [reads('indices', indices, 'u32'), reads('updates', updates, element), writes('y', target, element)],
        params,
        body: `let part = thread / params.columns; let column = thread % params.columns;
  let outer = column / params.inner; let inner = column % params.inner;
  let source = outer * params.rows; let to = (part * params.outer + outer) * params.targets;
  let end = min((part + 1u) * params.share, params.rows);
  for (var r = part * params.share; r < end; r++) {
    let index = indices[r];
    if (index < params.targets) { y[(to + index) * params.inner + inner] += updates[(source + r) * params.inner + inner]; }
  }`,
      }),
    );
  }
  if (parts === 1) return { steps, temporaries: [] };
  const fold = foldStep('sum', dtype, [1, parts, outer * targets * inner], 1, 1, temporary(0), to);
  return { steps: [...steps, fold], temporaries: [bytes * parts] };
}

/** indices `[n]`, updates → zeros of the output's shape plus the updates. */
export const scatterAdd: Kernel<RequiredKernels['scatterAdd']> = ({ inputs, attributes: { axis }, outputs }) => {
  const { shape, dtype } = outputs[0]!;
  return scatterPlan({
    dtype: dtype as 'f32' | 'i32' | 'u32',
    outer: sizeOf(shape.slice(0, axis)),
    rows: sizeOf(inputs[0]!.shape),
    targets: shape[axis]!,
    inner: sizeOf(shape.slice(axis + 1)),
    indices: input(0),
    updates: input(1),
    to: output(),
  });
};

/** Counts of each index, by integer atomics, whose order does not matter. */
function countPlan(rows: number, codes: number): Plan {
  if (codes === 0) return emptyPlan;
  const steps = [zeroStep(codes * 4, temporary(0))];
  if (rows > 0) {
    steps.push(
      threadStep({
        label: 'count',
        threads: rows,
        bindings: [reads('indices', input(1), 'u32'), writes('counts', temporary(0), 'atomic<u32>')],
        params: { codes: u32(codes) },
        body: `let index = indices[thread];
  if (index < params.codes) { atomicAdd(&counts[index], 1u); }`,
      }),
    );
  }
  const toFloat = elementwiseStep({
    label: 'cast',
    shape: [codes],
    inputs: [{ shape: [codes], dtype: 'u32', buffer: temporary(0) }],
    nodes: [{ op: { kind: 'cast' }, arguments: [0], dtype: 'f32' }],
    outputs: [{ value: 1, buffer: output(0) }],
  });
  return { steps: [...steps, toFloat], temporaries: [codes * 4] };
}

/** x `[N,D]`, indices `[N]` → counts `[codes]`, sums `[codes,D]`. */
export const codeStatistics: Kernel<CompositeKernels['codeStatistics']> = ({ inputs, attributes: { codes } }) => {
  const [rows, depth] = inputs[0]!.shape as [number, number];
  const sums = scatterPlan({
    dtype: 'f32',
    outer: 1,
    rows,
    targets: codes,
    inner: depth,
    indices: input(1),
    updates: input(0),
    to: output(1),
  });
  return sequence([countPlan(rows, codes), sums]);
};
