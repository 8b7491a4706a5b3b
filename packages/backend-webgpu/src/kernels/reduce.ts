/**
 * `reduce` and `argReduce`. Axes are merged into [outer, reduced, inner]; an invocation folds every S-th value of its
 * column, S being chosen so that there is enough parallel work, and a second round folds the S partial results. No
 * barriers and no workgroup memory, neighbours read neighbouring addresses, and sums are pairwise enough for float32.
 */
import { type ReduceOp, type RequiredKernels, type Shape, sizeOf } from '@vqkit/core';
import {
  type BufferRef,
  emptyPlan,
  input,
  type Kernel,
  output,
  type Plan,
  planOf,
  type Step,
  temporary,
} from '../plan.ts';
import { functionTexts } from '../wgsl/functions.ts';
import { f32, i32, type Parameter, reads, threadStep, u32, writes } from '../wgsl/shader.ts';
import { copyPlan } from './strided.ts';

type Columns = readonly [outer: number, reduced: number, inner: number];

/** Invocations that keep a GPU busy; fewer than that, and columns are split. */
const wantedThreads = 16_384;

/** Values that one invocation folds at least before a second round pays. */
const minFold = 32;

/** Into how many partial results each column is split. */
function splitOf([outer, reduced, inner]: Columns): number {
  const columns = outer * inner;
  if (columns >= wantedThreads || reduced < 2 * minFold) return 1;
  return Math.max(1, Math.min(Math.ceil(reduced / minFold), Math.ceil(wantedThreads / columns), 1024));
}

const initial: Readonly<Record<ReduceOp, Readonly<Record<'f32' | 'i32' | 'u32', Parameter>>>> = {
  sum: { f32: f32(0), i32: i32(0), u32: u32(0) },
  mean: { f32: f32(0), i32: i32(0), u32: u32(0) },
  prod: { f32: f32(1), i32: i32(1), u32: u32(1) },
  max: { f32: f32(Number.NEGATIVE_INFINITY), i32: i32(-(2 ** 31)), u32: u32(0) },
  min: { f32: f32(Number.POSITIVE_INFINITY), i32: i32(2 ** 31 - 1), u32: u32(2 ** 32 - 1) },
};

function foldText(op: ReduceOp, isFloat: boolean): string {
  if (op === 'sum' || op === 'mean') return 'total + value';
  if (op === 'prod') return 'total * value';
  return isFloat ? `${op}Nan(total, value)` : `${op}(total, value)`;
}

/** Folds columns of `from` into `to`, leaving `split` partial results per column. */
export function foldStep(
  op: ReduceOp,
  dtype: 'f32' | 'i32' | 'u32',
  [outer, reduced, inner]: Columns,
  split: number,
  scale: number,
  from: BufferRef,
  to: BufferRef,
): Step {
  const isFloat = dtype === 'f32';
  const isFour = inner % 4 === 0 && !(isFloat && (op === 'max' || op === 'min') && inner < 4);
  const width = isFour ? 4 : 1;
  const type = isFour ? `vec4<${dtype}>` : dtype;
  const threads = (outer * split * inner) / width;
  const needsNan = isFloat && (op === 'max' || op === 'min');
  return threadStep({
    label: `reduce ${op}`,
    threads,
    bindings: [reads('x', from, type), writes('y', to, type)],
    params: {
      reduced: u32(reduced),
      inner: u32(inner / width),
      split: u32(split),
      scale: f32(scale),
      initial: initial[op][dtype],
    },
    declarations: needsNan ? functionTexts([op === 'max' ? 'maxNan' : 'minNan'], width) : '',
    body: `let column = thread % params.inner;
  let part = (thread / params.inner) % params.split;
  let outer = thread / params.inner / params.split;
  let first = outer * params.reduced;
  var total = ${type}(params.initial);
  for (var r = part; r < params.reduced; r += params.split) {
    let value = x[(first + r) * params.inner + column];
    total = ${foldText(op, isFloat)};
  }
  y[thread] = total${op === 'mean' ? ` * ${type}(params.scale)` : ''};`,
  });
}

