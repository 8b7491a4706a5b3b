/** `softmax`, `logSoftmax` and `crossEntropy`: rows minus their maximum, exponentials, sums. */
import { sizeOf, type TensorSpec } from '@vqkit/core';
import { emptyPlan, input, type Kernel, output, planOf } from '../plan.ts';
import { rowLayout } from '../wgsl/rows.ts';
import { f32, shaderStep, u32 } from '../wgsl/shader.ts';

function rowsOf({ shape }: TensorSpec): { rows: number; columns: number } {
  const columns = shape.at(-1) ?? 1;
  return { rows: columns === 0 ? 0 : sizeOf(shape) / columns, columns };
}

/** Statements that leave the row's maximum in `best` and the sum of exponentials in `total`. */
const partition = (lanes: number): string => `var best = params.lowest;
  for (var c = at; c < params.columns; c += ${lanes}u) { best = max(best, x[first + c]); }
  best = rowMax(at, best);
  var total = 0.0;
  for (var c = at; c < params.columns; c += ${lanes}u) { total += exp(x[first + c] - best); }
  total = rowSum(at, total);`;

function softmaxKernel(label: string, value: string): Kernel<object> {
  return ({ inputs }, { traits }) => {
    const { rows, columns } = rowsOf(inputs[0]!);
    if (rows === 0) return emptyPlan;
    const { lanes, size, groups, head, declarations } = rowLayout(rows, columns, traits);
    return planOf(
      shaderStep({
        label,
        bindings: [
          { name: 'x', element: 'f32', buffer: input(0) },
          { name: 'y', element: 'f32', buffer: output(), isWritten: true },
        ],
        params: { rows: u32(rows), columns: u32(columns), lowest: f32(Number.NEGATIVE_INFINITY) },
        size,
        groups,
        declarations,
        body: `${head}
if (row < params.rows) {
  let first = row * params.columns;
  ${partition(lanes)}
  for (var c = at; c < params.columns; c += ${lanes}u) { y[first + c] = ${value}; }
}`,
      }),
    );
  };
}

/** x `[…,C]` → eˣ over its sum. */
export const softmax = softmaxKernel('softmax', 'exp(x[first + c] - best) / total');

/** x `[…,C]` → log of softmax. */
export const logSoftmax = softmaxKernel('logSoftmax', 'x[first + c] - best - log(total)');

/** logits `[N,K]`, labels `[N]` → −log softmax(logits)[label], `[N]`. */
export const crossEntropy: Kernel<object> = ({ inputs }, { traits }) => {
  const { rows, columns } = rowsOf(inputs[0]!);
  if (rows === 0) return emptyPlan;
  const { lanes, size, groups, head, declarations } = rowLayout(rows, columns, traits);
  return planOf(
    shaderStep({
      label: 'crossEntropy',
      bindings: [
        { name: 'x', element: 'f32', buffer: input(0) },
        { name: 'labels', element: 'u32', buffer: input(1) },
        { name: 'y', element: 'f32', buffer: output(), isWritten: true },
      ],
      params: { rows: u32(rows), columns: u32(columns), lowest: f32(Number.NEGATIVE_INFINITY) },
      size,
      groups,
      declarations,
      body: `${head}
if (row < params.rows) {
  let first = row * params.columns;
  ${partition(lanes)}
  if (at == 0u) { y[row] = log(total) + best - x[first + min(labels[row], params.columns - 1u)]; }
}`,
    }),
  );
};
