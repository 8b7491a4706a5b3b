import { cpu, random } from '@vqkit/core';
import { loadModel } from '@vqkit/tokenizer';
import { describe, expect, it } from 'vitest';
import { decodeIndices, encodeIndices, loadPrior } from './bitstream/index.ts';
import { trainPriors } from './prior-training.ts';
import { tinyWeights } from './testing/tiny-weights.ts';

/** Stripes: what comes next is easy to guess. */
function stripes(seed: number): { data: Uint8Array; width: number; height: number } {
  const shift = random(seed).integer(64);
  const data = Uint8Array.from({ length: 128 * 64 * 3 }, (_, i) =>
    ((Math.floor(i / 3) % 128) + shift) % 64 < 32 ? 30 : 220,
  );
  return { data, width: 128, height: 64 };
}

describe('trainPriors', () => {
  it('learns what images look like: their indices cost less than without a prior, and come back', async () => {
    const model = await loadModel(await tinyWeights());
    const images = Array.from({ length: 12 }, (_, i) => stripes(i));
    const phases = new Set<string>();
    const priors = await trainPriors({
      model,
      backend: cpu(),
      images,
      network: { epochs: 1, hidden: 8, embedding: 4 },
      onProgress: ({ phase }) => phases.add(phase),
    });
    expect([...priors.keys()]).toEqual(['prior-4.vqp', 'prior-16.vqp']);
    expect([...phases]).toEqual(['coding', 'learning']);
    const prior = loadPrior(priors.get('prior-16.vqp')!);
    expect(prior.codebookSizes).toEqual([16]);
    const planes = [Uint32Array.from({ length: 32 }, () => 3)];
    const map = { width: 8, height: 4, codebookSizes: [16], planes };
    const coded = encodeIndices(map, { prior, mode: 'mixing' });
    expect(decodeIndices(coded, { prior }).planes).toEqual(planes);
  });

  it('leaves out codebooks that no prior describes, without looking at images', async () => {
    const model = await loadModel(await tinyWeights());
    const [small, large] = model.rates as [(typeof model.rates)[number], (typeof model.rates)[number]];
    const many = { ...large, codebookSizes: [2 ** 15 + 1] };
    const train = (rates: (typeof model)['rates'], images = [stripes(1)]) =>
      trainPriors({ model: { ...model, rates }, backend: cpu(), images, network: false });
    expect([...(await train([small, many])).keys()]).toEqual(['prior-4.vqp']);
    const unreadable = { [Symbol.iterator]: () => expect.unreachable() } as unknown as ReturnType<typeof stripes>[];
    expect(await train([many], unreadable)).toEqual(new Map());
  });

  it('stops when asked to', async () => {
    const model = await loadModel(await tinyWeights());
    await expect(
      trainPriors({ model, backend: cpu(), images: [stripes(1)], signal: AbortSignal.abort(new Error('enough')) }),
    ).rejects.toThrow('enough');
  });
});
