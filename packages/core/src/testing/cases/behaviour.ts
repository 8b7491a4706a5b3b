/** What surrounds the numbers: views, lifetimes, determinism, error texts, the end of a backend. */
import { add, compile, exp, matmul, reshape, sum, type Tensor, tensor, tidy, transpose } from '../../index.ts';
import { expectError, expectSameBits, expectThat } from '../assertions.ts';
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

const determinism: readonly ConformanceCase[] = repeatable.map(([kernel, makeCall]) => ({
  name: `determinism: ${kernel} gives the same bits twice`,
  run: async ({ backend }) => {
    const [first] = await runHostCall(backend, makeCall());
    for (let i = 0; i < 3; i++) expectSameBits((await runHostCall(backend, makeCall()))[0]!, first!);
  },
}));

const four = (x: { readonly backend: Tensor['backend'] }): Tensor => tensor(x.backend, [1, 2, 3, 4], [2, 2]);

/** Compares with plain numbers that are exact in float32. */
function expectValues(actual: ArrayLike<number>, expected: readonly number[]): void {
  expectThat(Array.from(actual).join() === expected.join(), `expected [${expected}], got [${Array.from(actual)}]`);
}

const lifetimes: readonly ConformanceCase[] = [
  {
    name: 'views: a reshaped tensor outlives the one it came from',
    run: async (context) => {
      const x = four(context);
      const y = reshape(x, [4]);
      x.dispose();
      expectValues(await y.data(), [1, 2, 3, 4]);
      y.dispose();
    },
  },
  {
    name: 'views: kernels see the shape of the view',
    run: async (context) => {
      const x = four(context);
      const y = tidy(() => [transpose(reshape(x, [1, 4])), sum(reshape(x, [4, 1]), { axes: 1 }), transpose(x)]);
      expectValues(await y[0]!.data(), [1, 2, 3, 4]);
      expectValues(await y[1]!.data(), [1, 2, 3, 4]);
      expectValues(await y[2]!.data(), [1, 3, 2, 4]);
      for (const tensor of [x, ...y]) tensor.dispose();
    },
  },
  {
    name: 'memory: a tensor disposed while it is being read is read whole',
    run: async (context) => {
      const x = four(context);
      const y = exp(x);
      const reading = y.data();
      y.dispose();
      x.dispose();
      expectThat((await reading).length === 4, 'expected four values');
    },
  },
  {
    name: 'memory: inputs may be freed as soon as the work is queued',
    run: async (context) => {
      const y = tidy(() => matmul(four(context), four(context)));
      expectValues(await y.data(), [7, 10, 15, 22]);
      y.dispose();
    },
  },
  {
    name: 'memory: many reads at once give each its own copy',
    run: async (context) => {
      const x = four(context);
      const reads = await Promise.all(Array.from({ length: 5 }, () => x.data()));
      reads[0]!.fill(0);
      for (const read of reads.slice(1)) expectValues(read, [1, 2, 3, 4]);
      x.dispose();
    },
  },
  {
    name: 'memory: results of many small steps arrive in order',
    run: async (context) => {
      let x = tensor(context.backend, [0, 0]);
      for (let i = 0; i < 200; i++) {
        const next = tidy(() => add(x, i));
        x.dispose();
        x = next;
      }
      expectValues(await x.data(), [19900, 19900]);
      x.dispose();
    },
  },
];

const errors: readonly ConformanceCase[] = [
  {
    name: 'errors: tensors of two backends do not mix',
    run: async ({ backend, reference }) => {
      const x = tensor(backend, [1, 2]);
      const y = tensor(reference, [1, 2]);
      const program = compile(add);
      await expectError(() => add(x, y), 'BACKEND_MISMATCH', /transfer/);
      await expectError(() => program(x, y), 'BACKEND_MISMATCH', /transfer/);
      program.dispose();
      for (const tensor of [x, y]) tensor.dispose();
    },
  },
  {
    name: 'errors: a disposed tensor is refused',
    run: async (context) => {
      const x = four(context);
      x.dispose();
      x.dispose();
      await expectError(() => x.data(), 'TENSOR_DISPOSED', /\[2,2\]/);
      await expectError(() => add(x, x), 'TENSOR_DISPOSED', /tidy/);
    },
  },
  {
    name: 'errors: an unknown kernel is named',
    run: async ({ backend }) => {
      const call = { kernel: 'noSuchKernel', inputs: [], attributes: {}, outputs: [spec('f32', 1)] };
      await expectError(() => backend.run(call), 'KERNEL_MISSING', /noSuchKernel/);
      expectThat(!backend.supports('noSuchKernel', [], {}), 'expected supports to be false for an unknown kernel');
    },
  },
  {
    name: 'errors: a disposed backend refuses work, and others go on',
    run: async (context) => {
      const other = await context.createBackend();
      const x = four({ backend: other });
      other.dispose();
      other.dispose();
      await expectError(() => other.upload(new Float32Array(1), spec('f32', 1)), 'BACKEND_DISPOSED', /./);
      await expectError(() => x.data(), 'BACKEND_DISPOSED', /./);
      await expectError(() => add(x, x), 'BACKEND_DISPOSED', /./);
      // Tensors may be given up late.
      x.dispose();
      const y = four(context);
      expectValues(await y.data(), [1, 2, 3, 4]);
      y.dispose();
    },
  },
];

/** Everything but numbers. */
export const behaviourCases: readonly ConformanceCase[] = [...determinism, ...lifetimes, ...errors];
