/** The same call twice gives the same bits, also where a kernel may choose the order of its sums. */
import { expectSameBits } from '../assertions.ts';
import type { ConformanceCase } from '../conformance-case.ts';
import { type HostCall, runHostCall } from '../kernel-case.ts';
import { indices, noise, spec } from '../samples.ts';

/** Calls whose sums could be taken in another order each time. */
const repeatable: readonly (readonly [string, () => HostCall])[] = [
  [
    'reduce',
    () => ({
      kernel: 'reduce',
      inputs: [noise([5000, 3], 501)],
      attributes: { op: 'sum', axes: [0], keepDims: false },
      outputs: [spec('f32', 3)],
    }),
  ],
  [
    'matmul',
    () => ({
      kernel: 'matmul',
      inputs: [noise([1, 17, 300], 502), noise([1, 300, 19], 503)],
      attributes: { transposeA: false, transposeB: false },
      outputs: [spec('f32', 1, 17, 19)],
    }),
  ],
  [
    'conv2dFilterGrad',
    () => ({
      kernel: 'conv2dFilterGrad',
      inputs: [noise([2, 12, 12, 4], 504), noise([2, 12, 12, 5], 505)],
      attributes: { strides: [1, 1], pads: [1, 1, 1, 1], dilations: [1, 1] },
      outputs: [spec('f32', 3, 3, 4, 5)],
    }),
  ],
  [
    'scatterAdd',
    () => ({
      kernel: 'scatterAdd',
      inputs: [indices([4000], 3, 506), noise([4000, 5], 507)],
      attributes: { axis: 0 },
      outputs: [spec('f32', 3, 5)],
    }),
  ],
];

/** Repeated calls. */
export const determinismCases: readonly ConformanceCase[] = repeatable.map(([kernel, makeCall]) => ({
  name: `determinism: ${kernel} gives the same bits twice`,
  run: async ({ backend }) => {
    const [first] = await runHostCall(backend, makeCall());
    for (let i = 0; i < 3; i++) expectSameBits((await runHostCall(backend, makeCall()))[0]!, first!);
  },
}));
