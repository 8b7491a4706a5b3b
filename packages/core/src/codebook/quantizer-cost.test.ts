import { expect, it } from 'vitest';
import { attention } from '../ops/attention.ts';
import { conv2d } from '../ops/conv2d.ts';
import { matmul } from '../ops/matmul.ts';
import { relu } from '../ops/unary.ts';
import { trace } from '../trace/trace.ts';
import { codebookQuantizer } from './codebook-quantizer.ts';
import { ema } from './codebook-rule.ts';
import { project } from './project.ts';
import { costTable, graphProducts, quantizerCost } from './quantizer-cost.ts';
import { deadCodes } from './revival.ts';

const vq = codebookQuantizer('vq', { codes: 1024, dimension: 128, codebook: ema(), revival: deadCodes() });

it('counts the codebook, not what training remembers, and K·D multiplications per position', () => {
  const cost = quantizerCost(vq, { height: 7, width: 7, scale: 4 });
  expect(cost).toMatchObject({ floats: 1024 * 128, bytes: 4 * 1024 * 128, indices: 49, bits: 490, bpp: 10 / 16 });
  expect(cost.trainingFloats).toBe(2 * 1024 * 128 + 2 * 1024); // codes, sums, counts, use
  expect(cost.encodeProducts).toBe(49 * 1024 * 128);
  expect(cost).toMatchObject({ bitsPerPosition: 10, encodeProductsPerPosition: 1024 * 128, decodeProducts: 0 });
});

it('counts the parts of compositions', () => {
  const short = codebookQuantizer('vq', { codes: 1024, dimension: 8 });
  const cost = quantizerCost(project(short, { dimension: 128 }), { height: 2, width: 3 });
  expect(cost.floats).toBe(1024 * 8 + 2 * 128 * 8 + 8 + 128);
  expect(cost.encodeProducts).toBe(6 * (128 * 8 + 1024 * 8));
  expect(cost.decodeProducts).toBe(6 * 8 * 128);
});

it('prints a table', () => {
  const table = costTable({ 'vq 1024×128': quantizerCost(vq, { height: 7, width: 7, scale: 4 }) });
  expect(table.split('\n')).toHaveLength(3);
  expect(table).toMatch(
    /\| vq 1024×128 \| 131,072 \| 524,288 \| 264,192 \| 49 \| 10 \| 490 \| 0.625 \| 131,072 \| 6,422,528 \| 0 \|/,
  );
});

it('counts multiplications of products and convolutions in any graph', () => {
  const of = (...shape: number[]) => ({ shape, dtype: 'f32' as const });
  expect(graphProducts(trace(matmul, [of(2, 3), of(3, 5)]))).toBe(2 * 3 * 5);
  const strided = trace((x: never, w: never) => relu(conv2d(x, w, { strides: 2 })), [of(2, 8, 6, 3), of(3, 3, 3, 7)]);
  expect(graphProducts(strided)).toBe(2 * 4 * 3 * 7 * 3 * 3 * 3);
  // scores and mixtures of 5 tokens
  const attended = trace((q: never, k: never, v: never) => attention(q, k, v), [of(1, 5, 4), of(1, 5, 4), of(1, 5, 4)]);
  expect(graphProducts(attended)).toBe(2 * 5 * 5 * 4);
});
