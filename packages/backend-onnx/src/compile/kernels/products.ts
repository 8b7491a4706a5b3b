/** `softmax`, `logSoftmax`, `attention` and `adamStep`. */
import type { CompositeKernels, GraphNode } from '@vqkit/core';
import type { Lowering } from '../lowering.ts';
import type { Operand, Value } from '../value.ts';
import { elementwiseMany } from './elementwise.ts';
import { product } from './matmul.ts';

/** Lowers `softmax`. */
export function lowerSoftmax(l: Lowering, node: GraphNode): Value {
  return l.result(node.outputs[0]!, l.g.op('Softmax', [l.take(node.inputs[0]!).name()], { axis: { int: -1 } }));
}

/** Lowers `logSoftmax`. */
export function lowerLogSoftmax(l: Lowering, node: GraphNode): Value {
  return l.result(node.outputs[0]!, l.g.op('LogSoftmax', [l.take(node.inputs[0]!).name()], { axis: { int: -1 } }));
}

/** Lowers `attention`. */
export function lowerAttention(l: Lowering, node: GraphNode): Value {
  const { scale } = node.attributes as unknown as CompositeKernels['attention'];
  const [q, k, v, bias] = l.takeAll(node) as [Operand, Operand, Operand, Operand?];
  const { g } = l;
  if (k.size === 0) return l.splat(node.outputs[0]!, 0);
  const scores = product(l, q, false, k, true, scale);
  const biased = bias ? g.op('Add', [scores, bias.name()]) : scores;
  const weights = g.op('Softmax', [biased], { axis: { int: -1 } });
  const [batch, queries] = q.shape as [number, number, number];
  const rows = l.operand(weights, 'f32', [batch, queries, k.shape[1]!]);
  return l.result(node.outputs[0]!, product(l, rows, false, v, false));
}

/**
 * Lowers `adamStep`. The bias corrections are scalars, so they are applied to scalars:
 * rate·ĉ₁·m / (√(ĉ₂·v) + ε) = (rate·ĉ₁/√ĉ₂)·m / (√v + ε/√ĉ₂).
 */
export function lowerAdamStep(l: Lowering, node: GraphNode): Value[] {
  const { beta1, beta2, epsilon, weightDecay } = node.attributes as unknown as CompositeKernels['adamStep'];
  const { g } = l;
  const scalar = (value: number): string => g.scalar(value, 'float');
  const rates = l.take(node.inputs[4]!).name();
  const [rate, correction1, correction2] = [0, 1, 2].map((i) => g.op('Gather', [rates, g.scalar(i, 'int64')])) as [
    string,
    string,
    string,
  ];
  const root = g.op('Sqrt', [correction2]);
  const pace = g.op('Div', [g.op('Mul', [rate, correction1]), root]);
  const floor = g.op('Div', [scalar(epsilon), root]);
  const blend = (old: string, beta: number, fresh: string): string =>
    g.op('Add', [g.op('Mul', [old, scalar(beta)]), g.op('Mul', [fresh, scalar(1 - beta)])]);
  const tensors = { ...node, inputs: node.inputs.slice(0, 4) };
  return elementwiseMany(l, tensors, ([parameter, gradient, m, v]) => {
    const newM = blend(m!, beta1, gradient!);
    const newV = blend(v!, beta2, g.op('Mul', [gradient!, gradient!]));
    const step = g.op('Div', [g.op('Mul', [newM, pace]), g.op('Add', [g.op('Sqrt', [newV]), floor])]);
    const kept = g.op('Sub', [scalar(1), g.op('Mul', [rate, scalar(weightDecay)])]);
    const decayed = weightDecay === 0 ? parameter! : g.op('Mul', [parameter!, kept]);
    return [g.op('Sub', [decayed, step]), newM, newV];
  });
}
