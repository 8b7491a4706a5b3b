/**
 * Trains a quantizer between two linear maps and measures it, the same way for all: maps from the features to the
 * quantizer's dimension and back, Adam, mean squared error plus the quantizer's losses.
 */
import {
  adam,
  add,
  type Backend,
  compile,
  cosineSchedule,
  disposeTree,
  linear,
  meanSquaredError,
  random,
  reshape,
  scalar,
  type Tensor,
  tensor,
  valueAndGrad,
  zeros,
} from '@vqkit/core';
import { CodeCounter } from '@vqkit/metrics';
import { costOf, countSlots } from '../papers/shared/evaluate.ts';
import { type FeatureSet, featureDimension } from './features.ts';
import type { ComparedQuantizer } from './rows.ts';

interface Affine {
  readonly weight: Tensor;
  readonly bias: Tensor;
}

interface Model {
  readonly into: Affine;
  readonly outOf: Affine;
  readonly quantizer: unknown;
}

/** What was measured. */
export interface Comparison {
  /** Signal to noise on test vectors, dB. */
  readonly snrDb: number;
  readonly usage: number;
  readonly perplexity: number;
  readonly entropyBits: number;
}

/** How to train. */
export interface CompareOptions {
  readonly backend: Backend;
  readonly steps: number;
  readonly batch: number;
  readonly seed: number;
}

/** Trains and measures; also returns a function that encodes a batch of test vectors, for timing. */
export async function compareQuantizer(
  { quantizer }: ComparedQuantizer,
  features: FeatureSet,
  { backend, steps, batch, seed }: CompareOptions,
): Promise<{ comparison: Comparison; encode: () => Promise<void>; dispose: () => void }> {
  const width = quantizer.dimension;
  const forward = (model: Model, x: Tensor, key?: Tensor) => {
    const z = reshape(linear(x, model.into.weight, model.into.bias), [1, 1, x.shape[0]!, width]);
    const coded = quantizer.quantize(model.quantizer, z, { key });
    const back = linear(reshape(coded.quantized, [x.shape[0]!, width]), model.outOf.weight, model.outOf.bias);
    return { ...coded, back };
  };
  const optimizer = adam<Model>();
  const step = compile(
    (model: Model, state: ReturnType<typeof optimizer.init>, x: Tensor, key: Tensor, rate: Tensor) => {
      const { gradients, aux } = valueAndGrad((own: Model) => {
        const { back, losses, statistics } = forward(own, x, key);
        return { loss: Object.values(losses).reduce((a, b) => add(a, b), meanSquaredError(back, x)), aux: statistics };
      })(model);
      const updated = quantizer.update(model.quantizer, aux, { key });
      const trained = optimizer.update({ ...model, quantizer: updated }, gradients, state, rate);
      return { model: trained.params, state: trained.state };
    },
  );

  let model = init(backend, width, quantizer.init(backend, seed), seed);
  let state = optimizer.init(model);
  const rate = cosineSchedule({ peak: 1e-2, steps });
  const count = features.train.length / featureDimension;
  for (let i = 0; i < steps; i++) {
    const places = random(seed).split(i).bits(batch);
    const rows = new Float32Array(batch * featureDimension);
    places.forEach((word, k) => {
      const from = (word % count) * featureDimension;
      rows.set(features.train.subarray(from, from + featureDimension), k * featureDimension);
    });
    const inputs = [
      tensor(backend, rows, [batch, featureDimension]),
      tensor(backend, random(seed).split(i).split(1).bits(2)),
      scalar(backend, rate(i)),
    ] as const;
    const next = step(model, state, ...inputs);
    await next.state.step.item();
    disposeTree([model, state, inputs]);
    ({ model, state } = next);
  }
  step.dispose();
  disposeTree(state);

  const measure = compile((own: Model, x: Tensor) => {
    const { back, indices } = forward(own, x);
    return { error: meanSquaredError(back, x), indices };
  });
  const test = tensor(backend, features.test, [features.test.length / featureDimension, featureDimension]);
  const { error, indices } = measure(model, test);
  const comparison = await comparisonOf(quantizer, features.test, error, indices);
  disposeTree([error, indices]);
  measure.dispose();

  const encoder = compile((params: unknown, z: Tensor) => quantizer.encode(params, z));
  const z = random(3).normal(backend, [1, 1, 4096, width]);
  const encode = async (): Promise<void> => {
    const out = encoder(model.quantizer, z);
    await out.data();
    out.dispose();
  };
  return {
    comparison,
    encode,
    dispose: () => {
      disposeTree([model, test, z]);
      encoder.dispose();
    },
  };
}

function init(backend: Backend, width: number, quantizer: unknown, seed: number): Model {
  const stream = random(seed);
  const affine = (input: number, output: number): Affine => {
    // The identity where sizes agree, else directions of length about 1.
    const weight =
      input === output
        ? tensor(
            backend,
            Float32Array.from({ length: input * input }, (_, i) => (i % (input + 1) === 0 ? 1 : 0)),
            [input, input],
          )
        : stream.normal(backend, [input, output], 0, 1 / Math.sqrt(input));
    return { weight, bias: zeros(backend, [output]) };
  };
  return { into: affine(featureDimension, width), outOf: affine(width, featureDimension), quantizer };
}

async function comparisonOf(
  quantizer: ComparedQuantizer['quantizer'],
  test: Float32Array,
  error: Tensor,
  indices: Tensor,
): Promise<Comparison> {
  const counters = quantizer.codebookSizes.map((size) => new CodeCounter(size));
  countSlots(counters, await indices.data());
  const average = test.reduce((a, b) => a + b, 0) / test.length;
  const variance = test.reduce((a, b) => a + (b - average) ** 2, 0) / test.length;
  const { usage, perplexity, bppEntropy } = costOf(quantizer, counters, 1);
  return { snrDb: 10 * Math.log10(variance / (await error.item())), usage, perplexity, entropyBits: bppEntropy };
}
