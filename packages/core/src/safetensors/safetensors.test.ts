import { describe, expect, it } from 'vitest';
import { cpu } from '../cpu/cpu.ts';
import { tensor } from '../ops/create.ts';
import { random } from '../random/random.ts';
import { trace } from '../trace/trace.ts';
import { openSafetensors, writeSafetensors } from './safetensors.ts';
import { loadTree, readTree, restoreTree, saveTree, uploadTree } from './trees.ts';

const sample = {
  'b.weight': { data: Float32Array.of(1, 2, 3, 4, 5, 6), shape: [2, 3], dtype: 'f32' },
  a: { data: Uint8Array.of(7), shape: [], dtype: 'u8' },
  half: { data: Uint16Array.of(0x3c00), shape: [1], dtype: 'f16' },
} as const;

const half = { half: sample.half };

describe('safetensors files', () => {
  it('come back as they were written', async () => {
    const file = await openSafetensors(writeSafetensors(sample, { licence: 'MIT' }));
    expect(file.names).toEqual(['a', 'b.weight', 'half']);
    expect(file.metadata).toEqual({ licence: 'MIT' });
    for (const name of file.names) expect(await file.read(name)).toEqual(sample[name as keyof typeof sample]);
  });

  it('keep integers of 8 bits, say how each tensor is kept, and become trees when they are open', async () => {
    const data = Int8Array.of(-128, 0, 127);
    const file = await openSafetensors(writeSafetensors({ 'a.q': { data, shape: [3], dtype: 'i8' }, ...half }));
    expect(file.names.map((name) => file.spec(name))).toEqual([
      { shape: [3], dtype: 'i32', stored: 'I8' },
      { shape: [1], dtype: 'f16', stored: 'F16' },
    ]);
    const { tree } = await readTree(file);
    expect(tree).toEqual({
      a: { q: { data: Int32Array.of(-128, 0, 127), shape: [3], dtype: 'i32' } },
      half: { data: Float32Array.of(1), shape: [1], dtype: 'f32' },
    });
  });

  it('are read in ranges: one tensor costs the header and its own bytes', async () => {
    const bytes = writeSafetensors({
      ...sample,
      large: { data: new Float32Array(100_000), shape: [100_000], dtype: 'f32' },
    });
    let fetched = 0;
    const reader = {
      read: async (offset: number, length: number) => {
        fetched += length;
        return bytes.slice(offset, offset + length);
      },
    };
    const file = await openSafetensors(reader);
    expect((await file.read('b.weight')).data).toEqual(sample['b.weight'].data);
    expect(fetched).toBeLessThan(1000);
  });

  it('say what is wrong when they are damaged', async () => {
    const good = writeSafetensors(sample);
    const damaged: Record<string, Uint8Array> = {
      empty: new Uint8Array(),
      'cut in the header': good.slice(0, 30),
      'no JSON': Uint8Array.of(4, 0, 0, 0, 0, 0, 0, 0, 33, 33, 33, 33),
      'a huge header': Uint8Array.of(255, 255, 255, 255, 255, 0, 0, 0),
      'a wrong size': patch(good, '[2,3]', '[2,4]'),
      'one byte less': good.slice(0, -1),
      'one byte more': Uint8Array.of(...good, 0),
      'offsets that run backwards': patch(good, '"data_offsets":[0,1]', '"data_offsets":[1,0]'),
    };
    for (const [what, bytes] of Object.entries(damaged)) {
      await expect(openSafetensors(bytes), what).rejects.toMatchObject({ code: 'FILE_DAMAGED' });
    }
    // A reader does not know the length before it reads.
    const cut = { read: async (offset: number, length: number) => good.slice(0, -1).slice(offset, offset + length) };
    await expect((await openSafetensors(cut)).read('half')).rejects.toMatchObject({ code: 'FILE_DAMAGED' });
    await expect((await openSafetensors(good)).read('missing')).rejects.toMatchObject({ code: 'TENSOR_MISSING' });
  });

  it.each<[string, string, number]>([
    [
      'values that overlap',
      '{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}}',
      3,
    ],
    [
      'the same values twice',
      '{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}}',
      2,
    ],
    [
      'a hole',
      '{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"b":{"dtype":"U8","shape":[1],"data_offsets":[2,3]}}',
      3,
    ],
    ['a hole at the start', '{"a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}', 2],
    [
      'unknown types that overlap',
      '{"a":{"dtype":"F8_E4M3","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"F8_E4M3","shape":[2],"data_offsets":[0,2]}}',
      2,
    ],
    [
      'a name twice',
      '{"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},"\\u0061":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}',
      1,
    ],
    ['a field twice', '{"a":{"dtype":"U8","shape":[0],"shape":[1],"data_offsets":[0,1]}}', 1],
    ['metadata that is no text', '{"__metadata__":{"step":3}}', 0],
    ['metadata that is a list', '{"__metadata__":[]}', 0],
    ['too many axes', `{"a":{"dtype":"U8","shape":[${Array(65).fill(1)}],"data_offsets":[0,1]}}`, 1],
    [
      'sizes beyond all numbers',
      '{"a":{"dtype":"U8","shape":[9007199254740991,9007199254740991],"data_offsets":[0,1]}}',
      1,
    ],
  ])('refuse %s', async (_, header, valueBytes) => {
    await expect(openSafetensors(file(header, valueBytes))).rejects.toMatchObject({ code: 'FILE_DAMAGED' });
  });

  it('keep strange names', async () => {
    const names = ['__proto__', 'constructor', '"', '{', 'a\\"b', '', 'x:y'];
    const tensors = Object.fromEntries(
      names.map((name, i) => [name, { data: Uint8Array.of(i), shape: [1], dtype: 'u8' } as const]),
    );
    const opened = await openSafetensors(writeSafetensors(tensors));
    expect([...opened.names].sort()).toEqual([...names].sort());
    for (const [i, name] of names.entries()) expect((await opened.read(name)).data).toEqual(Uint8Array.of(i));
  });

  it('refuse to lose a tensor under the name of the metadata', () => {
    expect(() => writeSafetensors({ __metadata__: sample.a })).toThrow(
      expect.objectContaining({ code: 'NAME_RESERVED' }),
    );
  });

  it('are read in types that we do not compute in: converted, or refused where values would change', async () => {
    const bytes = (array: ArrayBufferView): number[] => [...new Uint8Array(array.buffer)];
    const read = async (dtype: string, values: number[], count: number) => {
      const header = JSON.stringify({ x: { dtype, shape: [count], data_offsets: [0, values.length] } });
      const opened = await openSafetensors(file(header, 0, values));
      const { data } = await opened.read('x');
      expect(opened.spec('x').dtype).toBe(
        data instanceof Float32Array ? 'f32' : data instanceof Int32Array ? 'i32' : 'u32',
      );
      return [...data];
    };
    expect(await read('BF16', [0xc0, 0x3f, 0x00, 0xc0], 2)).toEqual([1.5, -2]);
    expect(await read('F64', bytes(Float64Array.of(0.1, -3)), 2)).toEqual([Math.fround(0.1), -3]);
    expect(await read('I64', bytes(BigInt64Array.of(-(2n ** 31n), 7n)), 2)).toEqual([-(2 ** 31), 7]);
    expect(await read('U64', bytes(BigUint64Array.of(2n ** 32n - 1n)), 1)).toEqual([2 ** 32 - 1]);
    expect(await read('I16', bytes(Int16Array.of(-2)), 1)).toEqual([-2]);
    expect(await read('I8', [255], 1)).toEqual([-1]);
    expect(await read('U16', bytes(Uint16Array.of(65535)), 1)).toEqual([65535]);
    for (const [dtype, value] of [
      ['I64', BigInt64Array.of(2n ** 31n)],
      ['U64', BigUint64Array.of(2n ** 32n)],
    ] as const) {
      await expect(read(dtype, bytes(value), 1)).rejects.toMatchObject({ code: 'VALUE_OUT_OF_RANGE' });
    }
  });

  it('never fail in another way, whatever byte is changed', async () => {
    const good = writeSafetensors(sample, { k: 'v' });
    const stream = random(1);
    for (let i = 0; i < 500; i++) {
      const bytes = good.slice();
      bytes[stream.integer(bytes.length)] = stream.integer(256);
      try {
        const file = await openSafetensors(bytes);
        for (const name of file.names) await file.read(name);
      } catch (error) {
        expect(['FILE_DAMAGED', 'TENSOR_MISSING']).toContain((error as { code?: string }).code);
      }
    }
  });
});

