import { type Backend, cpu, zeros } from '@vqkit/core';
import { checkLeaks } from '@vqkit/core/testing';
import { indexTransformer } from '@vqkit/models';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { backendsUnderTest, webgpuUnderTest } from '../../../../tooling/backends-under-test.ts';
import { tinyGenerator } from '../../../../tooling/tiny-generator.ts';
import { quantizers, tinyLooc } from '../../../../tooling/tiny-looc.ts';
import { tinyPhoto } from '../../../../tooling/tiny-photo.ts';
import { packWeights, type WeightsPackage, weightsOf } from '../index.ts';
import { createGenerator, type Drawn, type Generator, type SamplingOptions } from './index.ts';

const openWebgpu = await webgpuUnderTest();
const others = { ...backendsUnderTest(), ...(openWebgpu && { webgpu: openWebgpu }) };
const backend = cpu();

const methods = ['index-generator', 'latent-flow'] as const;
const tokenizers: Record<string, () => Promise<WeightsPackage>> = {
  'LooC, four indices': tinyLooc,
  codebook: tinyPhoto,
};
const packages: Record<string, WeightsPackage> = {};
beforeAll(async () => {
  for (const method of methods)
    for (const [name, make] of Object.entries(tokenizers))
      packages[`${method}, ${name}`] = weightsOf(await tinyGenerator(method, await make(), { quantizers }));
});
const names = methods.flatMap((method) => Object.keys(tokenizers).map((name) => `${method}, ${name}`));

const open = (name: string, sampling: SamplingOptions = {}, on: Backend = backend): Promise<Generator> =>
  createGenerator(packages[name]!, { backend: on, quantizers, sampling: { steps: 4, ...sampling } });
const planes = (drawn: readonly Drawn[]): number[][] =>
  drawn.map(({ map }) => map.planes.flatMap((plane) => [...plane]));

describe.each(names)('a generator: %s', (name) => {
  let generator: Generator;
  beforeAll(async () => {
    generator = await open(name);
  });
  afterAll(() => generator.dispose());

  it('draws images of the size that it learned, of each class in turn', async () => {
    const drawn = await generator.draw(5);
    expect(drawn.map(({ label }) => label)).toEqual([0, 1, 2, 0, 1]);
    const { map, image } = drawn[0]!;
    const scale = name.endsWith('codebook') ? 16 : 4;
    expect([map.width, map.height, image.width, image.height, image.channels]).toEqual([3, 2, 3 * scale, 2 * scale, 3]);
    expect(new Set(planes(drawn).map(String)).size).toBeGreaterThan(2);
    map.planes.forEach((plane, slot) => {
      expect(plane.every((index) => index < map.codebookSizes[slot]!)).toBe(true);
    });
  });

  it('draws an image by seed, number and class alone', async () => {
    const whole = planes(await generator.draw(5, { seed: 7 }));
    expect(planes(await generator.draw(2, { seed: 7, first: 3 }))).toEqual(whole.slice(3));
    expect(planes(await generator.draw(1, { seed: 7, label: 0 }))).toEqual(whole.slice(0, 1));
    const ofClass = async (label: number) => planes(await generator.draw(6, { seed: 7, label }));
    expect(await ofClass(2)).not.toEqual(await ofClass(0));
    expect(planes(await generator.draw(5, { seed: 8 }))).not.toEqual(whole);
  });

  it('draws other images by other choices: steps, temperature, guidance', async () => {
    const plain = planes(await generator.draw(4));
    for (const sampling of [{ steps: 2 }, { temperature: 0.2 }, { guidance: 3 }]) {
      const other = await open(name, sampling);
      expect(planes(await other.draw(4))).not.toEqual(plain);
      other.dispose();
    }
  });

  it('draws maps of another size where it is asked to', async () => {
    const [{ map }] = (await generator.draw(1, { grid: { width: 5, height: 1 } })) as [Drawn];
    expect([map.width, map.height]).toEqual([5, 1]);
  });

  for (const [other, openOther] of Object.entries(others)) {
    it(`draws the same on ${other} as on the reference`, async () => {
      const own = await openOther();
      for (const sampling of [{}, { guidance: 1 }]) {
        const [a, b] = await Promise.all([open(name, sampling), open(name, sampling, own)]);
        const [expected, drawn] = [await a.draw(4, { seed: 3 }), await b.draw(4, { seed: 3 })];
        expect(planes(drawn)).toEqual(planes(expected));
        // Bytes are rounded from sums that differ in their last digits.
        drawn.forEach(({ image }, i) => {
          const apart = image.data.map((value, at) => Math.abs(value - expected[i]!.image.data[at]!));
          expect(Math.max(...apart)).toBeLessThanOrEqual(1);
        });
        a.dispose();
        b.dispose();
      }
      own.dispose();
    });
  }

  it('tells how far it is, and stops between steps', async () => {
    const progress: number[] = [];
    const controller = new AbortController();
    const onProgress = ({ done, total }: { done: number; total: number }): void => {
      progress.push(done / total);
      if (done === 2) controller.abort(new Error('enough'));
    };
    await expect(generator.draw(2, { signal: controller.signal, onProgress })).rejects.toThrow('enough');
    expect(progress).toEqual([0.25, 0.5]);
  });

  it('leaves nothing on the backend', async () => {
    await checkLeaks(backend, async () => {
      const own = await open(name, { guidance: 1 });
      await own.draw(2);
      own.dispose();
    });
  });
});

