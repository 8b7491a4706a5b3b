/** Every function on tensors frees what it makes on the way, and its result is the caller's alone. */
import { describe, expect, it } from 'vitest';
import {
  adam,
  add,
  attention,
  batchNorm,
  broadcastTo,
  cast,
  clamp,
  clipByGlobalNorm,
  codeStatistics,
  concat,
  cpu,
  crossEntropy,
  disposeTree,
  emaUpdate,
  gather,
  gelu,
  globalNorm,
  greater,
  groupNorm,
  layerNorm,
  linear,
  matmul,
  meanSquaredError,
  mergeHeads,
  nearestCode,
  norm,
  oneHot,
  ones,
  pad,
  padReflect,
  pixelShuffle,
  random,
  randomBits,
  reshape,
  resize,
  slice,
  softmax,
  softplus,
  splitHeads,
  stack,
  type Tensor,
  takePerRow,
  tensor,
  transpose,
  where,
  zeros,
} from '../index.ts';
import { checkLeaks } from '../testing/check-leaks.ts';

const backend = cpu();
const x = random(1).normal(backend, [2, 4, 4, 8]);
const rows = reshape(x, [32, 8]);
const channels = ones(backend, [8]);
const indices = tensor(
  backend,
  Uint32Array.from({ length: 32 }, (_, i) => i % 5),
);

const mask = greater(x, 0);

const functions: Record<string, () => unknown> = {
  'add a number': () => add(x, 1),
  'compare with a number': () => greater(0, x),
  'where with a number': () => where(mask, x, 0),
  softmax: () => softmax(x),
  gelu: () => gelu(x),
  softplus: () => softplus(x),
  clamp: () => clamp(x, -1, 1),
  norm: () => norm(x, { axes: -1, epsilon: 1e-6 }),
  groupNorm: () => groupNorm(x, channels, channels, { groups: 2, activation: 'silu' }),
  layerNorm: () => layerNorm(x, channels, channels),
  batchNorm: () => batchNorm(x, channels, channels),
  resize: () => resize(x, { height: 7, width: 3 }),
  padReflect: () => padReflect(x, [1, 2, 3, 0]),
  pixelShuffle: () => pixelShuffle(x, 2),
  matmul: () => matmul(x, x, { transposeB: true }),
  linear: () => linear(x, zeros8, channels),
  gather: () => gather(rows, reshape8, 0),
  oneHot: () => oneHot(indices, 5),
  takePerRow: () => takePerRow(rows, indices),
  nearestCode: () => nearestCode(x, codebook),
  codeStatistics: () => codeStatistics(rows, indices, 5),
  crossEntropy: () => crossEntropy(rows, indices),
  meanSquaredError: () => meanSquaredError(x, x),
  attention: () => attention(rows3, rows3, rows3),
  heads: () => [splitHeads(rows3, 2)].map((y) => ({ y, z: mergeHeads(y, 2) })),
  stack: () => stack([x, x], 1),
  randomBits: () => randomBits(key, [5]),
  globalNorm: () => globalNorm({ x }),
  clipByGlobalNorm: () => clipByGlobalNorm({ x }, 1),
  emaUpdate: () => emaUpdate({ x }, { x }, 0.9),
  adam: () => adam<{ x: Tensor }>().update({ x }, { x }, state, 0.1),
};
const zeros8 = zeros(backend, [8, 8]);
const reshape8 = tensor(backend, Uint32Array.of(0, 3, 3));
const codebook = random(2).normal(backend, [5, 8]);
const rows3 = reshape(x, [2, 16, 8]);
const key = tensor(backend, Uint32Array.of(1, 2));
const state = adam<{ x: Tensor }>().init({ x });

describe('functions on tensors', () => {
  it.each(Object.entries(functions))('%s frees its intermediate values', async (_, fn) => {
    await checkLeaks(backend, fn);
  });

  const idle: Record<string, () => Tensor> = {
    reshape: () => reshape(x, x.shape),
    transpose: () => transpose(x, [0, 1, 2, 3]),
    slice: () => slice(x, []),
    pad: () => pad(x, [0, 0, 0, 0], [0, 0, 0, 0]),
    broadcastTo: () => broadcastTo(x, x.shape),
    cast: () => cast(x, 'f32'),
    concat: () => concat([x]),
  };
  it.each(Object.entries(idle))('%s with nothing to do returns a tensor of its own', (_, fn) => {
    disposeTree(fn());
    expect(x.isDisposed).toBe(false);
    expect(x.dataSync()).toHaveLength(256);
  });
});
