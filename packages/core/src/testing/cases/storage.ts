/** Values in and out: every dtype, empty and scalar shapes, fill and range. */
import { allocate, type DType } from '../../dtype.ts';
import { expectSameBits, expectThat } from '../assertions.ts';
import type { ConformanceCase } from '../conformance-case.ts';
import { kernelCase } from '../kernel-case.ts';
import { anyValues, spec } from '../samples.ts';
import { roundedOnce } from '../tolerances.ts';

const dtypes = ['f32', 'i32', 'u32', 'u8', 'f16'] as const satisfies readonly DType[];
const shapes: readonly (readonly number[])[] = [[], [0], [1], [3, 0, 2], [5], [2, 3, 4], [257, 3]];

const roundTrips: ConformanceCase[] = dtypes.flatMap((dtype) =>
  shapes.map((shape) => ({
    name: `storage: returns what was uploaded, ${dtype} [${shape}]`,
    run: async ({ backend }) => {
      const { data } = anyValues(dtype, shape, 3);
      const copy = data.slice();
      const handle = backend.upload(data, { shape, dtype });
      try {
        // Uploading copies: what happens to the source afterwards does not matter.
        data.fill(1);
        const first = await backend.read({ handle, shape, dtype });
        expectSameBits(first, copy);
        first.fill(1);
        expectSameBits(await backend.read({ handle, shape, dtype }), copy, 'second read');
        if (backend.readSync) expectSameBits(backend.readSync({ handle, shape, dtype }), copy, 'synchronous read');
      } finally {
        backend.free(handle);
      }
    },
  })),
);

const fills = dtypes.flatMap((dtype) =>
  [[], [0], [7], [2, 3, 5]].map((shape) =>
    kernelCase(`fill: ${dtype} [${shape}]`, () => ({
      kernel: 'fill',
      attributes: { value: 3 },
      outputs: [spec(dtype, ...shape)],
    })),
  ),
);

const extremes = (
  [
    ['f32', Number.NEGATIVE_INFINITY],
    ['f32', 3.4028234663852886e38],
    ['f32', 0.1],
    ['i32', -2147483648],
    ['u32', 4294967295],
    ['u8', 255],
  ] as const
).map(([dtype, value]) =>
  kernelCase(`fill: ${dtype} with ${value}`, () => ({
    kernel: 'fill',
    attributes: { value },
    outputs: [spec(dtype, 5)],
  })),
);

/** Values that plain JSON cannot tell apart, one after the other: a cache of programs must. Large, so that no host computes them. */
const lookalikes: ConformanceCase = {
  name: 'fill: +∞, −∞, NaN, 0 and −0 in turn',
  run: async ({ backend }) => {
    const output = { shape: [600_000], dtype: 'f32' } as const;
    for (const value of [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN, 0, -0]) {
      const [handle] = backend.run({ kernel: 'fill', inputs: [], attributes: { value }, outputs: [output] });
      try {
        const values = await backend.read({ handle: handle!, ...output });
        expectThat(
          values.every((x) => Object.is(x, value) || (x === 0 && value === 0)),
          `expected only ${value}`,
        );
      } finally {
        backend.free(handle!);
      }
    }
  },
};

const ranges = (['f32', 'i32', 'u32'] as const).flatMap((dtype) =>
  [0, 1, 6, 70_001].map((n) =>
    kernelCase(
      `range: ${dtype} of ${n}`,
      () => ({ kernel: 'range', attributes: { start: 2, step: 3 }, outputs: [spec(dtype, n)] }),
      roundedOnce,
    ),
  ),
);

/** Uploads, reads, views, fill and range. */
export const storageCases: readonly ConformanceCase[] = [
  ...roundTrips,
  {
    name: 'storage: reads values through another shape',
    run: async ({ backend }) => {
      const { data } = anyValues('f32', [4, 6], 5);
      const handle = backend.upload(data, spec('f32', 4, 6));
      try {
        expectSameBits(await backend.read({ handle, ...spec('f32', 2, 2, 6) }), data);
        expectSameBits(await backend.read({ handle, ...spec('f32', 24) }), data);
      } finally {
        backend.free(handle);
      }
    },
  },
  {
    name: 'storage: counts live handles and their bytes',
    run: async ({ backend }) => {
      const before = backend.memory();
      const handle = backend.upload(allocate('f32', 10), spec('f32', 10));
      const during = backend.memory();
      backend.free(handle);
      const after = backend.memory();
      expectThat(
        during.tensors === before.tensors + 1,
        `expected one more handle, got ${during.tensors} after ${before.tensors}`,
      );
      expectThat(
        during.bytes >= before.bytes + 40,
        `expected at least 40 more bytes, got ${during.bytes - before.bytes}`,
      );
      expectThat(after.tensors === before.tensors, `expected ${before.tensors} handles again, got ${after.tensors}`);
    },
  },
  ...fills,
  ...extremes,
  lookalikes,
  kernelCase('range: falling, f32', () => ({
    kernel: 'range',
    attributes: { start: 5, step: -0.5 },
    outputs: [spec('f32', 9)],
  })),
  kernelCase('range: falling, i32', () => ({
    kernel: 'range',
    attributes: { start: 2, step: -3 },
    outputs: [spec('i32', 4)],
  })),
  ...ranges,
];
