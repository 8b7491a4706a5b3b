/** A whole training step of the autoencoder: loss, gradients, Adam, compiled as one function. */
import {
  type AdamState,
  adam,
  type Backend,
  compile,
  disposeTree,
  random,
  type Tensor,
  valueAndGrad,
} from '@vqkit/core';
import { type AutoencoderValues, autoencoderLoss, type HostValues, upload } from './network.ts';

type Params = AutoencoderValues<Tensor>;

const optimizer = adam<Params>();

/** One step: the loss before it, gradients, and what comes out. */
export function trainStep(params: Params, state: AdamState<Params>, x: Tensor) {
  const { value, gradients } = valueAndGrad(autoencoderLoss)(params, x);
  return { value, gradients, ...optimizer.update(params, gradients, state, 1e-4) };
}

/** Sizes of a batch of square images. */
export interface BatchSize {
  readonly batch: number;
  readonly size: number;
}

/** A compiled step that goes on from its own result each time. */
export async function makeTrainStep(
  backend: Backend,
  values: AutoencoderValues<HostValues>,
  { batch, size }: BatchSize,
) {
  const step = compile((params: Params, state: AdamState<Params>, x: Tensor) => {
    const { value, params: next, state: nextState } = trainStep(params, state, x);
    return { value, params: next, state: nextState };
  });
  const x = random(3).normal(backend, [batch, size, size, 3]);
  let params = upload(backend, values) as Params;
  let state = optimizer.init(params);
  await step.warmup(params, state, x);
  return {
    run: async (): Promise<number> => {
      const before = [params, state];
      const { value, ...next } = step(params, state, x);
      ({ params, state } = next);
      disposeTree(before);
      const loss = await value.item();
      value.dispose();
      return loss;
    },
    dispose: () => step.dispose(),
  };
}

/** Multiplications and additions of the convolutions: forward, and both gradients (the first needs none of its input). */
export function usefulFlops({ batch, size }: BatchSize, channels: number, blocks: number): number {
  const perPixel = 2 * 9 * (channels ** 2 * 2 * blocks * 3 + 3 * channels * (2 + 3));
  return batch * size ** 2 * perPixel;
}
