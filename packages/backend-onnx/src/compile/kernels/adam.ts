/**
 * `adamStep`, and many of them at once. The bias corrections are scalars, so they are applied to scalars:
 * rate·ĉ₁·m / (√(ĉ₂·v) + ε) = (rate·ĉ₁/√ĉ₂)·m / (√v + ε/√ĉ₂).
 */
import { type CompositeKernels, type GraphView, sizeOf } from '@vqkit/core';
import type { Lower, Lowering } from '../lowering.ts';
import type { Operand } from '../value.ts';
import { elementwiseMany } from './elementwise.ts';

/** Adds the nodes of a step. @param tensors  Parameter, gradient and moments by name. @returns The new three. */
function stepped(
  l: Lowering,
  { beta1, beta2, epsilon, weightDecay }: CompositeKernels['adamStep'],
  tensors: readonly string[],
  rates: string,
): [string, string, string] {
  const [parameter, gradient, m, v] = tensors as [string, string, string, string];
  const { g } = l;
  const scalar = (value: number): string => g.scalar(value, 'float');
  const at = (i: number): string => g.op('Gather', [rates, g.scalar(i, 'int64')]);
  const [rate, correction1, correction2] = [at(0), at(1), at(2)];
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
export const lowerAdamStep: Lower<CompositeKernels['adamStep'], readonly Operand[], readonly GraphView[]> = (
  l,
  inputs,
  attributes,
  outputs,
) => elementwiseMany(l, inputs.slice(0, 4), outputs, (names) => stepped(l, attributes, names, inputs[4]!.name()));

/** Lowers `adamSteps`, which `fuseAdamSteps` makes: all values of one kind in a row. */
export const lowerAdamSteps: typeof lowerAdamStep = (l, inputs, attributes, outputs) => {
  const { g } = l;
  const count = (inputs.length - 1) / 4;
  const sizes = outputs.slice(0, count).map(({ shape }) => sizeOf(shape));
  const rows = [0, 1, 2, 3].map((kind) => {
    const tensors = inputs.slice(kind * count, (kind + 1) * count);
    return g.op(
      'Concat',
      tensors.map((x) => x.view([x.size]).name()),
      { axis: { int: 0 } },
    );
  });
  const parts = stepped(l, attributes, rows, inputs.at(-1)!.name()).flatMap((row) =>
    g.opMany('Split', [row, g.ints(sizes)], count),
  );
  return outputs.map((view, i) => l.result(view, g.op('Reshape', [parts[i]!, g.ints([...view.shape])])));
};
