/** `softmax`, `logSoftmax` and `crossEntropy`: rows minus their maximum, exponentials, sums. */
import { sizeOf, type TensorSpec } from '@vqkit/core';
import { emptyPlan, input, type Kernel, output, planOf } from '../plan.ts';
import { rowStep } from '../wgsl/rows.ts';
import { f32, reads, writes } from '../wgsl/shader.ts';

function rowsOf({ shape }: TensorSpec): { rows: number; columns: number } {
  const columns = shape.at(-1) ?? 1;
  return { rows: columns === 0 ? 0 : sizeOf(shape) / columns, columns };
}

/** Statements that leave the row's maximum in `best` and the sum of exponentials in `total`. */
const partition = (each: string): string => `var best = params.lowest;
  ${each} { best = max(best, x[first + c]); }
  best = rowMax(at, best);
  var total = 0.0;
  ${each} { total += exp(x[first + c] - best); }
  total = rowSum(at, total);`;

const params = { lowest: f32(Number.NEGATIVE_INFINITY) };

function softmaxKernel(label: string, value: string): Kernel<object> {
  return ({ inputs }, { traits }) => {
    const sizes = rowsOf(inputs[0]!);
    if (sizes.rows === 0) return emptyPlan;
    const bindings = [reads('x', input(0)), writes('y', output())];
    const body = (each: string): string => `${partition(each)}
  ${each} { y[first + c] = ${value}; }`;
    return planOf(rowStep({ label, bindings, params, ...sizes, body }, traits));
  };
}

/** x `[…,C]` → eˣ over its sum. */
export const softmax = softmaxKernel('softmax', 'exp(x[first + c] - best) / total');

/** x `[…,C]` → log of softmax. */
export const logSoftmax = softmaxKernel('logSoftmax', 'x[first + c] - best - log(total)');

/** logits `[N,K]`, labels `[N]` → −log softmax(logits)[label], `[N]`. */
export const crossEntropy: Kernel<object> = ({ inputs }, { traits }) => {
  const sizes = rowsOf(inputs[0]!);
  if (sizes.rows === 0) return emptyPlan;
  const bindings = [reads('x', input(0)), reads('labels', input(1), 'u32'), writes('y', output())];
  const body = (each: string): string => `${partition(each)}
  if (at == 0u) { y[row] = log(total) + best - x[first + min(labels[row], params.columns - 1u)]; }`;
  return planOf(rowStep({ label: 'crossEntropy', bindings, params, ...sizes, body }, traits));
};
