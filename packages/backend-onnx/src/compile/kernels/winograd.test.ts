import {
  type Backend,
  type Conv2dFusedOptions,
  compile,
  conv2d,
  conv2dFused,
  cpu,
  type Graph,
  type Tensor,
  trace,
} from '@vqkit/core';
import { evaluate, expectEvaluated, noise } from '@vqkit/core/testing';
import ort from 'onnxruntime-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OnnxBackend } from '../../backend.ts';
import { compileGraph } from '../compile-graph.ts';
import type { Dialect } from '../lowering.ts';

/** What onnxruntime-web has, and Node on processors without blocks. */
const dialect: Dialect = { contrib: true, blockSize: 0, chunks: true, isParallel: false };

interface Case {
  /** `[N, H, W, Cin]` and `[kh, kw, Cin, Cout]`. */
  readonly image: readonly [number, number, number, number];
  readonly filter: readonly [number, number, number, number];
  readonly window?: Pick<Conv2dFusedOptions, 'pads' | 'strides' | 'dilations'>;
  readonly isFast?: boolean;
}

const cases: Readonly<Record<string, Case>> = {
  'rows in fours': { image: [1, 8, 8, 48], filter: [3, 3, 48, 48] },
  'rows and columns that are odd': { image: [1, 13, 7, 40], filter: [3, 3, 40, 56] },
  'channels that are odd': { image: [1, 16, 5, 31], filter: [3, 3, 31, 33] },
  'a batch': { image: [3, 10, 6, 32], filter: [3, 3, 32, 40] },
  'no padding': { image: [1, 14, 12, 48], filter: [3, 3, 48, 48], window: { pads: 'valid' } },
  'uneven padding': { image: [2, 9, 8, 40], filter: [3, 3, 40, 40], window: { pads: [0, 2, 3, 1] } },
  'wide padding': { image: [1, 6, 8, 40], filter: [3, 3, 40, 40], window: { pads: [5, 0, 5, 0] } },
  'a filter of one column': { image: [1, 20, 20, 64], filter: [3, 1, 64, 64] },
  'a filter of five columns': { image: [1, 12, 9, 32], filter: [3, 5, 32, 32] },
  'columns apart': { image: [1, 12, 12, 40], filter: [3, 3, 40, 40], window: { dilations: [1, 2] } },
  'rows apart': { image: [1, 16, 16, 40], filter: [3, 3, 40, 40], window: { dilations: [2, 1] }, isFast: false },
  'every other row': { image: [1, 16, 16, 40], filter: [3, 3, 40, 40], window: { strides: [2, 1] }, isFast: false },
  'filters of five rows': { image: [1, 16, 16, 40], filter: [5, 3, 40, 40], isFast: false },
  'few channels': { image: [1, 64, 64, 3], filter: [3, 3, 3, 64], isFast: false },
  'few pixels': { image: [1, 4, 4, 64], filter: [3, 3, 64, 64], isFast: false },
  'one row more than four': { image: [1, 5, 40, 40], filter: [3, 3, 40, 40], isFast: false },
};

describe("convolutions by Winograd's algorithm", () => {
  let backend: Backend;
  beforeAll(() => {
    const settings = { executionProvider: 'cpu', threads: 1, memoryArena: true } as const;
    backend = new OnnxBackend('onnx', { engine: ort, settings, dialect, hostWork: 0 });
  });
  afterAll(() => {
    backend.dispose();
  });

  for (const [name, { image, filter, window = {}, isFast = true }] of Object.entries(cases)) {
    it(`${name}: ${isFast ? 'computed so' : 'left as they are'}, with the values of the reference`, async () => {
      const plain = (x: Tensor, weight: Tensor): Tensor => conv2d(x, weight, window);
      const fused = (x: Tensor, weight: Tensor, bias: Tensor): Tensor => {
        const residual = conv2dFused(x, weight, { bias, ...window });
        return conv2dFused(x, weight, { bias, ...window, activation: 'silu', residual });
      };
      const all = [noise(image, 1), noise(filter, 2), noise(filter.slice(3), 3)];
      for (const fn of [plain, fused] as readonly ((...args: Tensor[]) => Tensor)[]) {
        const inputs = all.slice(0, fn.length);
        const specs = inputs.map(({ shape, dtype }) => ({ shape, dtype }));
        expect(isWinograd(trace(fn, specs, backend))).toBe(isFast);
        const fast = compile(fn, { toleratesRounding: true });
        const [actual, expected] = [await evaluate(backend, fast, inputs), await evaluate(cpu(), fn, inputs)];
        // float32 sums over at most 640 products of numbers about 1, which grow sixfold on their way
        expectEvaluated(actual, expected, { relative: 1e-5, absolute: 1e-4 });
        fast.dispose();
      }
    });
  }
});

/** Whether a graph is computed so, where that is allowed; nothing ever is where it is not. */
function isWinograd(graph: Graph): boolean {
  const groups = (own: Dialect) => compileGraph(graph, own).model!.graph.nodes.filter((node) => node.attributes.group);
  expect(groups(dialect)).toHaveLength(0);
  return groups({ ...dialect, toleratesRounding: true }).length > 0;
}
