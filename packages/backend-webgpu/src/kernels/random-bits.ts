/** `randomBits`: Threefry-2×32, one block of two words per invocation. */
import { sizeOf, threefryParity, threefryRotations } from '@vqkit/core';
import { emptyPlan, input, type Kernel, output, planOf } from '../plan.ts';
import { reads, threadStep, u32, unroll, writes } from '../wgsl/shader.ts';

/** key u32 `[2]` → u32 of the output's shape, for counters 0, 1, 2, … */
export const randomBits: Kernel<object> = ({ outputs }) => {
  const count = sizeOf(outputs[0]!.shape);
  if (count === 0) return emptyPlan;
  const rounds = unroll(5, (group) => {
    const mix = threefryRotations[group % 2]!.map(
      (r) => `x0 += x1; x1 = ((x1 << ${r}u) | (x1 >> ${32 - r}u)) ^ x0;`,
    ).join(' ');
    return `${mix} x0 += k${(group + 1) % 3}; x1 += k${(group + 2) % 3} + ${group + 1}u;`;
  });
  return planOf(
    threadStep({
      label: 'randomBits',
      threads: Math.ceil(count / 2),
      bindings: [reads('key', input(0), 'u32'), writes('y', output(), 'u32')],
      params: { count: u32(count) },
      body: `let k0 = key[0]; let k1 = key[1]; let k2 = k0 ^ k1 ^ ${threefryParity}u;
  var x0 = thread + k0; var x1 = k1;
  ${rounds}
  y[2u * thread] = x0;
  if (2u * thread + 1u < params.count) { y[2u * thread + 1u] = x1; }`,
    }),
  );
};
