/** `softmax`, `logSoftmax` and `attention`. */
import type { CompositeKernels, GraphNode } from '@vqkit/core';
import type { Lowering } from '../lowering.ts';
import type { Operand, Value } from '../value.ts';
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
