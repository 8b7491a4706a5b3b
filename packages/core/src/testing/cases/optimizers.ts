/** Optimizer steps and random bits made on the backend, against their defaults. */
import { hostTensor } from '../../cpu/host-kernel.ts';
import { adam, randomBits, type Tensor } from '../../index.ts';
import { exact } from '../assertions.ts';
import type { ConformanceCase } from '../conformance-case.ts';
import { opCase } from '../op-case.ts';
import { noise } from '../samples.ts';

const adamState = () => [
  noise([3, 5], 341),
  noise([3, 5], 342),
  noise([3, 5], 343, -0.1, 0.1),
  noise([3, 5], 344, 0, 0.1),
];

function adamStep(weightDecay: number): (...xs: Tensor[]) => unknown {
  return (p, gradient, m, v, step) =>
    adam<Tensor>({ weightDecay, beta1: 0.8, beta2: 0.99 }).update(p!, gradient!, { step: step!, m: m!, v: v! }, 0.01);
}

/** Optimizer steps and random bits. */
export const optimizerCases: readonly ConformanceCase[] = [
  ...[0, 0.1].map((decay) =>
    opCase(
      `composite: adamStep, weight decay ${decay}`,
      adamStep(decay),
      () => [...adamState(), hostTensor('f32', [], [3])],
      {
        relative: 1e-5,
        absolute: 1e-6,
      },
    ),
  ),
  ...[[], [1], [7], [2, 64], [70_001]].map((shape) =>
    opCase(
      `composite: randomBits [${shape}]`,
      (key) => randomBits(key, shape),
      () => [hostTensor('u32', [2], [123456789, 4000000000])],
      exact,
    ),
  ),
];