/** Merges axes into alternating kept and reduced runs, dropping those of size 1: `[isReduced, size]`. */
function runsOf(shape: Shape, axes: readonly number[]): [boolean, number][] {
  const runs: [boolean, number][] = [];
  shape.forEach((n, axis) => {
    const isReduced = axes.includes(axis);
    const last = runs.at(-1);
    if (n === 1) return;
    if (last && last[0] === isReduced) last[1] *= n;
    else runs.push([isReduced, n]);
  });
  return runs;
}

/** The rounds of a reduction: each folds the last reduced run there is. */
function roundsOf(shape: Shape, axes: readonly number[]): Columns[] {
  const runs = runsOf(shape, axes);
  const rounds: Columns[] = [];
  for (let at = runs.length - 1; at >= 0; at--) {
    if (!runs[at]![0]) continue;
    const sizes = runs.map(([, n]) => n);
    rounds.push([sizeOf(sizes.slice(0, at)), sizes[at]!, sizeOf(sizes.slice(at + 1))]);
    runs.splice(at, 1);
  }
  return rounds;
}

/** x → reduced over `axes`. */
export const reduce: Kernel<RequiredKernels['reduce']> = ({ inputs, attributes: { op, axes }, outputs }) => {
  const [x, out] = [inputs[0]!, outputs[0]!];
  if (sizeOf(out.shape) === 0) return emptyPlan;
  const count = axes.reduce((product, axis) => product * x.shape[axis]!, 1);
  const dtype = x.dtype as 'f32' | 'i32' | 'u32';
  const rounds: Columns[] = count === 0 ? [[sizeOf(out.shape), 0, 1]] : roundsOf(x.shape, axes);
  if (rounds.length === 0) return copyPlan(out);
  return foldPlan(op, dtype, rounds, 1 / count);
};

/** Runs rounds of folds from input 0 to output 0. */
function foldPlan(op: ReduceOp, dtype: 'f32' | 'i32' | 'u32', rounds: readonly Columns[], scale: number): Plan {
  const folds: [Columns, number][] = rounds.flatMap(([outer, reduced, inner]): [Columns, number][] => {
    const split = splitOf([outer, reduced, inner]);
    if (split === 1) return [[[outer, reduced, inner], 1]];
    return [
      [[outer, reduced, inner], split],
      [[outer, split, inner], 1],
    ];
  });
  const temporaries: number[] = [];
  const steps = folds.map(([columns, split], k) => {
    const isLast = k === folds.length - 1;
    const from = k === 0 ? input(0) : temporary(k - 1);
    if (!isLast) temporaries.push(columns[0] * split * columns[2] * 4);
    // A mean is divided once, at the very end.
    const step = isLast ? op : op === 'mean' ? 'sum' : op;
    return foldStep(step, dtype, columns, split, scale, from, isLast ? output() : temporary(k));
  });
  return { steps, temporaries };
}

/** x → u32 index of the best value along `axis`; the lowest index wins ties, the first NaN wins over all. */
export const argReduce: Kernel<RequiredKernels['argReduce']> = ({ inputs, attributes: { op, axis }, outputs }) => {
  const x = inputs[0]!;
  const columns = sizeOf(outputs[0]!.shape);
  if (columns === 0) return emptyPlan;
  const type = x.dtype === 'u8' ? 'u32' : x.dtype;
  const sign = op === 'argmax' ? '>' : '<';
  const isFloat = x.dtype === 'f32';
  const isBetter = isFloat ? `(value ${sign} best) | (isNan(value) & !isNan(best))` : `value ${sign} best`;
  return planOf(
    threadStep({
      label: op,
      threads: columns,
      bindings: [reads('x', input(0), type), writes('y', output(), 'u32')],
      params: { reduced: u32(x.shape[axis]!), inner: u32(sizeOf(x.shape.slice(axis + 1))) },
      declarations: isFloat ? functionTexts(['isNan'], 1) : '',
      body: `let first = thread / params.inner * params.reduced * params.inner + thread % params.inner;
  var best = x[first];
  var index = 0u;
  for (var r = 1u; r < params.reduced; r++) {
    let value = x[first + r * params.inner];
    if (${isBetter}) { best = value; index = r; }
  }
  y[thread] = index;`,
    }),
  );
};
