import { argmax, type Backend, cpu, random, tensor } from '@vqkit/core';
import { checkLeaks } from '@vqkit/core/testing';
import { type WeightsPackage, weightsOf } from '@vqkit/tokenizer';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { backendsUnderTest, webgpuUnderTest } from '../../../../tooling/backends-under-test.ts';
import { tinyTransformer } from '../../../../tooling/tiny-transformer.ts';
import { layPackets, ownerOf, splitFile } from '../bitstream/index.ts';
import { createCodec } from '../codec.ts';
import type { ConcealGrid } from '../conceal.ts';
import { tinyWeights } from '../testing/tiny-weights.ts';
import { loadIndexTransformer, logitsOf, type TransformerConceal, transformerConceal } from './index.ts';

const openWebgpu = await webgpuUnderTest();
const others = { ...backendsUnderTest(), ...(openWebgpu && { webgpu: openWebgpu }) };

let photo: WeightsPackage;
let weights: WeightsPackage;
let backend: Backend;
let conceal: TransformerConceal;
beforeAll(async () => {
  photo = await tinyWeights();
  weights = weightsOf(await tinyTransformer(photo));
  backend = cpu();
  conceal = await transformerConceal(weights, { backend });
});
afterAll(() => conceal.dispose());

const gridOf = (width: number, height: number, codes = 16, more: Partial<ConcealGrid> = {}): ConcealGrid => ({
  width,
  height,
  codebookSizes: [codes],
  modelId: 'tiny',
  ...more,
});

/** A random map with holes, as the codec hands it on. */
function damaged(seed: number, width: number, height: number, codes: number, share: number) {
  const stream = random(seed);
  const lost = Uint8Array.from({ length: width * height }, () => Number(stream.next() < share));
  const indices = Uint32Array.from(lost, (flag) => (flag === 1 ? 0 : stream.integer(codes)));
  return { indices, lost };
}

