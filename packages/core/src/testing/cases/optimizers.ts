/** Optimizer steps and random bits made on the backend, against their defaults. */
import { hostTensor } from '../../cpu/host-kernel.ts';
import { adam, muon, partition, randomBits, type Tensor } from '../../index.ts';
import { exact } from '../assertions.ts';
import { compiledCase } from '../compiled-case.ts';
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

/** A filter, a wide matrix, a second of its shape, and a vector; gradients after parameters. */
const mixedShapes = [[3, 3, 2, 4], [5, 9], [5, 9], [4]];
const mixedTrees = () => [0, 1].flatMap((tree) => mixedShapes.map((shape, i) => noise(shape, 351 + 10 * tree + i)));

/** Two steps of Muon for matrices and Adam for the rest, with the same gradients. */
function mixedSteps(...xs: Tensor[]): unknown {
  const optimizer = partition<Tensor[], unknown, unknown>((x) => x.rank > 1, muon({ weightDecay: 0.1 }), adam());
  const [start, gradients] = [xs.slice(0, mixedShapes.length), xs.slice(mixedShapes.length)];
  const { params, state } = optimizer.update(start, gradients, optimizer.init(start), 0.01);
  return optimizer.update(params, gradients, state, 0.02);
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
  // Five quintic iterations multiply what rounding leaves in the smallest singular values by up to 3.4⁵ ≈ 500.
  opCase('muon and adam: two steps', mixedSteps, mixedTrees, { relative: 1e-3, absolute: 1e-4 }),
  compiledCase('muon and adam: two steps', mixedSteps, mixedTrees, { relative: 1e-3, absolute: 1e-4 }),
  ...[[], [1], [7], [2, 64], [70_001]].map((shape) =>
    opCase(
      `composite: randomBits [${shape}]`,
      (key) => randomBits(key, shape),
      () => [hostTensor('u32', [2], [123456789, 4000000000])],
      exact,
    ),
  ),
];
