/** Intermediate values as f16, on an adapter that has `shader-f16`. */
import {
  compile,
  conv2d,
  conv2dFused,
  disposeTree,
  matmul,
  random,
  reshape,
  slice,
  type Tensor,
  tensor,
} from '@vqkit/core';
import { describe, expect, it } from 'vitest';
import { openNodeGpu } from '../conformance/lib/node-gpu.ts';
import { type WebgpuBackend, webgpu } from './index.ts';

const found = await openNodeGpu();
const hasF16 = found?.features.includes('shader-f16') ?? false;

const size = 32;
const channels = 16;
const values = random(3).uniformArray(size * size * channels, -1, 1);
const weights = random(4).uniformArray(9 * channels * channels, -0.2, 0.2);
const shifts = random(5).uniformArray(channels, -0.1, 0.1);

const networks = {
  /** Three convolutions: two values in between, the first of which is also added to the second. */
  convolutions: (x: Tensor, filter: Tensor, bias: Tensor): Tensor => {
    const first = conv2dFused(x, filter, { pads: 'same', bias, activation: 'silu' });
    return conv2d(conv2dFused(first, filter, { pads: 'same', bias, residual: first }), filter, { pads: 'same' });
  },
  /** Two products. */
  products: (x: Tensor, filter: Tensor): Tensor => {
    const weight = reshape(slice(filter, [0, 0, 0, 0], { size: [1, 1, channels, channels] }), [channels, channels]);
    return matmul(matmul(reshape(x, [size * size, channels]), weight), weight);
  },
};

async function outputOf(
  backend: WebgpuBackend,
  network: (...inputs: Tensor[]) => Tensor,
): Promise<{ values: Float32Array; heldBytes: number }> {
  const inputs = [
    tensor(backend, values, [1, size, size, channels]),
    tensor(backend, weights, [3, 3, channels, channels]),
    tensor(backend, shifts, [channels]),
  ] as const;
  const program = compile(network);
  await program.warmup(...inputs);
  const y = program(...inputs);
  const result = (await y.data()) as Float32Array;
  disposeTree([...inputs, y]);
  const before = backend.stats().idleBytes;
  program.dispose();
  // What the program held in between waits for reuse now.
  const heldBytes = backend.stats().idleBytes - before;
  backend.dispose();
  return { values: result, heldBytes };
}

describe.skipIf(!hasF16)('f16Storage (needs an adapter with shader-f16)', () => {
  it.each([
    ['convolutions', 'registers', true],
    ['products', 'tiles', false],
  ] as const)(
    'halves what %s hold in between and keeps three digits, in %s',
    async (name, _, isSoftware) => {
      const gpu = found!.gpu;
      const network = networks[name] as (...inputs: Tensor[]) => Tensor;
      const exact = await outputOf(await webgpu({ gpu, isSoftware, tune: false }), network);
      const halved = await outputOf(await webgpu({ gpu, isSoftware, tune: false, f16Storage: true }), network);
      expect(halved.heldBytes / exact.heldBytes).toBeLessThan(0.6);
      const largest = Math.max(...exact.values.map(Math.abs));
      const error = Math.max(...exact.values.map((value, i) => Math.abs(value - halved.values[i]!)));
      expect(error).toBeGreaterThan(0);
      // 2⁻¹⁰: two roundings to f16, each of half a unit in the eleventh digit
      expect(error / largest).toBeLessThan(2 ** -10);
    },
    300_000,
  );
});
