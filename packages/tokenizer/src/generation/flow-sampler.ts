/** Drawing feature maps: from noise, in small steps along what the network takes for the way to features. */
import {
  add,
  type Backend,
  compile,
  fill,
  mul,
  reshape,
  sub,
  type Tensor,
  tensor,
  tidy,
  uploadTree,
  workPerTurn,
} from '@vqkit/core';
import { flowTime } from '@vqkit/models';
import type { Sampler, SamplingOptions } from './sampler.ts';
import type { GeneratorModel, LoadedNetwork, ScaledFlowParams } from './weights.ts';

const compiling = { cacheSize: 4, workPerTurn };

/** Opens the method: Euler's. */
export function flowSampler(
  { network, params }: Extract<LoadedNetwork, { kind: 'flow' }>,
  { tokenizer }: Pick<GeneratorModel, 'tokenizer'>,
  backend: Backend,
  { steps = 25, temperature = 1, guidance = 0 }: SamplingOptions,
): Sampler {
  const { quantizer, params: codes } = tokenizer.rates.at(-1)!;
  const { dimension, codebookSizes } = quantizer;
  const own = (x: Tensor): ScaledFlowParams => uploadTree(x.backend, params) as ScaledFlowParams;
  const move = compile((x: Tensor, done: Tensor, labels: Tensor, none: Tensor | undefined): Tensor => {
    const { flow, shift } = own(x);
    const [time, next] = [flowTime(done, shift), flowTime(add(done, 1 / steps), shift)];
    const way = network.apply(flow, { x, time, labels });
    const without = none && network.apply(flow, { x, time, labels: none });
    const followed = without ? add(way, mul(sub(way, without), guidance)) : way;
    return add(x, mul(followed, reshape(sub(next, time), [-1, 1, 1, 1])));
  }, compiling);
  const quantize = compile((x: Tensor): Tensor => {
    const { mean, deviation } = own(x);
    return quantizer.encode(uploadTree(x.backend, codes), add(mul(x, deviation), mean));
  }, compiling);
  return {
    steps,
    draw: async ({ grid, labels, streams, signal, onStep }) => {
      const [n, h, w] = [labels.length, grid.height, grid.width];
      const size = h * w * dimension;
      const noise = new Float32Array(n * size);
      streams.forEach((stream, i) => noise.set(stream.normalArray(size, 0, temperature), i * size));
      const words = (values: readonly number[]) => tensor(backend, Uint32Array.from(values), [n]);
      let x = tensor(backend, noise, [n, h, w, dimension]);
      try {
        for (let step = 0; step < steps; step++) {
          signal?.throwIfAborted();
          const next = tidy(() => {
            const none = guidance > 0 ? words(labels.map(() => network.options.classes)) : undefined;
            return move(x, fill(backend, [n], step / steps), words(labels), none);
          });
          x.dispose();
          x = next;
          onStep();
        }
        const indices = tidy(() => quantize(x));
        const all = (await indices.data({ signal }).finally(() => indices.dispose())) as Uint32Array;
        const own = h * w * codebookSizes.length;
        return labels.map((_, i) => all.slice(i * own, (i + 1) * own));
      } finally {
        x.dispose();
      }
    },
    dispose: () => {
      move.dispose();
      quantize.dispose();
    },
  };
}
