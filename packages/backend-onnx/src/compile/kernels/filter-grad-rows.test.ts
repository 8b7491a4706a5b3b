import { type Backend, compile, conv2d, cpu, mul, random, sum, type Tensor, valueAndGrad } from '@vqkit/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { onnx } from '../../onnx.ts';

interface Case {
  readonly x: readonly number[];
  readonly filter: readonly number[];
  readonly options?: Parameters<typeof conv2d>[2];
}

// Where the processor has blocked convolutions, the first ones are made of them and the last ones are not.
const cases: Readonly<Record<string, Case>> = {
  'rows of whole blocks': { x: [2, 5, 16, 16], filter: [3, 3, 16, 32] },
  'rows of two blocks': { x: [3, 4, 32, 32], filter: [3, 3, 32, 16] },
  'rows that are filled up': { x: [2, 6, 14, 32], filter: [3, 3, 32, 32] },
  'channels that fill no block on one side': { x: [2, 6, 16, 20], filter: [3, 3, 20, 16] },
  'no margins': { x: [2, 6, 16, 16], filter: [3, 3, 16, 16], options: { pads: 'valid' } },
  'uneven margins': { x: [2, 5, 16, 16], filter: [3, 4, 16, 16], options: { pads: [0, 2, 2, 1] } },
  'a filter without height': { x: [2, 5, 16, 16], filter: [1, 5, 16, 16] },
  'a filter without width': { x: [2, 5, 16, 16], filter: [5, 1, 16, 16] },
  dilation: { x: [2, 9, 16, 16], filter: [3, 3, 16, 16], options: { dilations: [3, 2] } },
  'a stride': { x: [2, 8, 32, 16], filter: [2, 2, 16, 16], options: { strides: 2, pads: 'valid' } },
  'a stride and margins': { x: [2, 8, 28, 16], filter: [4, 4, 16, 16], options: { strides: 2, pads: 1 } },
  'wider than its input': { x: [2, 4, 16, 16], filter: [3, 3, 16, 16], options: { pads: 2 } },
  'one image': { x: [1, 4, 16, 16], filter: [3, 3, 16, 16] },
  'many channels and few pixels': { x: [2, 2, 16, 96], filter: [5, 5, 96, 96] },
};

async function gradient(backend: Backend, { x, filter, options }: Case): Promise<Float32Array> {
  const stream = random(3);
  const image = stream.normal(backend, x);
  const values = stream.normal(backend, filter);
  const loss = (f: Tensor, input: Tensor): Tensor => {
    const y = conv2d(input, f, options);
    return sum(mul(y, random(4).normal(input.backend, y.shape)));
  };
  const step = compile((f: Tensor, input: Tensor) => valueAndGrad(loss)(f, input).gradients);
  const data = (await step(values, image).data()) as Float32Array;
  step.dispose();
  return data;
}

describe('the gradient of a filter', () => {
  let backend: Backend;
  beforeAll(async () => {
    backend = await onnx({ threads: 2 });
  });
  afterAll(() => {
    backend.dispose();
  });
  it.each(Object.entries(cases))('is that of the reference with %s', async (_, test) => {
    const [actual, expected] = [await gradient(backend, test), await gradient(cpu(), test)];
    const largest = expected.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
    // float32 sums over some 3·4·32 products
    expected.forEach((value, i) => {
      expect(Math.abs(actual[i]! - value)).toBeLessThan(1e-5 * largest);
    });
  });
});
