/** `attention` against its default: shapes, biases, masks. */
import { hostTensor } from '../../cpu/host-kernel.ts';
import { attention } from '../../index.ts';
import type { ConformanceCase } from '../conformance-case.ts';
import { opCase } from '../op-case.ts';
import { noise } from '../samples.ts';

/** Batch, queries, keys, D, E. */
const attentions: readonly (readonly [number, number, number, number, number])[] = [
  [1, 1, 1, 1, 1],
  [2, 3, 5, 4, 4],
  [1, 17, 33, 8, 5],
  [3, 64, 64, 16, 16],
];

const sizeCases = attentions.flatMap(([b, q, k, d, e]) => {
  const inputs = () => [noise([b, q, d], 308), noise([b, k, d], 309), noise([b, k, e], 310)];
  return [
    opCase(`composite: attention ${b}×${q}×${k}`, (x, y, z) => attention(x, y, z), inputs),
    ...[1, b].slice(0, b === 1 ? 1 : 2).map((batch) =>
      opCase(
        `composite: attention ${b}×${q}×${k} with bias of ${batch}`,
        (x, y, z, bias) => attention(x, y, z, { bias, scale: 0.9 }),
        () => [...inputs(), noise([batch, q, k], 311)],
      ),
    ),
  ];
});

/** Masks of −∞ above the diagonal, as causal transformers use. */
const causal = Array.from({ length: 16 }, (_, i) => (i % 4 > Math.floor(i / 4) ? Number.NEGATIVE_INFINITY : 0));

/** Attention. */
export const attentionCases: readonly ConformanceCase[] = [
  ...sizeCases,
  opCase(
    'composite: attention with a causal mask',
    (q, k, v, bias) => attention(q, k, v, { bias }),
    () => [noise([2, 4, 3], 319), noise([2, 4, 3], 320), noise([2, 4, 3], 321), hostTensor('f32', [1, 4, 4], causal)],
  ),
];
