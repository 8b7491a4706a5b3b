import {
  adam,
  broadcastTo,
  cpu,
  flip,
  matmul,
  mul,
  random,
  sum,
  type Tensor,
  tensorsOf,
  valueAndGrad,
} from '@vqkit/core';
import { checkGradients, noise } from '@vqkit/core/testing';
import { describe, expect, it } from 'vitest';
import { generatorLoss, hingeLoss } from '../losses/adversarial.ts';
import { type ProjectedDiscriminatorParams, projectedDiscriminator } from './projected-discriminator.ts';

const backend = cpu();
const judge = projectedDiscriminator({ features: [5, 7], channels: 8 });
const conditioned = projectedDiscriminator({ features: [5], channels: 8, codes: 3 });
const draw = (seed: number): Tensor[] => [
  random(seed).normal(backend, [2, 6, 7, 5]),
  random(seed + 1).normal(backend, [2, 3, 3, 7]),
];

type Heads = ProjectedDiscriminatorParams['heads'];

/** Losses of a few steps of Adam on the heads. */
function train(params: ProjectedDiscriminatorParams, steps: number, loss: (heads: Heads) => Tensor): number[] {
  const optimizer = adam<Heads>({ beta1: 0.5 });
  let { heads } = params;
  let state = optimizer.init(heads);
  return Array.from({ length: steps }, () => {
    const { value, gradients } = valueAndGrad(loss)(heads);
    ({ params: heads, state } = optimizer.update(heads, gradients, state, 1e-2));
    return value.dataSync()[0]!;
  });
}

describe('projectedDiscriminator', () => {
  it('scores every position of every depth, the same for the same seed', () => {
    const [a, b] = [judge.init(backend, 1), judge.init(backend, 1)];
    const scores = judge.apply(a, draw(1));
    expect(scores.map(({ shape }) => shape)).toEqual([
      [2, 6, 7, 1],
      [2, 3, 3, 1],
    ]);
    expect(judge.apply(b, draw(1))[0]!.dataSync()).toEqual(scores[0]!.dataSync());
    expect(tensorsOf(a.mixtures).map(({ shape }) => shape)).toEqual([
      [1, 1, 5, 8],
      [1, 1, 7, 8],
    ]);
  });

  it('learns to tell textures of equal strength apart, by its heads alone', () => {
    const params = judge.init(backend, 1);
    const real = draw(3);
    // The same along columns: smooth.
    const fake = draw(5).map((x) =>
      broadcastTo(mul(sum(x, { axes: 1, keepDims: true }), x.shape[1]! ** -0.5), x.shape),
    );
    const scores = (heads: Heads, features: Tensor[]) => judge.apply({ ...params, heads }, features);
    const losses = train(params, 15, (heads) => hingeLoss(scores(heads, real), scores(heads, fake)));
    expect(losses.at(-1)!).toBeLessThan(losses[0]! / 2);
  });

  it('asks whether features fit their codes, where it is given codes', () => {
    const params = conditioned.init(backend, 1);
    const codes = random(2).normal(backend, [2, 6, 7, 3]);
    const features = [matmul(codes, random(3).normal(backend, [3, 5]))];
    const others = flip(codes, [1]);
    // The features are the same, so only the codes can tell.
    const losses = train(params, 25, (heads) =>
      hingeLoss(
        conditioned.apply({ ...params, heads }, features, codes),
        conditioned.apply({ ...params, heads }, features, others),
      ),
    );
    expect(losses[0]!).toBeGreaterThan(0.9);
    expect(losses.at(-1)!).toBeLessThan(0.6);
  });

  it('lets gradients through to the features, with codes of another size', async () => {
    const params = conditioned.init(backend, 4);
    // Codes start without a say; give them one.
    const heads = params.heads.map((head) => ({
      ...head,
      codes: { ...head.codes!, weight: random(6).normal(backend, [1, 1, 3, 8]) },
    }));
    await checkGradients(
      backend,
      (x, codes) => generatorLoss(conditioned.apply({ ...params, heads }, [x!], codes)),
      [noise([1, 3, 4, 5]), noise([1, 2, 2, 3])],
      // Steps small enough that few of them cross a kink of the leaky ReLUs.
      { step: 2 ** -8 },
    );
  });

  it('refuses features and codes that it was not made for', () => {
    const params = judge.init(backend, 1);
    const [first] = draw(1);
    expect(() => judge.apply(params, [first!])).toThrow(
      /expected features with \[5,7\] channels and codes with 0, got \[5\]/,
    );
    expect(() => conditioned.apply(conditioned.init(backend, 1), [first!])).toThrow(/codes with 3, got \[5\] and 0/);
  });
});
