/** A discriminator that learns beside a network: its state, what it wants of an image, and how it learns. */
import { type AdamState, adam, type Backend, mul, type Tensor, valueAndGrad } from '@vqkit/core';
import type { LpipsParams } from '@vqkit/metrics';
import { generatorLoss, hingeLoss, type PatchDiscriminatorOptions } from '@vqkit/models';
import { type JudgeName, type JudgeParams, judge } from './judge.ts';
import { randomPhase } from './photo/random-phase.ts';

/** What it remembers. */
export interface CriticState {
  readonly params: JudgeParams;
  readonly optimizer: AdamState<JudgeParams['trained']>;
}

/** What it is told besides images. */
export interface CriticInputs {
  readonly lpips: LpipsParams;
  readonly codes: Tensor;
  readonly key: Tensor;
}

/** It learns faster than what it judges, or it would never be sure. */
const haste = 3;

/** Makes a critic. @param dimension  D of the codes. @param patch  Sizes of the patch discriminator. */
export function critic(name: JudgeName, dimension: number, patch?: PatchDiscriminatorOptions) {
  const network = judge(name, dimension, patch);
  const optimizer = adam<JudgeParams['trained']>({ beta1: 0.5, beta2: 0.99 });
  return {
    init: (backend: Backend, seed: number): CriticState => {
      const params = network.init(backend, seed);
      return { params, optimizer: optimizer.init(params.trained) };
    },
    /** The generator's loss and its gradient at the pixels. */
    pull: ({ params }: CriticState, xHat: Tensor, { lpips, codes, key }: CriticInputs) =>
      valueAndGrad((y: Tensor) => generatorLoss(network.scores(params, lpips, randomPhase([y], key), codes)[0]!))(xHat),
    learn: (
      { params, optimizer: state }: CriticState,
      [x, xHat]: readonly [Tensor, Tensor],
      { lpips, codes, key }: CriticInputs,
      rate: Tensor,
    ): { readonly state: CriticState; readonly hinge: Tensor } => {
      const { trained, fixed } = params;
      const judged = valueAndGrad((own: JudgeParams['trained']) => {
        const [real, fake] = network.scores({ trained: own, fixed }, lpips, randomPhase([x, xHat], key), codes);
        return hingeLoss(real!, fake!);
      })(trained);
      const taught = optimizer.update(trained, judged.gradients, state, mul(rate, haste));
      return { state: { params: { trained: taught.params, fixed }, optimizer: taught.state }, hinge: judged.value };
    },
  };
}
