import {
  type Backend,
  cpu,
  entriesOf,
  type HostTensor,
  openSafetensors,
  random,
  readTree,
  type StorableTensor,
  writeSafetensors,
} from '@vqkit/core';
import { vqVae } from '@vqkit/models';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { int8Weights, withoutInt8 } from './int8.ts';
import { manifestFile, type WeightsManifest, weightsFile } from './manifest.ts';
import { loadModel } from './model.ts';
import { packWeights, type WeightsFiles, weightsOf } from './pack.ts';

// 4·4·16·32 and 3·3·32·32 values: filters that are large enough
const options = { channels: 1, dimension: 8, hidden: 32, residualHidden: 4, residualBlocks: 1 };
const manifest: WeightsManifest = { id: 'digits', architecture: 'vqvae', options, codebookSizes: [2, 4] };

describe('weights of 8 bits', () => {
  let backend: Backend;
  let small: WeightsFiles;
  let half: WeightsFiles;
  beforeAll(async () => {
    backend = cpu();
    const codebooks = [2, 4].map((size) => random(size).normal(backend, [size, 8]));
    const content = { manifest, ...vqVae(options).init(backend, 1), codebooks, metadata: { metric: 'l2' } };
    half = await packWeights(content);
    small = await packWeights({ ...content, precision: 'int8' });
  });
  afterAll(() => backend.dispose());

  /** The tensors of a file as they are kept. */
  async function stored(bytes: Uint8Array): Promise<Map<string, StorableTensor>> {
    const file = await openSafetensors(bytes);
    const tensors = file.names.map(async (name): Promise<[string, StorableTensor]> => {
      const tensor = await file.read(name);
      return file.spec(name).stored === 'I8'
        ? [name, { ...tensor, data: Int8Array.from(tensor.data), dtype: 'i8' }]
        : [name, tensor];
    });
    return new Map(await Promise.all(tensors));
  }

  it('keep large filters as integers with a scale for each output channel, and all else as it was', async () => {
    const [before, after] = await Promise.all([half, small].map((files) => stored(files[weightsFile]!)));
    const integers = [...after!].flatMap(([name, { dtype }]) => (dtype === 'i8' ? [name] : []));
    expect(integers.length).toBeGreaterThan(1);
    for (const [name, tensor] of before!) {
      const size = tensor.data.length;
      if (/^(en|de)coder/.test(name) && tensor.shape.length > 1 && size >= 8192) {
        expect(integers).toContain(name);
        expect(after!.get(name)!.shape).toEqual(tensor.shape);
        expect(after!.get(`${name}_scale`)).toMatchObject({ shape: tensor.shape.slice(-1), dtype: 'f32' });
      } else expect(after!.get(name)).toEqual(tensor);
    }
    expect(after!.size).toBe(before!.size + integers.length);
    expect((await openSafetensors(small[weightsFile]!)).metadata).toEqual({ metric: 'l2' });
    expect(await int8Weights(half[weightsFile]!)).toEqual(small[weightsFile]);
    expect(small[weightsFile]!.length).toBeLessThan(0.7 * half[weightsFile]!.length);
  });

  it('open as the model that was packed, each value within half a step of its scale', async () => {
    const [exact, small8] = await Promise.all([half, small].map((files) => loadModel(weightsOf(files))));
    const scales = await stored(small[weightsFile]!);
    let rounded = 0;
    for (const part of ['encoder', 'decoder'] as const) {
      const found = new Map(entriesOf(small8![part]));
      for (const [path, leaf] of entriesOf(exact![part])) {
        if (!(leaf instanceof Float32Array)) continue;
        const scale = scales.get(`${part}.${path.replace(/data$/, '')}`.replace(/\.$/, '_scale'))?.data;
        const other = found.get(path) as Float32Array;
        rounded += Number(scale !== undefined);
        // half a step, and rounding of f32
        const isNear = leaf.every((x, i) =>
          scale ? Math.abs(x - other[i]!) <= 0.50001 * scale[i % scale.length]! : x === other[i],
        );
        expect(isNear, `${part}.${path}`).toBe(true);
      }
    }
    expect(rounded).toBeGreaterThan(1);
    expect(small8!.rates.map(({ params }) => params)).toEqual(exact!.rates.map(({ params }) => params));
  });

  it('use the whole range in each channel, and keep channels of zeros', async () => {
    const data = Float32Array.from({ length: 8192 }, (_, i) => (i % 2 === 0 ? 0 : Math.sin(i)));
    const weight: HostTensor = { data, shape: [4096, 2], dtype: 'f32' };
    const bytes = await int8Weights(writeSafetensors({ 'decoder.weight': weight }));
    const after = await stored(bytes);
    const { data: q } = after.get('decoder.weight')!;
    expect(q.every((value, i) => i % 2 === 1 || value === 0)).toBe(true);
    expect(Math.max(...Array.from(q, Math.abs))).toBe(127);
    const { tree } = await readTree(withoutInt8(await openSafetensors(bytes)));
    const restored = (tree as { decoder: { weight: HostTensor } }).decoder.weight;
    expect(restored).toMatchObject({ shape: [4096, 2], dtype: 'f32' });
    expect(restored.data.every((value, i) => Math.abs(value - data[i]!) <= 0.5001 / 127)).toBe(true);
  });

  it('leave scales alone that belong to no integers', async () => {
    const scale: HostTensor = { data: Float32Array.of(2), shape: [1], dtype: 'f32' };
    const file = withoutInt8(await openSafetensors(writeSafetensors({ a: scale, a_scale: scale, b_scale: scale })));
    expect(file.names).toEqual(['a', 'a_scale', 'b_scale']);
  });

  it('of strangers end in a model or in a typed error that says what is wrong', async () => {
    const good = await stored(small[weightsFile]!);
    const [name, filter] = [...good].find(([, { dtype }]) => dtype === 'i8')!;
    const scaleName = `${name}_scale`;
    const { data, shape } = good.get(scaleName) as HostTensor;
    const scale = (change: object): Record<string, unknown> => ({
      [scaleName]: { data, shape, dtype: 'f32', ...change },
    });
    const filled = (value: number) => scale({ data: Float32Array.from(data).fill(value, 1, 2) });
    const cases: readonly [string, Record<string, unknown>, RegExp][] = [
      ['no scales', { [scaleName]: undefined }, /integers '.*' without scales '.*weight_scale'/],
      ['a scale too few', scale({ data: data.slice(1), shape: [shape[0]! - 1] }), /of f32 \[\d+\] instead of f32 \[/],
      ['one scale', scale({ data: data.slice(0, 1), shape: [1] }), /of f32 \[1\] instead of/],
      ['one scale of no axis', scale({ data: data.slice(0, 1), shape: [] }), /of f32 \[\] instead of/],
      ['scales on two axes', scale({ shape: [1, shape[0]!] }), /of f32 \[1,\d+\] instead of/],
      ['scales of integers', scale({ data: Int32Array.from(data), dtype: 'i32' }), /of i32 \[/],
      ['scales of 8 bits', scale({ data: Int8Array.from(data), dtype: 'i8' }), /without scales|of i32/],
      ['a scale that is NaN', filled(Number.NaN), /scales '.*' that are not finite/],
      ['a scale that is infinite', filled(Number.NEGATIVE_INFINITY), /scales '.*' that are not finite/],
      ['a scale too large', filled(3e38), /values of '.*' that are not finite/],
      ['bytes', { [name]: { ...filter, data: Uint8Array.from(filter.data), dtype: 'u8' } }, /u8/],
      ['integers of 32 bits', { [name]: { ...filter, data: Int32Array.from(filter.data), dtype: 'i32' } }, /i32/],
      ['a filter of another shape', { [name]: { ...filter, shape: [...filter.shape, 1] } }, /instead of f32 \[1\]/],
      ['a filter of no axis', { [name]: { data: Int8Array.of(1), shape: [], dtype: 'i8' } }, /instead of f32 \[\]/],
    ];
    for (const [what, change, words] of cases) {
      const tensors = Object.entries({ ...Object.fromEntries(good), ...change }).filter(([, tensor]) => tensor);
      const bytes = writeSafetensors(Object.fromEntries(tensors) as Record<string, StorableTensor>);
      const failure = loadModel(weightsOf({ ...small, [weightsFile]: bytes }));
      await expect(failure, what).rejects.toMatchObject({ code: 'WEIGHTS_DAMAGED', name: 'TokenizerError' });
      await expect(failure, what).rejects.toThrow(words);
    }
    for (const extreme of [0, -1, 1e-45]) {
      const tensors = Object.fromEntries([...good, ...Object.entries(filled(extreme))]) as Record<
        string,
        StorableTensor
      >;
      const bytes = writeSafetensors(tensors);
      expect((await loadModel(weightsOf({ ...small, [weightsFile]: bytes }))).rates).toHaveLength(2);
    }
  });

  it('have the name that the manifest gives', async () => {
    const weights = 'small.safetensors';
    const json = new TextEncoder().encode(JSON.stringify({ ...manifest, weights }));
    const named = { [manifestFile]: json, [weights]: small[weightsFile]! };
    expect((await loadModel(weightsOf(named))).rates).toHaveLength(2);
    await expect(loadModel(weightsOf({ ...small, [manifestFile]: json }))).rejects.toMatchObject({
      code: 'WEIGHTS_DAMAGED',
      message: expect.stringContaining("expected the file 'small.safetensors'"),
    });
  });
});
