/**
 * `adamStep`, and many of them at once. The bias corrections are scalars, so they are applied to scalars:
 * rate·ĉ₁·m / (√(ĉ₂·v) + ε) = (rate·ĉ₁/√ĉ₂)·m / (√v + ε/√ĉ₂).
 */
import { type CompositeKernels, type GraphNode, sizeOf } from '@vqkit/core';
import type { Lowering } from '../lowering.ts';
import type { Value } from '../value.ts';
import { elementwiseMany } from './elementwise.ts';

/** Adds the nodes of a step. @param tensors  Parameter, gradient and moments by name. @returns The new three. */
function stepped(l: Lowering, node: GraphNode, tensors: readonly string[]): [string, string, string] {
  const { beta1, beta2, epsilon, weightDecay } = node.attributes as unknown as CompositeKernels['adamStep'];
  const [parameter, gradient, m, v] = tensors as [string, string, string, string];
  const { g } = l;
  const scalar = (value: number): string => g.scalar(value, 'float');
  const rates = l.take(node.inputs.at(-1)!).name();
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
  const newM = blend(m, beta1, gradient);
  const newV = blend(v, beta2, g.op('Mul', [gradient, gradient]));
  const step = g.op('Div', [g.op('Mul', [newM, pace]), g.op('Add', [g.op('Sqrt', [newV]), floor])]);
  const kept = g.op('Sub', [scalar(1), g.op('Mul', [rate, scalar(weightDecay)])]);
  const decayed = weightDecay === 0 ? parameter : g.op('Mul', [parameter, kept]);
  return [g.op('Sub', [decayed, step]), newM, newV];
}

/** Lowers `adamStep`. */
export function lowerAdamStep(l: Lowering, node: GraphNode): Value[] {
  return elementwiseMany(l, { ...node, inputs: node.inputs.slice(0, 4) }, (names) => stepped(l, node, names));
}

/** Lowers `adamSteps`, which `fuseAdamSteps` makes: all values of one kind in a row. */
export function lowerAdamSteps(l: Lowering, node: GraphNode): Value[] {
  const { g } = l;
  const count = (node.inputs.length - 1) / 4;
  const sizes = node.outputs.slice(0, count).map(({ shape }) => sizeOf(shape));
  const rows = [0, 1, 2, 3].map((kind) => {
    const tensors = node.inputs.slice(kind * count, (kind + 1) * count).map((view) => l.take(view));
    return g.op(
      'Concat',
      tensors.map((x) => x.view([x.size]).name()),
      { axis: { int: 0 } },
    );
  });
  const parts = stepped(l, node, rows).flatMap((row) => g.opMany('Split', [row, g.ints(sizes)], count));
  return node.outputs.map((view, i) => l.result(view, g.op('Reshape', [parts[i]!, g.ints([...view.shape])])));
}
