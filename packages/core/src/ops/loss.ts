/** Basic losses. Each returns a scalar unless it says otherwise. */
import { tidy } from '../tensor/scope.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { logSoftmax, softmax } from './activation.ts';
import { mul, sub } from './binary.ts';
import { checkDTypes, checkRank, checkShape } from './broadcast-shapes.ts';
import { defineOp } from './define-op.ts';
import { oneHot, takePerRow } from './gather.ts';
import { mean } from './reduce.ts';
import { expandDims, reshape } from './reshape.ts';
import { abs, neg, square } from './unary.ts';

const crossEntropyOp = defineOp<object>({
  name: 'crossEntropy',
  infer: ([logits, labels]) => {
    checkDTypes('crossEntropy', [logits!], ['f32']);
    checkDTypes('crossEntropy labels', [labels!], ['u32']);
    checkRank('crossEntropy', 'logits [N, K]', logits!, 2);
    checkShape('crossEntropy', 'labels', labels!, [logits!.shape[0]!]);
    return [{ shape: labels!.shape, dtype: 'f32' }];
  },
  forward: ([logits, labels]) => [neg(takePerRow(logSoftmax(logits!), labels!))],
  gradient: ({ inputs: [logits, labels], gradients: [dy] }) => [
    mul(sub(softmax(logits!), oneHot(labels!, logits!.shape[1]!)), expandDims(dy!, 1)),
  ],
});

/**
 * −log of the probability that softmax gives the label, per position, in nats.
 *
 * @param logits  f32 `[…, K]`.
 * @param labels  u32, like `logits` without its last axis, each in `[0, K)`.
 * @returns f32, like `labels`.
 */
export function crossEntropy(logits: Tensor, labels: Tensor): Tensor {
  return tidy(() => {
    const rows = reshape(logits, [labels.size, logits.shape.at(-1) ?? 0]);
    return reshape(crossEntropyOp([rows, reshape(labels, [labels.size])], {})[0]!, labels.shape);
  });
}

/** Mean squared difference. */
export function meanSquaredError(a: Tensor, b: Tensor): Tensor {
  return tidy(() => mean(square(sub(a, b))));
}

/** Mean absolute difference. */
export function meanAbsoluteError(a: Tensor, b: Tensor): Tensor {
  return tidy(() => mean(abs(sub(a, b))));
}
