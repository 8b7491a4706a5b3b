/** Views and lifetimes: who sees which values, for how long, while work is queued and read. */
import { add, exp, matmul, reshape, sum, tensor, tidy, transpose } from '../../index.ts';
import { expectThat } from '../assertions.ts';
import type { ConformanceCase } from '../conformance-case.ts';
import { expectValues, four } from '../four.ts';

/** Views and lifetimes. */
export const lifetimeCases: readonly ConformanceCase[] = [
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
