/**
 * Against PyTorch 1.13 (`scripts/make-taming-fixtures.py`), in float64: features, indices and pixels of a VQGAN under the names and
 * shapes of taming-transformers, with weights that follow from their names.
 */
import { cpu, type Shape, sizeOf, tensor, tensorsOf } from '@vqkit/core';
import { codebookQuantizer } from '@vqkit/core/codebook';
import { describe, expect, it } from 'vitest';
import cases from './fixtures/taming.json' with { type: 'json' };
import { importTaming, type NamedTensors } from './import-taming.ts';
import { tamingPlaces } from './taming-names.ts';
import { vqgan } from './vqgan.ts';

/** Values in [−1, 1) as the script makes them: FNV-1a of a name, then a mix of each place. */
function seeded(name: string, count: number): Float32Array {
  let salt = 2166136261;
  for (const character of name) salt = Math.imul(salt ^ character.charCodeAt(0), 16777619);
  return Float32Array.from({ length: count }, (_, i) => {
    let h = (Math.imul(i, 2654435761) + salt) >>> 0;
    h = Math.imul(h ^ (h >>> 15), 2246822519) >>> 0;
    h = Math.imul(h ^ (h >>> 13), 3266489917) >>> 0;
    return ((h ^ (h >>> 16)) >>> 8) / 2 ** 23 - 1;
  });
}

function weight(name: string, shape: readonly number[]): Float32Array {
  const values = seeded(name, sizeOf(shape));
  if (shape.length === 4) {
    const scale = Math.fround(Math.sqrt(3 / sizeOf(shape.slice(1))));
    return values.map((value) => value * scale);
  }
  if (name.includes('norm') && name.endsWith('weight')) return values.map((value) => value * 0.25 + 1);
  return name.endsWith('bias') ? values.map((value) => value * 0.125) : values;
}

type Shapes = Readonly<Record<string, readonly number[]>>;

/** A file with seeded weights of these shapes. */
function fileOf(shapes: Shapes, prefix = ''): NamedTensors {
  const own = (name: string): string => name.slice(prefix.length);
  return {
    names: Object.keys(shapes).map((name) => prefix + name),
    shapeOf: (name) => shapes[own(name)],
    read: async (name, shape: Shape) => weight(own(name), shape),
  };
}

const first: Shapes = cases['attention at the last resolution'].shapes;

const without = (shapes: Shapes, pattern: RegExp): Shapes =>
  Object.fromEntries(Object.entries(shapes).filter(([name]) => !pattern.test(name)));

