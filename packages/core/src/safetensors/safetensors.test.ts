import { describe, expect, it } from 'vitest';
import { cpu } from '../cpu/cpu.ts';
import { tensor } from '../ops/create/create.ts';
import { random } from '../random/random.ts';
import { trace } from '../trace/trace.ts';
import { openSafetensors, writeSafetensors } from './safetensors.ts';
import { loadTree, readTree, restoreTree, saveTree, uploadTree } from './trees.ts';

const sample = {
  'b.weight': { data: Float32Array.of(1, 2, 3, 4, 5, 6), shape: [2, 3], dtype: 'f32' },
  a: { data: Uint8Array.of(7), shape: [], dtype: 'u8' },
  half: { data: Uint16Array.of(0x3c00), shape: [1], dtype: 'f16' },
} as const;

describe('safetensors files', () => {
  it('come back as they were written', async () => {
    const file = await openSafetensors(writeSafetensors(sample, { licence: 'MIT' }));
    expect(file.names).toEqual(['a', 'b.weight', 'half']);
    expect(file.metadata).toEqual({ licence: 'MIT' });
    for (const name of file.names) expect(await file.read(name)).toEqual(sample[name as keyof typeof sample]);
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
      'offsets that run backwards': patch(good, '"data_offsets":[0,1]', '"data_offsets":[1,0]'),
    };
    for (const [what, bytes] of Object.entries(damaged)) {
      await expect(openSafetensors(bytes), what).rejects.toMatchObject({ code: 'FILE_DAMAGED' });
    }
    await expect((await openSafetensors(good.slice(0, -1))).read('half')).rejects.toMatchObject({
      code: 'FILE_DAMAGED',
    });
    await expect((await openSafetensors(good)).read('missing')).rejects.toMatchObject({ code: 'TENSOR_MISSING' });
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

  it('become constants of a graph inside a traced function', async () => {
    const { tree: host } = await readTree(await saveTree({ w: tree.scale }));
    const traced = trace(
      (x: typeof tree.scale) => [x, (uploadTree(x.backend, host) as { w: typeof x }).w],
      [tree.scale],
    );
    expect(traced.constants.map(({ data }) => [...data])).toEqual([[Math.fround(0.1)]]);
  });
});
