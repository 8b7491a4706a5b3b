import {
  type AdamState,
  adam,
  add,
  type Backend,
  compile,
  conv2d,
  cpu,
  emaUpdate,
  groupNorm,
  mean,
  random,
  silu,
  square,
  sub,
  type Tensor,
  tensorsOf,
  upsampleNearest,
  valueAndGrad,
} from '@vqkit/core';
import { afterAll, describe, expect, it } from 'vitest';
import { onnx } from './onnx.ts';

/** A small autoencoder: down by a strided convolution, a residual block, up again. */
interface Params {
  readonly down: Tensor;
  readonly block: Tensor;
  readonly scale: Tensor;
  readonly shift: Tensor;
  readonly mix: Tensor;
  readonly bias: Tensor;
  readonly up: Tensor;
}

function initParams(backend: Backend, channels: number): Params {
  const stream = random(1);
  const filter = (k: number, cin: number, cout: number): Tensor =>
    stream.normal(backend, [k, k, cin, cout], 0, Math.sqrt(2 / (k * k * cin)));
  return {
    down: filter(3, 3, channels),
    block: filter(3, channels, channels),
    scale: stream.uniform(backend, [channels], 0.5, 1.5),
    shift: stream.normal(backend, [channels]),
    mix: filter(1, channels, channels),
    bias: stream.normal(backend, [channels]),
    up: filter(3, channels, 3),
  };
}

function loss({ down, block, scale, shift, mix, bias, up }: Params, x: Tensor): Tensor {
  const low = conv2d(x, down, { strides: 2 });
  const hidden = conv2d(silu(groupNorm(low, scale, shift, { groups: 2 })), block);
  const high = add(conv2d(add(hidden, low), mix), bias);
  return mean(square(sub(conv2d(upsampleNearest(high, 2), up), x)));
}

const optimizer = adam<Params>();

function trainStep(params: Params, state: AdamState<Params>, x: Tensor) {
  const { value, gradients } = valueAndGrad(loss)(params, x);
  return { value, gradients, ...optimizer.update(params, gradients, state, 1e-2) };
}

/** Losses of a few steps, and the gradients of the first. */
async function train(backend: Backend, steps: number, channels = 8) {
  const step = compile(trainStep);
  const x = random(2).normal(backend, [2, 8, 10, 3]);
  let params = initParams(backend, channels);
  let state = optimizer.init(params);
  const losses: number[] = [];
  let gradients: Float32Array[] | undefined;
  for (let i = 0; i < steps; i++) {
    const result = step(params, state, x);
    losses.push(await result.value.item());
    gradients ??= (await Promise.all(tensorsOf(result.gradients).map((g) => g.data()))) as Float32Array[];
    ({ params, state } = result);
  }
  step.dispose();
  return { losses, gradients: gradients! };
}

describe('a compiled training step on onnx', () => {
  const backends: Backend[] = [];
  const make = async (): Promise<Backend> => {
    const backend = await onnx({ threads: 1 });
    backends.push(backend);
    return backend;
  };
  afterAll(() => {
    for (const backend of backends) backend.dispose();
  });

  // 32 channels lie in the engine's blocked layout, where the processor has one; 6 never do.
  it.each([6, 32])('has the gradients and losses of the reference with %i channels', async (channels) => {
    const [actual, expected] = [await train(await make(), 3, channels), await train(cpu(), 3, channels)];
    actual.losses.forEach((value, i) => {
      expect(value).toBeCloseTo(expected.losses[i]!, 4);
    });
    actual.gradients.forEach((gradient, i) => {
      const reference = expected.gradients[i]!;
      const largest = reference.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
      // float32 sums over some 2·8·10·288 products
      gradient.forEach((value, k) => {
        expect(Math.abs(value - reference[k]!)).toBeLessThan(1e-5 * largest);
      });
    });
  });

  it('updates many small tensors and what hangs on them as the reference does', async () => {
    type Weights = { a: Tensor; b: Tensor; large: Tensor; scale: Tensor };
    const [slow, fast] = [adam<Weights>(), adam<Tensor>({ beta2: 0.9, weightDecay: 0.1 })];
    const step = (weights: Weights, state: AdamState<Weights>, other: AdamState<Tensor>, average: Weights) => {
      // Each step reads what the one before it made, and an average of it is taken in between.
      const first = slow.update(weights, weights, state, 0.1);
      const averaged = emaUpdate(average, first.params, 0.5);
      // Of the same rates as the first one, for which it waits.
      const again = slow.update(weights, averaged, state, 0.1);
      const second = fast.update(first.params.a, averaged.a, other, 0.2);
      return { first, averaged, again, second, third: slow.update(first.params, averaged, first.state, 0.3) };
    };
    const values = async (backend: Backend): Promise<Float32Array[]> => {
      const stream = random(5);
      const [a, b] = [stream.normal(backend, [3]), stream.normal(backend, [2, 2])];
      const weights = { a, b, large: stream.normal(backend, [5000]), scale: stream.normal(backend, []) };
      const compiled = compile(step);
      const result = compiled(weights, slow.init(weights), fast.init(a), weights);
      const arrays = await Promise.all(tensorsOf(result).map((x) => x.data()));
      compiled.dispose();
      return arrays as Float32Array[];
    };
    const [actual, expected] = [await values(await make()), await values(cpu())];
    expect(actual.length).toBe(expected.length);
    actual.forEach((array, i) => {
      array.forEach((value, k) => {
        expect(value).toBeCloseTo(expected[i]![k]!, 5);
      });
    });
  });

  it('gives the same losses twice', async () => {
    const [once, again] = [await train(await make(), 3), await train(await make(), 3)];
    expect(again.losses).toEqual(once.losses);
  });
});
