/** Gradients of reductions and matrix products. */
import { linear, matmul, max, mean, min, norm, prod, sum, type Tensor } from '../../index.ts';
import type { ConformanceCase } from '../conformance-case.ts';
import { gradientCase } from '../gradient-case.ts';
import { distinct, noise } from '../samples.ts';

const reductions: readonly (readonly [string, (x: Tensor) => Tensor])[] = [
  ['sum of all', (x) => sum(x)],
  ['sum along 1', (x) => sum(x, { axes: 1 })],
  ['sum along 0 and 2, kept', (x) => sum(x, { axes: [0, 2], keepDims: true })],
  ['mean of all', (x) => mean(x)],
  ['mean along the last', (x) => mean(x, { axes: -1 })],
  ['max along 1', (x) => max(x, { axes: 1 })],
  ['max of all, kept', (x) => max(x, { keepDims: true })],
  ['min along 2', (x) => min(x, { axes: 2 })],
  ['prod along 2', (x) => prod(x, { axes: 2 })],
  ['norm along 1', (x) => norm(x, { axes: 1, epsilon: 0.01 })],
];

const reduceCases = reductions.map(([name, fn]) =>
  gradientCase(`reduce ${name}`, fn, () => [distinct([2, 3, 2], 204, 0.3, 2.7)]),
);

const products: readonly (readonly [string, (a: Tensor, b: Tensor) => Tensor, number[], number[]])[] = [
  ['matmul', (a, b) => matmul(a, b), [2, 3], [3, 4]],
  ['matmul aᵀ', (a, b) => matmul(a, b, { transposeA: true }), [3, 2], [3, 4]],
  ['matmul bᵀ', (a, b) => matmul(a, b, { transposeB: true }), [2, 3], [4, 3]],
  ['matmul aᵀ bᵀ', (a, b) => matmul(a, b, { transposeA: true, transposeB: true }), [3, 2], [4, 3]],
  ['matmul of batches', (a, b) => matmul(a, b), [2, 2, 3], [2, 3, 2]],
  ['matmul with one right side', (a, b) => matmul(a, b), [2, 2, 3], [3, 2]],
  ['matmul with one left side', (a, b) => matmul(a, b), [2, 3], [2, 3, 2]],
  ['linear', (a, b) => linear(a, b), [2, 2, 3], [3, 4]],
];

/** Gradients of reductions and products. */
export const productGradientCases: readonly ConformanceCase[] = [
  ...reduceCases,
  ...products.map(([name, fn, a, b]) => gradientCase(name, fn, () => [noise(a, 205), noise(b, 206)])),
];