describe('transformerConceal', () => {
  it('changes lost positions alone, to codes of the codebook, over random patterns, sizes and passes', async () => {
    const several = await transformerConceal(weights, { backend, passes: 3 });
    const stream = random(2);
    for (let round = 0; round < 300; round++) {
      const [width, height, codes] = [1 + stream.integer(7), 1 + stream.integer(6), round % 3 === 0 ? 4 : 16];
      const { indices, lost } = damaged(round, width, height, codes, stream.next() * 1.1);
      const before = [indices.slice(), lost.slice()];
      const filled = await (round % 2 === 0 ? conceal : several)(indices, lost, gridOf(width, height, codes));
      expect([indices, lost]).toEqual(before);
      expect(filled).toHaveLength(width * height);
      filled.forEach((index, at) => {
        if (lost[at] === 0) expect(index).toBe(indices[at]);
        else expect(index).toBeLessThan(codes);
      });
    }
    several.dispose();
  });

  it('guesses from what is around: other neighbours, other guesses', async () => {
    const { lost } = damaged(3, 8, 8, 16, 0.3);
    const filled = await Promise.all(
      [4, 5].map(async (seed) => conceal(damaged(seed, 8, 8, 16, 0).indices, lost, gridOf(8, 8))),
    );
    const guessed = filled.map((map) => [...map].filter((_, at) => lost[at] === 1));
    expect(guessed[0]).not.toEqual(guessed[1]);
    expect(new Set(guessed[0]).size).toBeGreaterThan(2);
  });

  it('takes the likeliest code of every hole, over a whole window', async () => {
    const likeliest = await transformerConceal(weights, { backend, guess: 'likeliest' });
    const [width, height, codebookSize] = [20, 16, 16];
    const { indices, lost } = damaged(8, width, height, codebookSize, 0.9);
    const shape = [1, height, width, 1];
    const logits = logitsOf(await loadIndexTransformer(weights), {
      indices: tensor(backend, indices, shape),
      holes: tensor(backend, Float32Array.from(lost), shape),
      codebookSize,
    });
    const expected = argmax(logits).dataSync();
    const filled = await likeliest(indices, lost, gridOf(width, height, codebookSize));
    expect(filled).toEqual(indices.map((index, at) => (lost[at] === 1 ? expected[at]! : index)));
    likeliest.dispose();
  });

  it('works window by window, and only where there are holes', async () => {
    const [width, height] = [70, 40];
    const { indices } = damaged(6, width, height, 16, 0);
    const lost = new Uint8Array(width * height);
    const places = [0, 69, 15 * width + 30, 39 * width + 69];
    for (const at of places) lost[at] = 1;
    const filled = await conceal(indices, lost, gridOf(width, height));
    expect([...filled.keys()].filter((at) => filled[at] !== indices[at]).every((at) => places.includes(at))).toBe(true);
    // A corner sees its own window alone.
    const corner = Uint32Array.from({ length: 32 * 32 }, (_, i) => indices[Math.floor(i / 32) * width + (i % 32)]!);
    const flags = Uint8Array.from({ length: 32 * 32 }, (_, i) => lost[Math.floor(i / 32) * width + (i % 32)]!);
    expect((await conceal(corner, flags, gridOf(32, 32)))[0]).toBe(filled[0]);
  });

  for (const [name, open] of Object.entries(others)) {
    it(`guesses the same on ${name} as on the reference`, async () => {
      const other = await open();
      for (const passes of [1, 3]) {
        const [a, b] = await Promise.all(
          [backend, other].map((own) => transformerConceal(weights, { backend: own, passes })),
        );
        for (const [codes, share] of [
          [16, 0.2],
          [4, 0.6],
        ] as const) {
          const { indices, lost } = damaged(7, 11, 9, codes, share);
          const grid = gridOf(11, 9, codes);
          expect(await b!(indices, lost, grid)).toEqual(await a!(indices, lost, grid));
        }
        a!.dispose();
        b!.dispose();
      }
      other.dispose();
    });
  }

  it('stands in for neighbours in the codec, and leaves what decodes alone', async () => {
    const codec = await createCodec(photo, { backend, conceal });
    const plain = await createCodec(photo, { backend });
    const data = Uint8Array.from({ length: 160 * 128 * 3 }, (_, i) => (i * i) % 251);
    const { header, packets } = splitFile(await codec.encode({ data, width: 160, height: 128 }, { packets: 5 }));
    const parts = [header, ...packets.filter((_, i) => i !== 2)];
    const bytes = new Uint8Array(await new Blob(parts as Uint8Array<ArrayBuffer>[]).arrayBuffer());
    const [guessed, copied] = [await codec.decode(bytes), await plain.decode(bytes)];
    const owner = ownerOf(layPackets(10, 8, 5));
    const lost = Array.from({ length: 80 }, (_, i) => owner(i % 10, Math.floor(i / 10))).filter((id) => id === 2);
    expect(guessed.lostShare).toBeCloseTo(lost.length / 80, 5);
    expect(guessed.image.data).not.toEqual(copied.image.data);
    expect(await codec.decodeToIndices(bytes)).toEqual(await plain.decodeToIndices(bytes));
    codec.dispose();
    plain.dispose();
  });

  it('refuses indices of other weights, of several planes, and weights that are no transformer', async () => {
    const { indices, lost } = damaged(1, 3, 3, 4, 0.5);
    const refusal = (grid: ConcealGrid) => expect(conceal(indices, lost, grid)).rejects;
    await refusal(gridOf(3, 3, 16, { modelId: 'other' })).toMatchObject({ code: 'MODEL_MISMATCH' });
    await refusal(gridOf(3, 3, 8)).toMatchObject({ code: 'MODEL_MISMATCH' });
    await refusal({ ...gridOf(3, 3), codebookSizes: [16, 16] }).toMatchObject({ code: 'PLANES_UNSUPPORTED' });
    await expect(transformerConceal(photo, { backend })).rejects.toMatchObject({ code: 'MODEL_MISMATCH' });
    for (const options of [{ passes: 0 }, { guess: 'best' as 'expected' }]) {
      await expect(transformerConceal(weights, { backend, ...options })).rejects.toMatchObject({
        code: 'OPTIONS_INVALID',
      });
    }
    const codebookSizes = [4, 32];
    const damage: WeightsPackage = { ...weights, manifest: { ...weights.manifest, codebookSizes } };
    await expect(transformerConceal(damage, { backend })).rejects.toMatchObject({ code: 'WEIGHTS_DAMAGED' });
  });

  it('stops when asked to, leaks nothing, and says when it was disposed', async () => {
    const { indices, lost } = damaged(1, 40, 40, 16, 0.5);
    const stopped = conceal(indices, lost, gridOf(40, 40, 16, { signal: AbortSignal.abort(new Error('enough')) }));
    await expect(stopped).rejects.toThrow('enough');
    await conceal(indices.slice(0, 9), lost.slice(0, 9), gridOf(3, 3)); // compiled, it stays
    await checkLeaks(backend, async () => void (await conceal(indices.slice(0, 9), lost.slice(0, 9), gridOf(3, 3))));
    const own = await transformerConceal(weights, { backend });
    own.dispose();
    await expect(own(indices, lost, gridOf(40, 40))).rejects.toMatchObject({ code: 'CONCEALER_DISPOSED' });
  });
});
