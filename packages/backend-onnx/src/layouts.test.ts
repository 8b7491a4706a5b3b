import {
  add,
  attention,
  avgPool,
  type Backend,
  broadcastTo,
  compile,
  concat,
  conv2d,
  convTranspose2d,
  cpu,
  greater,
  groupNorm,
  maxPool,
  mean,
  mul,
  pad,
  pixelShuffle,
  pixelUnshuffle,
  random,
  relu,
  reshape,
  resize,
  silu,
  slice,
  softmax,
  square,
  sub,
  sum,
  type Tensor,
  tensorsOf,
  transpose,
  upsampleNearest,
  valueAndGrad,
  where,
} from '@vqkit/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { onnx } from './onnx.ts';

// 32 channels, so that convolutions leave several blocks where the processor has them; one alone lies as NHWC does.
const shape = [2, 6, 8, 32];

interface Params {
  readonly a: Tensor;
  readonly b: Tensor;
  readonly vector: Tensor;
}

type Case = (h: Tensor, params: Params, x: Tensor) => Tensor;

const cases: Readonly<Record<string, Case>> = {
  'another convolution': (h, { b }) => conv2d(h, b),
  'the image itself': (h, _, x) => add(h, x),
  'itself in another order': (h) => sub(h, transpose(transpose(h, [0, 2, 1, 3]), [0, 2, 1, 3])),
  'a vector of channels': (h, { vector }) => mul(add(h, vector), vector),
  'one number': (h) => mul(add(h, 2), 3),
  'a row of numbers': (h, _, x) => add(h, slice(x, [0, 0, 0, 0], { size: [1, 1, 8, 1] })),
  'a comparison and a choice': (h, _, x) => where(greater(h, x), h, mul(x, 0.5)),
  'sums over pixels': (h) => mul(h, mean(h, { axes: [1, 2], keepDims: true })),
  'sums over the batch and pixels': (h) => mul(h, sum(h, { axes: [0, 1, 2] })),
  'sums over channels': (h) => mul(h, sum(h, { axes: 3, keepDims: true })),
  'group norm and SiLU': (h, { vector }) => silu(groupNorm(h, vector, vector, { groups: 4 })),
  'group norm of other groups': (h, { vector }) => groupNorm(h, vector, vector, { groups: 1 }),
  'a bias before group norm': (h, { b, vector }) => groupNorm(add(conv2d(h, b), vector), vector, vector, { groups: 4 }),
  'a bias before a residual block': (h, { b, vector }) => {
    const input = add(conv2d(h, b), vector);
    return add(input, conv2d(silu(groupNorm(input, vector, vector, { groups: 4 })), b));
  },
  'channels joined and split': (h, _, x) => slice(concat([h, x, h], 3), [0, 0, 0, 8], { size: [2, 6, 8, 32] }),
  'rows joined': (h, { b }, x) => conv2d(concat([h, x], 1), b),
  'a margin': (h, { b }) => conv2d(pad(h, [0, 1, 2, 0], [0, 0, 2, 0]), b, { pads: 'valid' }),
  'a stride': (h, { b }) => conv2d(h, b, { strides: 2 }),
  'a stride, four by four': (h, { b }) => conv2d(h, fourByFour(b), { strides: 2, pads: 1 }),
  'a stride that leaves a rest': (h, { b }) => conv2d(h, fourByFour(b), { strides: [3, 2], pads: [1, 0, 0, 1] }),
  'an enlarging convolution': (h, { b }) => convTranspose2d(h, fourByFour(b), { strides: 2, pads: 1 }),
  'uneven margins': (h, { b }) => conv2d(h, b, { pads: [2, 0, 1, 1] }),
  dilation: (h, { b }) => conv2d(h, b, { dilations: 2 }),
  'pooled maxima': (h, { b }) => conv2d(maxPool(h, { size: 3, strides: 2 }), b),
  'pooled means': (h, { b }) => conv2d(avgPool(h, { size: 2, strides: 2 }), b),
  enlargement: (h, { b }) => conv2d(upsampleNearest(h, 2), b),
  'enlargement in between pixels': (h) => resize(h, { height: 9, width: 5, method: 'bilinear' }),
  'pixels from channels': (h) => pixelShuffle(h, 2),
  'channels from pixels': (h) => pixelUnshuffle(h, 2),
  'rows of vectors': (h) => softmax(reshape(h, [96, 32])),
  'attention over pixels': (h) => {
    const tokens = reshape(h, [2, 48, 32]);
    return reshape(attention(tokens, tokens, tokens), shape);
  },
  'values broadcast to it': (h) => mul(h, broadcastTo(slice(h, [0, 0, 0, 0], { size: [2, 1, 1, 32] }), shape)),
  relu: (h, { b }) => conv2d(relu(h), b),
};

/** A filter [4, 4, 32, 32] made of one of [3, 3, 32, 32]. */
function fourByFour(filter: Tensor): Tensor {
  return pad(filter, [1, 0, 0, 0], [0, 1, 0, 0]);
}

async function evaluate(backend: Backend, use: Case): Promise<Float32Array[]> {
  const stream = random(11);
  const params: Params = {
    a: stream.normal(backend, [3, 3, 32, 32], 0, 0.1),
    b: stream.normal(backend, [3, 3, 32, 32], 0, 0.1),
    vector: stream.normal(backend, [32]),
  };
  const x = stream.normal(backend, shape);
  const loss = ({ params: p, x: image }: { params: Params; x: Tensor }): Tensor =>
    mean(square(use(conv2d(image, p.a), p, image)));
  const step = compile((args: { params: Params; x: Tensor }) => valueAndGrad(loss)(args));
  const { value, gradients } = step({ params, x });
  const results = await Promise.all([value, ...tensorsOf(gradients)].map((y) => y.data()));
  step.dispose();
  return results as Float32Array[];
}

describe('values of a convolution meet', () => {
  let backend: Backend;
  beforeAll(async () => {
    backend = await onnx({ threads: 1 });
  });
  afterAll(() => {
    backend.dispose();
  });
  for (const [name, use] of Object.entries(cases)) {
    it(`${name}: with the value and the gradients of the reference`, async () => {
      const [actual, expected] = [await evaluate(backend, use), await evaluate(cpu(), use)];
      expected.forEach((reference, k) => {
        const largest = reference.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
        const difference = reference.reduce((a, b, i) => Math.max(a, Math.abs(b - actual[k]![i]!)), 0);
        // float32 sums over some 2·6·8·288 products
        expect(difference).toBeLessThanOrEqual(1e-5 * largest);
      });
    });
  }
});
