import {
  type AdamState,
  adam,
  add,
  checkpoint,
  conv2d,
  type Graph,
  groupNorm,
  mean,
  type SpecTree,
  silu,
  square,
  type Tensor,
  trace,
  transpose,
  valueAndGrad,
} from '@vqkit/core';
import { describe, expect, it } from 'vitest';
import { OnnxBackend } from '../backend.ts';
import { compileGraph } from './compile-graph.ts';
import type { Dialect } from './lowering.ts';

const plain: Dialect = { contrib: true, blockSize: 0, chunks: true, isParallel: true };
const blocked: Dialect = { ...plain, blockSize: 16 };

/** Traces for this backend without an engine: nothing runs. */
function graphOf(fn: (...args: never[]) => unknown, args: readonly unknown[]): Graph {
  const never = (): never => {
    throw new Error('nothing runs here');
  };
  const engine = { InferenceSession: { create: never }, Tensor: never as never };
  const settings = { executionProvider: 'cpu', threads: 1, memoryArena: true } as const;
  const target = new OnnxBackend('onnx', { engine, settings, dialect: plain, hostWork: 0 });
  return trace(fn, args as readonly SpecTree[], target);
}

/** How often each operator occurs. */
function countOps(graph: Graph, dialect: Dialect): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { op } of compileGraph(graph, dialect).model!.graph.nodes) counts[op] = (counts[op] ?? 0) + 1;
  return counts;
}

// Two blocks of channels: one block alone lies in memory as NHWC does.
const image = { shape: [2, 8, 8, 32], dtype: 'f32' } as const;
const filter = { shape: [3, 3, 32, 32], dtype: 'f32' } as const;
const vector = { shape: [32], dtype: 'f32' } as const;

/** Four convolutions in a row with norms, activations and a residual. */
function stack(x: Tensor, filters: readonly Tensor[], scale: Tensor): Tensor {
  let h = x;
  for (const f of filters) h = add(h, conv2d(silu(groupNorm(h, scale, scale, { groups: 4 })), f));
  return h;
}

describe('compileGraph', () => {
  it('takes one step of Adam for all small tensors', () => {
    const optimizer = adam<readonly Tensor[]>();
    const update = (weights: readonly Tensor[], state: AdamState<readonly Tensor[]>) =>
      optimizer.update(weights, weights, state, 0.1);
    const small = [vector, vector, { shape: [2, 3], dtype: 'f32' }] as const;
    const stateOf = (weights: readonly unknown[]) => ({ step: { shape: [], dtype: 'f32' }, m: weights, v: weights });
    const roots = (weights: readonly unknown[]) => countOps(graphOf(update, [weights, stateOf(weights)]), plain).Sqrt;
    // One more is of the rates.
    expect(roots(small)).toBe(2);
    expect(roots([...small, filter, filter])).toBe(4);
  });

  const args = [image, [filter, filter, filter, filter], vector];

  it('transposes images only where a convolution stack begins and ends', () => {
    const counts = countOps(graphOf(stack, args), plain);
    // Two for each filter, one for the image on its way in and one on its way out.
    expect(counts.Transpose).toBe(2 * 4 + 2);
    expect(counts.Conv).toBe(4);
  });

  it('enters blocks once and leaves them once', () => {
    const counts = countOps(graphOf(stack, args), blocked);
    expect(counts.ReorderInput).toBe(1);
    expect(counts.ReorderOutput).toBe(1);
  });

  it('adds biases and residuals inside the convolution', () => {
    const fn = (x: Tensor, f: Tensor, b: Tensor) => add(x, add(conv2d(x, f), b));
    const { Conv, Add } = countOps(graphOf(fn, [image, filter, vector]), blocked);
    expect([Conv, Add]).toEqual([1, undefined]);
  });

  it('moves nothing for transposes that cancel', () => {
    const fn = (x: Tensor) => square(transpose(transpose(x, [0, 3, 1, 2]), [0, 2, 3, 1]));
    expect(countOps(graphOf(fn, [image]), plain)).toEqual({ Mul: 1 });
  });

  it('does checkpointed steps a second time for the gradient', () => {
    const loss = (isSaved: boolean) => (f: Tensor, x: Tensor) => {
      const step = (y: Tensor, g: Tensor) => square(conv2d(square(conv2d(y, g)), g));
      return mean((isSaved ? checkpoint(step) : step)(x, f));
    };
    const convolutions = (isSaved: boolean) =>
      countOps(graphOf(valueAndGrad(loss(isSaved)), [filter, image]), plain).Conv!;
    expect(convolutions(true)).toBe(convolutions(false) + 2);
  });

  it('leaves out arguments that no result needs', () => {
    const { inputs } = compileGraph(
      graphOf((x: Tensor, _unused: Tensor) => square(x), [image, vector]),
      plain,
    );
    expect(inputs.map(({ index }) => index)).toEqual([0]);
  });

  it('needs no model for results that need no computing', () => {
    const graph = graphOf((x: Tensor) => x, [vector]);
    expect(compileGraph(graph, plain).model).toBeUndefined();
  });
});
