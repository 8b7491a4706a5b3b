/** `adamStep`: one pass over a parameter, its gradient and its moments. */
import { type CompositeKernels, sizeOf } from '@vqkit/core';
import { emptyPlan, input, type Kernel, output, planOf } from '../plan.ts';
import { f32, reads, threadStep, writes } from '../wgsl/shader.ts';

/** parameter, gradient, m, v, rates `[3]` → parameter, m, v. */
export const adamStep: Kernel<CompositeKernels['adamStep']> = ({ inputs, attributes }) => {
  const count = sizeOf(inputs[0]!.shape);
  if (count === 0) return emptyPlan;
  const { beta1, beta2, epsilon, weightDecay } = attributes;
  const width = count % 4 === 0 ? 4 : 1;
  const element = width === 4 ? 'vec4f' : 'f32';
  const threads = count / width;
  const names = ['parameter', 'gradient', 'm', 'v'];
  return planOf(
    threadStep({
      label: 'adamStep',
      threads,
      bindings: [
        ...names.map((name, i) => reads(name, input(i), element)),
        reads('rates', input(4)),
        ...['newParameter', 'newM', 'newV'].map((name, i) => writes(name, output(i), element)),
      ],
      params: {
        beta1: f32(beta1),
        // Taken in float64: 1 − 0.999 in float32 would lose four digits.
        rest1: f32(1 - beta1),
        beta2: f32(beta2),
        rest2: f32(1 - beta2),
        epsilon: f32(epsilon),
        weightDecay: f32(weightDecay),
      },
      body: `let g = gradient[thread];
  let first = params.beta1 * m[thread] + params.rest1 * g;
  let second = params.beta2 * v[thread] + params.rest2 * g * g;
  let rate = rates[0];
  let decayed = parameter[thread] * (1.0 - rate * params.weightDecay);
  newParameter[thread] = decayed - first * (rate * rates[1]) / (sqrt(second * rates[2]) + params.epsilon);
  newM[thread] = first;
  newV[thread] = second;`,
    }),
  );
};
