/**
 * Reverse-mode differentiation over the steps recorded by ops. Gradients are computed with ops, so they run wherever
 * ops run, can be traced, and can be differentiated again.
 */
import { TraceError } from '../errors.ts';
import { add } from '../ops/binary.ts';
import { zerosLike } from '../ops/create.ts';
import { tidyRecording } from '../tensor/scope.ts';
import { alias, type Tensor } from '../tensor/tensor.ts';
import type { GradientStep, Vjp } from './node.ts';

/** @internal A fresh tensor on the same values that gradients are collected for; gradients of outer functions pass through it. */
export function makeLeaf(x: Tensor): Tensor {
  const leaf = alias(x);
  const step: GradientStep = { name: 'leaf', inputs: [x], backward: ([dy]) => [dy], isActiveLeaf: true };
  leaf.node = { step, index: 0 };
  return leaf;
}

/** @internal Marks leaves as finished, so that results stop referring to them. */
export function closeLeaves(leaves: readonly Tensor[]): void {
  for (const leaf of leaves) if (leaf.node) leaf.node.step.isActiveLeaf = false;
}

/** @internal Drops the history of `x` unless an active outer `valueAndGrad` still needs it. */
export function settle(x: Tensor): Tensor {
  if (x.node && !reaches(x.node.step, (step) => step.isActiveLeaf === true)) x.node = undefined;
  return x;
}

function reaches(start: GradientStep, isGoal: (step: GradientStep) => boolean): boolean {
  const seen = new Set<GradientStep>([start]);
  const queue = [start];
  for (let step = queue.pop(); step !== undefined; step = queue.pop()) {
    if (isGoal(step)) return true;
    for (const { node } of step.inputs) {
      if (node && !seen.has(node.step)) queue.push(node.step);
      if (node) seen.add(node.step);
    }
  }
  return false;
}

/** Steps between `outputs` and `leaves`, inputs before users; only those that lead to a leaf. */
function sortSteps(
  outputs: readonly Tensor[],
  leaves: ReadonlySet<GradientStep>,
): { order: GradientStep[]; useful: Set<GradientStep> } {
  const order: GradientStep[] = [];
  const useful = new Set<GradientStep>(leaves);
  const state = new Map<GradientStep, 'open' | 'done'>();
  // An explicit stack: deep networks would overflow the call stack.
  const stack = outputs.flatMap((x) => (x.node ? [x.node.step] : []));
  while (stack.length > 0) {
    const step = stack.at(-1)!;
    const known = state.get(step);
    if (known === undefined && !leaves.has(step)) {
      state.set(step, 'open');
      for (const { node } of step.inputs) if (node && !state.has(node.step)) stack.push(node.step);
      continue;
    }
    stack.pop();
    if (known === 'done' || leaves.has(step)) continue;
    state.set(step, 'done');
    if (step.inputs.some(({ node }) => node && useful.has(node.step))) {
      useful.add(step);
      order.push(step);
    }
  }
  return { order, useful };
}

/**
 * Gradients of `outputs` (weighted by `seeds`) with respect to `leaves`; undefined where there is no path.
 * @internal
 */
function backpropagate(
  outputs: readonly Tensor[],
  seeds: readonly (Tensor | undefined)[],
  leaves: readonly Tensor[],
): (Tensor | undefined)[] {
  const leafSteps = new Set(leaves.map((leaf) => leaf.node!.step));
  const { order, useful } = sortSteps(outputs, leafSteps);
  const gradients = new Map<GradientStep, (Tensor | undefined)[]>();
  const accumulate = (x: Tensor, gradient: Tensor | undefined): void => {
    if (gradient === undefined || x.node === undefined || !useful.has(x.node.step)) return;
    const { step, index } = x.node;
    const slots = gradients.get(step) ?? [];
    const previous = slots[index];
    slots[index] = previous === undefined ? gradient : add(previous, gradient);
    gradients.set(step, slots);
  };
  outputs.forEach((x, i) => accumulate(x, seeds[i]));
  for (const step of order.reverse()) {
    const slots = gradients.get(step);
    if (slots === undefined) continue;
    const needed = step.inputs.map(({ node }) => node !== undefined && useful.has(node.step));
    step.backward(slots, needed, vjp).forEach((gradient, i) => accumulate(step.inputs[i]!, gradient));
    gradients.delete(step);
  }
  return leaves.map((leaf) => gradients.get(leaf.node!.step)?.[0]);
}

/**
 * Vector–Jacobian product: runs `fn` on `inputs` and pulls `cotangents` of its outputs back to the inputs.
 *
 * @param fn  Differentiable, from tensors to tensors.
 * @param cotangents  One per output, of its shape; undefined counts as zero.
 * @returns One gradient per input; undefined where the outputs do not depend on it.
 */
export const vjp: Vjp = (fn, inputs, cotangents) =>
  tidyRecording(() => {
    const leaves = inputs.map(makeLeaf);
    try {
      const gradients = backpropagate(fn(...leaves), cotangents, leaves);
      return gradients.map((gradient) => gradient && settleAfter(leaves, gradient));
    } finally {
      closeLeaves(leaves);
    }
  });

function settleAfter(leaves: readonly Tensor[], gradient: Tensor): Tensor {
  closeLeaves(leaves);
  return settle(gradient);
}

/** @internal The gradient of a scalar loss with respect to leaves, zeros where there is no path. */
export function gradientsOfLoss(loss: Tensor, one: Tensor, leaves: readonly Tensor[]): Tensor[] {
  if (loss.size !== 1 || loss.dtype !== 'f32') {
    throw new TraceError({
      code: 'NOT_SCALAR',
      message: `valueAndGrad: expected a loss of one f32 element, got ${loss.dtype} [${loss.shape}]`,
      fix: 'Reduce it, e.g. mean(loss)',
    });
  }
  return backpropagate([loss], [one], leaves).map((gradient, i) => gradient ?? zerosLike(leaves[i]!));
}
