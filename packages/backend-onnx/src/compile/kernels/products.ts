/** `softmax`, `logSoftmax` and `attention`. */
import type { CompositeKernels } from '@vqkit/core';
import type { Lower, Triple } from '../lowering.ts';
import { Operand } from '../value.ts';
import { product } from './matmul.ts';

const alongLast =
  (op: string): Lower =>
  (l, [x], _, [view]) =>
    l.result(view, l.g.op(op, [x.name()], { axis: { int: -1 } }));

/** Lowers `softmax`. */
export const lowerSoftmax = alongLast('Softmax');

/** Lowers `logSoftmax`. */
export const lowerLogSoftmax = alongLast('LogSoftmax');

/** Lowers `attention`. */
export const lowerAttention: Lower<CompositeKernels['attention'], readonly [...Triple, Operand?]> = (
  l,
  [q, k, v, bias],
  { scale },
  [view],
) => {
  const { g } = l;
  if (k.size === 0) return l.splat(view, 0);
  const scores = product(l, q, false, k, true, scale);
  const biased = bias ? g.op('Add', [scores, bias.name()]) : scores;
  const weights = g.op('Softmax', [biased], { axis: { int: -1 } });
  const [batch, queries] = q.shape as [number, number, number];
  const shape = [batch, queries, k.shape[1]!];
  const rows = new Operand(l, l.result({ ...view, shape }, weights), shape);
  return l.result(view, product(l, rows, false, v, false));
};