describe('createGenerator', () => {
  const masked = 'index-generator, LooC, four indices';
  const flow = 'latent-flow, codebook';

  it('keeps what is there, and draws around it', async () => {
    const generator = await open(masked);
    const [{ map }] = (await generator.draw(1, { seed: 2 })) as [Drawn];
    const holes = Uint8Array.of(0, 1, 1, 0, 0, 1);
    const drawn = await generator.draw(3, { seed: 5, from: { map, holes } });
    for (const { map: own } of drawn)
      own.planes.forEach((plane, slot) => {
        for (const at of [0, 3, 4]) expect(plane[at]).toBe(map.planes[slot]![at]);
      });
    expect(new Set(planes(drawn).map(String)).size).toBe(3);
    const wrong = generator.draw(1, { from: { map, holes: holes.subarray(1) } });
    await expect(wrong).rejects.toThrow(/a flag for each, got 3×2 of 16, 16, 16, 16 and 5/);
    generator.dispose();
    const other = await open(flow);
    await expect(other.draw(1, { from: { map, holes } })).rejects.toThrow(/these weights draw features/);
    other.dispose();
  });

  it('takes the likeliest code of each at a temperature of 0 without noise, whatever the seed', async () => {
    const generator = await open(masked, { temperature: 0, noise: 0 });
    expect(planes(await generator.draw(3, { seed: 1 }))).toEqual(planes(await generator.draw(3, { seed: 2 })));
    generator.dispose();
  });

  it('draws large maps with an index transformer and the weights that it is for', async () => {
    const photo = await tinyPhoto();
    const options = { dimension: 4, width: 16, blocks: 1, heads: 2 };
    const encoder = indexTransformer(options).init(backend, 1);
    const manifest = { id: 'trans', architecture: 'index-transformer', options, codebookSizes: [16], priors: [] };
    const files = {
      manifest: { ...manifest, tokenizer: 'photo' },
      encoder,
      decoder: {},
      codebooks: [zeros(backend, [16, 4])],
    };
    const weights = weightsOf(await packWeights(files));
    const generator = await createGenerator(weights, { backend, tokenizer: photo, sampling: { steps: 2 } });
    expect(generator.classes).toBe(0);
    const [{ map, label }] = (await generator.draw(1, { grid: { width: 4, height: 3 } })) as [Drawn];
    expect([map.width, map.codebookSizes, label]).toEqual([4, [16], undefined]);
    await expect(generator.draw(1)).rejects.toThrow(/expected a grid/);
    await expect(generator.draw(1, { grid: { width: 4, height: 3 }, label: 1 })).rejects.toThrow(/know no classes/);
    generator.dispose();
    const without = createGenerator(weights, { backend });
    await expect(without).rejects.toMatchObject({ code: 'TOKENIZER_MISMATCH' });
    const other = createGenerator(weights, { backend, tokenizer: await tinyLooc(), quantizers });
    await expect(other).rejects.toThrow(/expected the weights 'photo' beside 'trans'.*got 'test'/);
    await expect(createGenerator(weights, { backend, tokenizer: photo, sampling: { guidance: 1 } })).rejects.toThrow(
      /know no classes/,
    );
  });

  it('refuses what cannot be drawn', async () => {
    const generator = await open(masked);
    const refused: [Parameters<Generator['draw']>, RegExp][] = [
      [[0], /count to be a whole number from 1/],
      [[1, { label: 3 }], /label to be a whole number from 0 to 2, got 3/],
      [[1, { seed: -1 }], /seed/],
      [[1, { seed: 0.5 }], /seed/],
      [[1, { grid: { width: 0, height: 2 } }], /the width of the grid/],
      [[1, { grid: { width: 100, height: 100 } }], /at most 4096 positions/],
    ];
    for (const [args, message] of refused) {
      await expect(generator.draw(...args)).rejects.toMatchObject({
        code: 'OPTIONS_INVALID',
        message: expect.stringMatching(message),
      });
    }
    generator.dispose();
    await expect(generator.draw(1)).rejects.toMatchObject({ code: 'GENERATOR_DISPOSED' });
    for (const sampling of [{ steps: 0 }, { temperature: -1 }, { topK: 0 }, { noise: Number.NaN }, { guidance: 21 }])
      await expect(open(masked, sampling)).rejects.toMatchObject({ code: 'OPTIONS_INVALID' });
    await expect(open(flow, { topK: 3 })).rejects.toThrow(/draw features/);
  });

  it('refuses weights of other kinds, and damaged ones', async () => {
    const looc = await tinyLooc();
    await expect(createGenerator(looc, { backend, quantizers })).rejects.toMatchObject({ code: 'MANIFEST_INVALID' });
    await expect(createGenerator(packages[masked]!, { backend })).rejects.toMatchObject({ code: 'QUANTIZER_MISSING' });
    for (const name of names) {
      const { manifest, load } = packages[name]!;
      const options = manifest.options as { network: object };
      const wider = { ...manifest, options: { ...options, network: { ...options.network, width: 32 } } };
      const damaged = createGenerator({ manifest: wider, load }, { backend, quantizers });
      await expect(damaged).rejects.toMatchObject({ code: 'WEIGHTS_DAMAGED' });
      const swapped = { ...manifest, architecture: name.startsWith('latent') ? 'index-generator' : 'latent-flow' };
      const other = createGenerator({ manifest: swapped, load }, { backend, quantizers });
      await expect(other).rejects.toMatchObject({ code: 'WEIGHTS_DAMAGED' });
      const endless = { ...manifest, options: { ...options, grid: { width: 1e5, height: 1 } } };
      const large = createGenerator({ manifest: endless, load }, { backend, quantizers });
      await expect(large).rejects.toMatchObject({ code: 'MANIFEST_INVALID' });
    }
  });
});