describe('importTaming', () => {
  const backend = cpu();

  for (const [name, { sizes, shapes, image, features, indices, pixels }] of Object.entries(cases)) {
    it(`gives the features, indices and pixels of PyTorch: ${name}`, async () => {
      const { options, params, codebook } = await importTaming(backend, fileOf(shapes as Shapes));
      expect(options).toEqual({
        dimension: 8,
        groups: 32,
        channels: sizes.channels,
        multipliers: sizes.multipliers,
        blocks: sizes.blocks,
        attentionLevels: sizes.attention,
      });
      const model = vqgan(options);
      const [n, c, h, w] = image as [number, number, number, number];
      const planes = seeded('image', n * c * h * w);
      const values = Float32Array.from(planes, (_, i) => planes[(i % c) * h * w + Math.floor(i / c)]!);
      const z = model.encode(params.encoder, tensor(backend, values, [n, h, w, c]));
      const quantizer = codebookQuantizer('vq', { codes: 16, dimension: 8 });
      const found = quantizer.encode({ codebook }, z);
      const xHat = model.decode(params.decoder, quantizer.decode({ codebook }, found));
      expect([...found.dataSync()]).toEqual(indices);
      // Float32 through some twenty layers; values are about 1.
      const near = (actual: ArrayLike<number>, expected: readonly number[]) => {
        expect(actual).toHaveLength(expected.length);
        expected.forEach((value, i) => expect(Math.abs(actual[i]! - value)).toBeLessThan(1e-4));
      };
      near(z.dataSync(), features);
      near(xHat.dataSync(), pixels);
    });
  }

  it('asks for the tensors of the published models, each once', () => {
    const published = { dimension: 256, channels: 128, multipliers: [1, 1, 2, 2, 4], blocks: 2, groups: 32 };
    const listed: { name: string; shape: readonly number[] }[] = [];
    const collect = (node: unknown): void => {
      if ('shape' in (node as object)) listed.push(node as (typeof listed)[number]);
      else for (const child of Object.values(node as object)) collect(child);
    };
    collect(tamingPlaces({ ...published, attentionLevels: [4] }));
    const byName = new Map(listed.map(({ name, shape }) => [name, shape]));
    expect(byName.size).toBe(listed.length);
    // 29.30 M and 42.45 M, and 65,792 for each of the 1×1 convolutions, as taming-transformers prints.
    const total = listed.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
    expect(total / 1e6).toBeCloseTo(29.3 + 42.45 + 2 * 0.0658, 1);
    expect(byName.get('encoder.down.2.block.0.nin_shortcut.weight')).toEqual([256, 128, 1, 1]);
    expect(byName.get('encoder.down.4.attn.1.proj_out.bias')).toEqual([512]);
    expect(byName.get('decoder.up.4.upsample.conv.weight')).toEqual([512, 512, 3, 3]);
    expect(byName.get('decoder.up.1.block.0.nin_shortcut.weight')).toEqual([128, 256, 1, 1]);
    expect(byName.has('encoder.down.4.downsample.conv.weight')).toBe(false);
  });

  it('reads names below state_dict, and leaves out what training alone needs', async () => {
    const { params } = await importTaming(
      backend,
      fileOf({ ...first, 'loss.discriminator.main.0.weight': [64, 3, 4, 4] }, 'state_dict.'),
    );
    expect(tensorsOf(params).length).toBe(Object.keys(first).length - 1);
  });

  it('says what is not as it should be', async () => {
    const refused = (shapes: Shapes, code: string, message: RegExp) =>
      expect(importTaming(backend, fileOf(shapes))).rejects.toMatchObject({
        code,
        message: expect.stringMatching(message),
      });
    await refused({ 'features.0.weight': [64, 3, 3, 3] }, 'ARCHITECTURE_UNKNOWN', /VQGAN of taming-transformers/);
    await refused(without(first, /^quantize/), 'ARCHITECTURE_UNKNOWN', /a codebook, got none/);
    const gumbel = { ...without(first, /^quantize/), 'quantize.proj.weight': [16, 8, 1, 1] };
    await refused(gumbel, 'ARCHITECTURE_UNKNOWN', /Gumbel/);
    await refused({ ...first, 'encoder.conv_in.weight': [32, 1, 3, 3] }, 'ARCHITECTURE_UNKNOWN', /1 channels/);
    await refused({ ...first, 'encoder.conv_in.weight': [48, 3, 3, 3] }, 'ARCHITECTURE_UNKNOWN', /multiples of 32/);
    await refused({ ...first, 'quantize.embedding.weight': [16, 4] }, 'ARCHITECTURE_UNKNOWN', /codes of 8 values/);
    await refused(
      without(first, /mid\.attn_1/),
      'TENSOR_MISSING',
      /'encoder.mid.attn_1.norm.weight', got none, nor 19/,
    );
    await refused(without(first, /^post_quant_conv.bias/), 'TENSOR_MISSING', /'post_quant_conv.bias', got none/);
    await refused({ ...first, 'quant_conv.weight': [16, 8, 1, 1] }, 'TENSOR_SHAPE', /\[8,8,1,1\], got \[16,8,1,1\]/);
    await refused({ ...first, 'encoder.extra.weight': [3] }, 'TENSOR_UNKNOWN', /1 more: encoder.extra.weight/);
  });
});
