import { cpu, random, sum, type Tensor, tensor } from '@vqkit/core';
import { cvqAnchors, fixed } from '@vqkit/core/codebook';
import { describe, expect, it } from 'vitest';
import { drawDepths, stageMasks } from './dropout.ts';
import { residual } from './residual.ts';

const backend = cpu();
const key = (seed: number): Tensor => tensor(backend, random(seed).bits(2));

describe('stage dropout', () => {
  const quantizer = residual({ codes: 8, dimension: 2, start: 'normal' }, { depth: 3, dropout: { from: 1 } });
  const params = quantizer.init(backend, 3);
  const z = random(4).normal(backend, [6, 2, 2, 2]);

  it('draws every number of stages about equally often', () => {
    const hits = [0, 0, 0, 0];
    for (const n of drawDepths(key(1), 3000, 3, { from: 1 }).dataSync()) hits[n]!++;
    // 3000 draws of 3: 1000 each, standard deviation 26
    for (const n of [1, 2, 3]) expect(Math.abs(hits[n]! - 1000)).toBeLessThan(110);
    const kept = drawDepths(key(1), 1000, 3, { from: 2, probability: 0.25 })
      .dataSync()
      .filter((n) => n === 2).length;
    expect(Math.abs(kept - 125)).toBeLessThan(45);
  });

  it('says by a mask which stages were used, and keeps every index valid', () => {
    const { indices, mask, quantized } = quantizer.quantize(params, z, { key: key(7) });
    expect(mask!.shape).toEqual([6, 1, 1, 3]);
    const depths = new Set<number>();
    const values = mask!.dataSync();
    for (let i = 0; i < 6; i++) {
      const used = [...values.slice(3 * i, 3 * i + 3)];
      expect(used).toEqual([...used].sort((a, b) => b - a)); // first stages first
      depths.add(used.reduce((a, b) => a + b));
    }
    expect(depths.size).toBeGreaterThan(1);
    expect(indices.dataSync().every((index) => index < 8)).toBe(true);
    expect(quantizer.decode(params, indices, { mask }).dataSync()).toEqual(quantized.dataSync());
  });

  it('takes the losses and statistics of a stage only from images that use it', () => {
    const { statistics, mask } = quantizer.quantize(params, z, { key: key(7) });
    const values = mask!.dataSync();
    statistics.forEach(({ counts }, stage) => {
      const images = [...values].filter((_, i) => i % 3 === stage).reduce((a, b) => a + b);
      expect(sum(counts).dataSync()[0]).toBe(4 * images);
    });
  });

  it('revives codes of a stage by vectors of images that use it, and no others', () => {
    for (const kind of ['closest', 'random', 'probrandom'] as const) {
      const reviving = residual(
        { codes: 8, dimension: 2, start: 'normal', codebook: fixed(), revival: cvqAnchors({ kind }) },
        { depth: 3, dropout: { from: 1 } },
      );
      const start = reviving.init(backend, 3);
      const used = reviving.quantize(start, z, { key: key(7) }).mask!.dataSync();
      // Images that leave the last stage out are far away.
      const far = Float32Array.from(z.dataSync(), (x, at) => x + (used[3 * Math.floor(at / 8) + 2] === 0 ? 1000 : 0));
      const { statistics } = reviving.quantize(start, tensor(backend, far, [6, 2, 2, 2]), { key: key(7) });
      const { stages } = reviving.update(start, statistics, { key: key(8) });
      expect(far.some((x) => x > 900)).toBe(true);
      expect(Math.max(...stages[2]!.codebook.dataSync().map(Math.abs)), kind).toBeLessThan(100);
    }
  });

  it('uses all stages without a key', () => {
    expect(quantizer.quantize(params, z).mask).toBeUndefined();
  });

  it('makes masks that fall from 1 to 0', () => {
    const masks = stageMasks(tensor(backend, Uint32Array.from([1, 3])), 3).map((mask) => [...mask.dataSync()]);
    expect(masks).toEqual([
      [1, 1],
      [0, 1],
      [0, 1],
    ]);
  });
});
