/** `layerNorm` and its gradient. Variances are of centred values, so nothing is lost when the mean is large. */
import { type CompositeKernels, sizeOf } from '@vqkit/core';
import { emptyPlan, input, type Kernel, output, planOf, type Step, temporary } from '../plan.ts';
import { rowStep } from '../wgsl/rows.ts';
import { f32, reads, threadStep, u32, writes } from '../wgsl/shader.ts';
import { foldStep } from './reduce.ts';

const moments = (each: string): string => `var total = 0.0;
  ${each} { total += x[first + c]; }
  let mean = rowSum(at, total) * params.share;
  var spread = 0.0;
  ${each} { let d = x[first + c] - mean; spread += d * d; }
  let inverse = inverseSqrt(rowSum(at, spread) * params.share + params.epsilon);`;

/** x `[…,C]`, scale, shift → normalised over the last axis. */
export const layerNorm: Kernel<CompositeKernels['layerNorm']> = ({ inputs, attributes: { epsilon } }, { traits }) => {
  const columns = inputs[1]!.shape[0]!;
  const rows = columns === 0 ? 0 : sizeOf(inputs[0]!.shape) / columns;
  if (rows === 0) return emptyPlan;
  const step = rowStep(
    {
      label: 'layerNorm',
      bindings: [reads('x', input(0)), reads('scales', input(1)), reads('shifts', input(2)), writes('y', output())],
      rows,
      columns,
      params: { share: f32(1 / columns), epsilon: f32(epsilon) },
      body: (each) => `${moments(each)}
  ${each} {
    y[first + c] = (x[first + c] - mean) * inverse * scales[c] + shifts[c];
  }`,
    },
    traits,
  );
  return planOf(step);
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
  const dx = rowStep(
    {
      label: 'layerNormGrad',
      bindings: [
        reads('dy', input(0)),
        reads('x', input(1)),
        reads('scales', input(2)),
        writes('dx', output(0)),
        writes('statistics', temporary(0), 'vec2f'),
      ],
      rows,
      columns,
      params: { share: f32(1 / columns), epsilon: f32(epsilon) },
      body: (each) => `${moments(each)}
  var along = 0.0; var across = 0.0;
  ${each} {
    let d = dy[first + c] * scales[c];
    along += d; across += d * (x[first + c] - mean) * inverse;
  }
  let meanAlong = rowSum(at, along) * params.share;
  let meanAcross = rowSum(at, across) * params.share;
  ${each} {
    let normalized = (x[first + c] - mean) * inverse;
    dx[first + c] = inverse * (dy[first + c] * scales[c] - meanAlong - normalized * meanAcross);
  }
  if (at == 0u) { statistics[row] = vec2f(mean, inverse); }`,
    },
    traits,
  );
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
  return threadStep({
    label: 'layerNormGrad sums',
    threads: parts * columns,
    bindings: [
      reads('dy', input(0)),
      reads('x', input(1)),
      reads('statistics', temporary(0), 'vec2f'),
      writes('dScale', temporary(1)),
      writes('dShift', temporary(2)),
    ],
    params: { rows: u32(rows), columns: u32(columns) },
    body: `let column = thread % params.columns;
  let begin = thread / params.columns * ${rowsPerPart}u;
  var scaleSum = 0.0; var shiftSum = 0.0;
  for (var r = begin; r < min(begin + ${rowsPerPart}u, params.rows); r++) {
    let d = dy[r * params.columns + column];
    let moment = statistics[r];
    scaleSum += d * (x[r * params.columns + column] - moment.x) * moment.y;
    shiftSum += d;
  }
  dScale[thread] = scaleSum; dShift[thread] = shiftSum;`,
  });
}