/** A file with this header, and so many zeros or these values. */
function file(header: string, valueBytes: number, values: readonly number[] = Array(valueBytes).fill(0)): Uint8Array {
  const text = new TextEncoder().encode(header);
  const length = new Uint8Array(8);
  new DataView(length.buffer).setUint32(0, text.length, true);
  return Uint8Array.of(...length, ...text, ...values);
}

function patch(bytes: Uint8Array, from: string, to: string): Uint8Array {
  const text = Buffer.from(bytes).toString('latin1').replace(from, to);
  return new Uint8Array(Buffer.from(text, 'latin1'));
}

describe('parameter trees', () => {
  const backend = cpu();
  const tree = {
    layers: [{ w: tensor(backend, [1.5, -2]) }, {}, { w: tensor(backend, [3]) }],
    scale: tensor(backend, [0.1]),
  };

  it('are saved and loaded by path', async () => {
    const { tree: loaded } = await loadTree(backend, await saveTree(tree, { metadata: { step: '3' } }));
    const { scale, layers } = loaded as { scale: typeof tree.scale; layers: Record<string, { w: typeof tree.scale }> };
    expect(scale.dataSync()).toEqual(Float32Array.of(0.1));
    expect(layers['2']!.w.dataSync()).toEqual(Float32Array.of(3));
  });

  it('are restored into the shape of a template, exactly', async () => {
    const bytes = await saveTree(tree, { metadata: { step: '3' } });
    const { tree: restored, metadata } = await restoreTree(backend, bytes, tree);
    expect(metadata).toEqual({ step: '3' });
    expect(restored.layers).toHaveLength(3);
    expect(restored.scale.dataSync()).toEqual(tree.scale.dataSync());
    await expect(restoreTree(backend, bytes, { scale: tensor(backend, [1, 2]) })).rejects.toMatchObject({
      code: 'TENSOR_MISMATCH',
    });
  });

  it('take half the space in half precision, rounded to nearest', async () => {
    const { tree: loaded } = await loadTree(backend, await saveTree(tree, { precision: 'f16' }));
    expect((loaded as typeof tree).scale.dataSync()[0]).toBe(0.0999755859375);
  });

  it('are not made of names that lose a tensor or overflow', async () => {
    const one = sample.a;
    for (const names of [['a', 'a.b'], ['a.b', 'a'], ['a.b.c', 'a.b'], ['.'.repeat(50_000)], ['x.'.repeat(200)]]) {
      const bytes = writeSafetensors(Object.fromEntries(names.map((name) => [name, one])));
      await expect(readTree(bytes)).rejects.toMatchObject({ code: 'NAME_AMBIGUOUS' });
      expect((await openSafetensors(bytes)).names).toHaveLength(names.length);
    }
    const twice = { 'a.b': tree.scale, a: { b: tree.scale } };
    await expect(saveTree(twice)).rejects.toMatchObject({ code: 'NAME_AMBIGUOUS' });
  });

  it('become constants of a graph inside a traced function', async () => {
    const { tree: host } = await readTree(await saveTree({ w: tree.scale }));
    const traced = trace(
      (x: typeof tree.scale) => [x, (uploadTree(x.backend, host) as { w: typeof x }).w],
      [tree.scale],
    );
    expect(traced.constants.map(({ data }) => [...data])).toEqual([[Math.fround(0.1)]]);
  });
});
