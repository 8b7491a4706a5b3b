/** `randomBits`: Threefry-2×32, one block of two words per invocation. */
import { sizeOf } from '@vqkit/core';
import { emptyPlan, input, type Kernel, output, planOf } from '../plan.ts';
import { shaderStep, u32, unroll } from '../wgsl/shader.ts';

/** Rotation distances and parity of Threefry-2×32. @see Salmon et al. 2011, doi:10.1145/2063384.2063405, table 2 */
const rotations = [
  [13, 15, 26, 6],
  [17, 29, 16, 24],
] as const;

const parity = '0x1bd11bdau';

/** key u32 `[2]` → u32 of the output's shape, for counters 0, 1, 2, … */
export const randomBits: Kernel<object> = ({ outputs }) => {
  const count = sizeOf(outputs[0]!.shape);
  if (count === 0) return emptyPlan;
  const blocks = Math.ceil(count / 2);
  const rounds = unroll(5, (group) => {
    const mix = rotations[group % 2]!.map((r) => `x0 += x1; x1 = ((x1 << ${r}u) | (x1 >> ${32 - r}u)) ^ x0;`).join(' ');
    return `${mix} x0 += k${(group + 1) % 3}; x1 += k${(group + 2) % 3} + ${group + 1}u;`;
  });
  return planOf(
    shaderStep({
      label: 'randomBits',
      bindings: [
        { name: 'key', element: 'u32', buffer: input(0) },
        { name: 'y', element: 'u32', buffer: output(), isWritten: true },
      ],
      params: { blocks: u32(blocks), count: u32(count) },
      size: 64,
      groups: Math.ceil(blocks / 64),
      body: `if (thread < params.blocks) {
  let k0 = key[0]; let k1 = key[1]; let k2 = k0 ^ k1 ^ ${parity};
  var x0 = thread + k0; var x1 = k1;
  ${rounds}
  y[2u * thread] = x0;
  if (2u * thread + 1u < params.count) { y[2u * thread + 1u] = x1; }
}`,
    }),
  );
};
