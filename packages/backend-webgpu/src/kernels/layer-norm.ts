/** `layerNorm` and its gradient. Variances are of centred values, so nothing is lost when the mean is large. */
import { type CompositeKernels, sizeOf } from '@vqkit/core';
import { emptyPlan, input, type Kernel, output, type Step, temporary } from '../plan.ts';
import { rowLayout } from '../wgsl/rows.ts';
import { f32, shaderStep, u32 } from '../wgsl/shader.ts';
import { foldStep } from './reduce.ts';

const moments = (lanes: number): string => `var total = 0.0;
  for (var c = at; c < params.columns; c += ${lanes}u) { total += x[first + c]; }
  let mean = rowSum(at, total) * params.share;
  var spread = 0.0;
  for (var c = at; c < params.columns; c += ${lanes}u) { let d = x[first + c] - mean; spread += d * d; }
  let inverse = inverseSqrt(rowSum(at, spread) * params.share + params.epsilon);`;

/** x `[…,C]`, scale, shift → normalised over the last axis. */
export const layerNorm: Kernel<CompositeKernels['layerNorm']> = ({ inputs, attributes: { epsilon } }, { traits }) => {
  const columns = inputs[1]!.shape[0]!;
  const rows = columns === 0 ? 0 : sizeOf(inputs[0]!.shape) / columns;
  if (rows === 0) return emptyPlan;
  const { lanes, size, groups, head, declarations } = rowLayout(rows, columns, traits);
  const step = shaderStep({
    label: 'layerNorm',
    bindings: [
      { name: 'x', element: 'f32', buffer: input(0) },
      { name: 'scales', element: 'f32', buffer: input(1) },
      { name: 'shifts', element: 'f32', buffer: input(2) },
      { name: 'y', element: 'f32', buffer: output(), isWritten: true },
    ],
    params: { rows: u32(rows), columns: u32(columns), share: f32(1 / columns), epsilon: f32(epsilon) },
    size,
    groups,
    declarations,
    body: `${head}
if (row < params.rows) {
  let first = row * params.columns;
  ${moments(lanes)}
  for (var c = at; c < params.columns; c += ${lanes}u) {
    y[first + c] = (x[first + c] - mean) * inverse * scales[c] + shifts[c];
  }
}`,
  });
  return { steps: [step], temporaries: [] };
};

/** Rows that one invocation sums for the gradients of scale and shift. */
const rowsPerPart = 64;

/** dy, x, scale → dx, dScale, dShift. */
export const layerNormGrad: Kernel<CompositeKernels['layerNormGrad']> = (
  { inputs, attributes: { epsilon } },
  { traits },
) => {
  const columns = inputs[2]!.shape[0]!;
  const rows = columns === 0 ? 0 : sizeOf(inputs[1]!.shape) / columns;
  if (rows === 0) {
    const empty = [output(1), output(2)].map((to) => foldStep('sum', 'f32', [1, 0, columns], 1, 1, input(2), to));
    return { steps: columns === 0 ? [] : empty, temporaries: [] };
  }
  const { lanes, size, groups, head, declarations } = rowLayout(rows, columns, traits);
  const xBinding = { name: 'x', element: 'f32', buffer: input(1) };
  const dyBinding = { name: 'dy', element: 'f32', buffer: input(0) };
  const dx = shaderStep({
    label: 'layerNormGrad',
    bindings: [
      dyBinding,
      xBinding,
      { name: 'scales', element: 'f32', buffer: input(2) },
      { name: 'dx', element: 'f32', buffer: output(0), isWritten: true },
      { name: 'statistics', element: 'vec2f', buffer: temporary(0), isWritten: true },
    ],
    params: { rows: u32(rows), columns: u32(columns), share: f32(1 / columns), epsilon: f32(epsilon) },
    size,
    groups,
    declarations,
    body: `${head}
if (row < params.rows) {
  let first = row * params.columns;
  ${moments(lanes)}
  var along = 0.0; var across = 0.0;
  for (var c = at; c < params.columns; c += ${lanes}u) {
    let d = dy[first + c] * scales[c];
    along += d; across += d * (x[first + c] - mean) * inverse;
  }
  let meanAlong = rowSum(at, along) * params.share;
  let meanAcross = rowSum(at, across) * params.share;
  for (var c = at; c < params.columns; c += ${lanes}u) {
    let normalized = (x[first + c] - mean) * inverse;
    dx[first + c] = inverse * (dy[first + c] * scales[c] - meanAlong - normalized * meanAcross);
  }
  if (at == 0u) { statistics[row] = vec2f(mean, inverse); }
}`,
  });
  const parts = Math.ceil(rows / rowsPerPart);
  const partial = partialStep(rows, columns, parts);
  const folds: Step[] = [0, 1].map((k) =>
    foldStep('sum', 'f32', [1, parts, columns], 1, 1, temporary(1 + k), output(1 + k)),
  );
  const partBytes = parts * columns * 4;
  return { steps: [dx, partial, ...folds], temporaries: [rows * 8, partBytes, partBytes] };
};

/** Sums of dy·x̂ and dy over runs of rows, per column. */
function partialStep(rows: number, columns: number, parts: number): Step {
  const threads = parts * columns;
  return shaderStep({
    label: 'layerNormGrad sums',
    bindings: [
      { name: 'dy', element: 'f32', buffer: input(0) },
      { name: 'x', element: 'f32', buffer: input(1) },
      { name: 'statistics', element: 'vec2f', buffer: temporary(0) },
      { name: 'dScale', element: 'f32', buffer: temporary(1), isWritten: true },
      { name: 'dShift', element: 'f32', buffer: temporary(2), isWritten: true },
    ],
    params: { threads: u32(threads), rows: u32(rows), columns: u32(columns) },
    size: 64,
    groups: Math.ceil(threads / 64),
    body: `if (thread < params.threads) {
  let column = thread % params.columns;
  let begin = thread / params.columns * ${rowsPerPart}u;
  var scaleSum = 0.0; var shiftSum = 0.0;
  for (var r = begin; r < min(begin + ${rowsPerPart}u, params.rows); r++) {
    let d = dy[r * params.columns + column];
    let moment = statistics[r];
    scaleSum += d * (x[r * params.columns + column] - moment.x) * moment.y;
    shiftSum += d;
  }
  dScale[thread] = scaleSum; dShift[thread] = shiftSum;
}`,
  });
}
