/** What every quantizer must refuse, and what must not lead it astray. */
import { decodeChecked, encodeChecked } from '../../codebook/checked.ts';
import { cpu } from '../../cpu/cpu.ts';
import { fill, tensor, zeros } from '../../index.ts';
import { expectError, expectThat } from '../assertions.ts';
import type { QuantizerCase } from './laws.ts';
import { featuresOf, paramsOf, upload } from './subject.ts';

/** Cases about bad input. */
export const refusalCases: readonly QuantizerCase[] = [
  {
    name: 'refuses features and indices of the wrong shape or dtype, and says which are right',
    run: async (subject) => {
      const backend = cpu();
      const quantizer = subject.create();
      const params = paramsOf(subject, backend);
      const { dimension: d, codebookSizes, name } = quantizer;
      const slots = codebookSizes.length;
      const pattern = new RegExp(`${name}: expected`);
      for (const method of ['quantize', 'encode'] as const) {
        const take = (shape: number[], dtype: 'f32' | 'u32' = 'f32') =>
          quantizer[method](params, zeros(backend, shape, dtype));
        await expectError(() => take([1, 2, 2, d + 1]), 'SHAPE_MISMATCH', pattern);
        await expectError(() => take([2, 2, d]), 'RANK_MISMATCH', pattern);
        await expectError(() => take([1, 2, 2, d], 'u32'), 'DTYPE_MISMATCH', pattern);
      }
      const decode = (shape: number[], dtype: 'f32' | 'u32' = 'u32') =>
        quantizer.decode(params, zeros(backend, shape, dtype));
      await expectError(() => decode([1, 2, 2, slots + 1]), 'SHAPE_MISMATCH', pattern);
      await expectError(() => decode([2, 2, slots]), 'RANK_MISMATCH', pattern);
      await expectError(() => decode([1, 2, 2, slots], 'f32'), 'DTYPE_MISMATCH', pattern);
      backend.dispose();
    },
  },
  {
    name: 'refuses NaN and infinity where it may look at values, and indices that name no code',
    run: async (subject) => {
      const backend = cpu();
      const quantizer = subject.create();
      const params = paramsOf(subject, backend);
      const features = featuresOf(subject);
      const sizes = quantizer.codebookSizes;
      for (const bad of [Number.NaN, Number.POSITIVE_INFINITY]) {
        const data = Float32Array.from(features.data);
        data[data.length - 1] = bad;
        const z = tensor(backend, data, features.shape);
        await expectError(() => encodeChecked(quantizer, params, z), 'NOT_FINITE', /1 of \d+ values/);
      }
      const fine = await encodeChecked(quantizer, params, upload(backend, features));
      await decodeChecked(quantizer, params, fine);
      const tooLarge = fill(backend, [1, 1, 1, sizes.length], Math.max(...sizes), 'u32');
      await expectError(() => decodeChecked(quantizer, params, tooLarge), 'VALUE_OUT_OF_RANGE', /indices below/);
      backend.dispose();
    },
  },
  {
    name: 'gives valid indices for any features, even NaN, infinite and huge ones',
    run: async (subject) => {
      const backend = cpu();
      const quantizer = subject.create();
      const params = paramsOf(subject, backend);
      const { shape } = featuresOf(subject);
      const { codebookSizes: sizes } = quantizer;
      for (const value of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 3e38, -3e38, 0]) {
        const indices = await quantizer.encode(params, fill(backend, shape, value)).data();
        const bad = indices.findIndex((index, i) => index >= sizes[i % sizes.length]!);
        expectThat(bad < 0, `features of ${value}: expected indices below [${sizes}], got ${indices[bad]}`);
      }
      backend.dispose();
    },
  },
];
