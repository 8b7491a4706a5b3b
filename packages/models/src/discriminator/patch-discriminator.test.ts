import { adam, cpu, random, type Tensor, valueAndGrad } from '@vqkit/core';
import { checkLeaks } from '@vqkit/core/testing';
import { describe, expect, it } from 'vitest';
import { hingeLoss } from '../losses/adversarial.ts';
import { patchDiscriminator } from './patch-discriminator.ts';

const small = { channels: 8, layers: 2, groups: 4 };

describe('patchDiscriminator', () => {
  it('scores patches', () => {
    const backend = cpu();
    const model = patchDiscriminator({ channels: 8, groups: 4 });
    const scores = model.apply(model.init(backend, 1), random(1).uniform(backend, [2, 64, 64, 3]));
    // Three halvings, then two 4×4 windows without stride.
    expect(scores.shape).toEqual([2, 6, 6, 1]);
  });

  it('learns to tell noise from grey', () => {
    const backend = cpu();
    const model = patchDiscriminator(small);
    const optimizer = adam<ReturnType<typeof model.init>>({ beta1: 0.5 });
    let params = model.init(backend, 1);
    let state = optimizer.init(params);
    const noise = random(2).uniform(backend, [2, 24, 24, 3], -1, 1);
    const grey = random(3).uniform(backend, [2, 24, 24, 3], -0.01, 0.01);
    const loss = (p: typeof params, real: Tensor, fake: Tensor): Tensor =>
      hingeLoss(model.apply(p, real), model.apply(p, fake));
    const losses: number[] = [];
    for (let i = 0; i < 12; i++) {
      const { value, gradients } = valueAndGrad(loss)(params, noise, grey);
      ({ params, state } = optimizer.update(params, gradients, state, 2e-3));
      losses.push(value.dataSync()[0]!);
    }
    expect(losses.at(-1)!).toBeLessThan(losses[0]! / 2);
  });

  it('leaks nothing', async () => {
    const backend = cpu();
    const model = patchDiscriminator(small);
    await checkLeaks(backend, () => {
      const params = model.init(backend, 1);
      const x = random(1).uniform(backend, [1, 24, 24, 3]);
      return { params, x, scores: model.apply(params, x) };
    });
  });
});
