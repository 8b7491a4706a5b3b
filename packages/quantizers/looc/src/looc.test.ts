import { cpu, random, type Tensor, tensor, transpose } from '@vqkit/core';
import { codebookQuantizer, codeUsage, learned } from '@vqkit/core/codebook';
import { describe, expect, it } from 'vitest';
import { looc } from './looc.ts';
import { codesPerSegment, segmentCounts, sharedBetween, sharing } from './segment-usage.ts';

const backend = cpu();

/** Enlarge and average as the closed form says: a 3-tap filter along each axis, borders repeated. */
function filtered(z: Tensor, side: number): number[] {
  const [n, h, w, c] = z.shape as [number, number, number, number];
  const values = z.dataSync();
  const at = (i: number, y: number, x: number, k: number): number =>
    values[((i * h + Math.min(Math.max(y, 0), h - 1)) * w + Math.min(Math.max(x, 0), w - 1)) * c + k]!;
  const taps = [side, 1 - 2 * side, side];
  const out: number[] = [];
  for (let i = 0; i < n; i++)
    for (let y = 0; y < h; y++)
      for (let x = 0; x < w; x++)
        for (let k = 0; k < c; k++) {
          let total = 0;
          for (const dy of [-1, 0, 1])
            for (const dx of [-1, 0, 1]) total += taps[dy + 1]! * taps[dx + 1]! * at(i, y + dy, x + dx, k);
          out.push(total);
        }
  return out;
}

describe('enlargement', () => {
  // Closed forms: β = 2 → [1/8, 3/4, 1/8], β = 3 → [1/9, 7/9, 1/9], β = 4 → [1/8, 3/4, 1/8].
  for (const [enlargement, side] of [
    [2, 1 / 8],
    [3, 1 / 9],
    [4, 1 / 8],
  ] as const) {
    it(`by ${enlargement} is a filter with taps ${side.toFixed(3)}, ${(1 - 2 * side).toFixed(3)}, ${side.toFixed(3)} without quantization`, () => {
      const z = random(1).normal(backend, [2, 4, 5, 6]);
      const quantizer = looc({ codes: 4, pieces: 3, pieceDimension: 2, enlargement });
      const smooth = quantizer.smooth(z).dataSync();
      filtered(z, side).forEach((value, i) => expect(smooth[i]).toBeCloseTo(value, 5));
    });
  }

  it('by 2 quantizes to the same filter when the codebook is fine enough', () => {
    // Scalar pieces and 4001 codes from −4 to 4: the error is at most half a step, 0.001.
    const grid = tensor(
      backend,
      Float32Array.from({ length: 4001 }, (_, i) => (i - 2000) / 500),
      [4001, 1],
    );
    for (const grouping of ['positions', 'patches'] as const) {
      const quantizer = looc({ codes: 4001, pieces: 4, pieceDimension: 1, metric: 'l2', enlargement: 2, grouping });
      const z = random(1).uniform(backend, [1, 3, 4, 4], -3, 3);
      const { quantized } = quantizer.quantize(quantizer.withCodebook(grid), z);
      const expected = filtered(z, 1 / 8);
      quantized.dataSync().forEach((value, i) => expect(Math.abs(value - expected[i]!)).toBeLessThan(1.01e-3));
    }
  });
});

it('costs what the table of the paper’s sizes says, enlargement included', () => {
  const bits = (codes: number, pieces: number, enlargement = 1): number =>
    looc({ codes, pieces, pieceDimension: 4, enlargement }).bitsPerPosition;
  // Bits per pixel at 1/4 scale, 16 pixels per position.
  expect(bits(32, 32) / 16).toBe(10);
  expect(bits(256, 32) / 16).toBe(16);
  // 1/16 scale: 256×4 with 64 pieces is 2 bits per pixel, and 8 with β = 2.
  expect(bits(256, 64) / 256).toBe(2);
  expect(bits(256, 64, 2) / 256).toBe(8);
});

it('is plain cosine vector quantization with one piece', () => {
  const one = looc({ codes: 5, pieces: 1, pieceDimension: 4, anchors: 'none' });
  const plain = codebookQuantizer('vq', { codes: 5, dimension: 4, metric: 'cosine', codebook: learned() });
  const table = random(1).normal(backend, [5, 4]);
  const z = random(2).normal(backend, [1, 3, 3, 4]);
  const [a, b] = [one.quantize(one.withCodebook(table), z), plain.quantize(plain.withCodebook(table), z)];
  expect(a.quantized.dataSync()).toEqual(b.quantized.dataSync());
  expect(a.indices.dataSync()).toEqual(b.indices.dataSync());
  expect(a.losses.commitment!.dataSync()).toEqual(b.losses.commitment!.dataSync());
});

it('lets all segments share the codes: the example by hand', () => {
  const quantizer = looc({ codes: 3, pieces: 2, pieceDimension: 2, metric: 'l2', anchors: 'none' });
  const params = quantizer.withCodebook(tensor(backend, [0, 0, 1, 1, 2, 2], [3, 2]));
  const z = tensor(backend, [1, 1, 0, 0, 2, 1.9, 1, 1.1], [1, 1, 2, 4]);
  const { indices, quantized } = quantizer.quantize(params, z);
  expect([...indices.dataSync()]).toEqual([1, 0, 2, 1]);
  expect([...quantized.dataSync()]).toEqual([1, 1, 0, 0, 2, 2, 1, 1]);
  const counts = segmentCounts(quantizer, indices);
  expect([...counts.dataSync()]).toEqual([0, 1, 1, 1, 1, 0]); // segment 0 used codes 1 and 2, segment 1 codes 0 and 1
  expect([...sharing(counts).dataSync()]).toEqual([1, 2, 1]);
  expect([...codesPerSegment(counts).dataSync()]).toEqual([2, 2]);
  expect([...sharedBetween(counts).dataSync()]).toEqual([2, 1, 1, 2]); // both use code 1
});

it('numbers the indices of an enlarged map by (row, column, piece)', () => {
  const quantizer = looc({ codes: 50, pieces: 2, pieceDimension: 1, metric: 'l2', enlargement: 2, anchors: 'none' });
  const codes = tensor(
    backend,
    Float32Array.from({ length: 50 }, (_, i) => i),
    [50, 1],
  );
  const params = quantizer.withCodebook(codes);
  const indices = tensor(
    backend,
    Uint32Array.from({ length: 8 }, (_, i) => i),
    [1, 1, 1, 8],
  );
  // One position, four places with pieces (0,1) (2,3) (4,5) (6,7): means of 0, 2, 4, 6 and of 1, 3, 5, 7.
  expect([...quantizer.decode(params, indices).dataSync()]).toEqual([3, 4]);
});

it('cuts pieces across channels as the text says, or within a channel’s patch as the released code does', () => {
  const z = random(5).normal(backend, [1, 2, 2, 4]);
  const make = (grouping: 'positions' | 'patches') =>
    looc({ codes: 9, pieces: 1, pieceDimension: 4, enlargement: 2, metric: 'l2', anchors: 'none', grouping });
  const vectors = (grouping: 'positions' | 'patches'): Float32Array => {
    const quantizer = make(grouping);
    return quantizer.quantize(quantizer.init(backend, 1), z).statistics.vectors.dataSync() as Float32Array;
  };
  // Position (0, 0) of the enlarged map is the corner itself: its channels are the first piece.
  expect(vectors('positions').slice(0, 4)).toEqual(z.dataSync().slice(0, 4));
  // The first patch is channel 0 at the corner and its three enlarged neighbours.
  const image = transpose(z, [0, 3, 1, 2]).dataSync();
  const [a, b, c, d] = image as unknown as [number, number, number, number];
  const mix = (x: number, y: number): number => 0.75 * x + 0.25 * y;
  const patch = [a, mix(a, b), mix(a, c), mix(mix(a, b), mix(c, d))];
  vectors('patches')
    .slice(0, 4)
    .forEach((value, i) => expect(value).toBeCloseTo(patch[i]!, 5));
});

it('uses all codes after some steps, however they start', () => {
  const quantizer = looc({ codes: 32, pieces: 4, pieceDimension: 2 });
  let params = quantizer.init(backend, 1);
  for (let step = 0; step < 5; step++) {
    const z = random(step).normal(backend, [2, 6, 6, 8]);
    params = quantizer.update(params, quantizer.quantize(params, z).statistics);
  }
  const { statistics } = quantizer.quantize(params, random(99).normal(backend, [2, 6, 6, 8]));
  expect(codeUsage(statistics.counts).dataSync()[0]).toBeGreaterThan(0.9);
});

it('leaves the map alone without enlargement', () => {
  const z = random(1).normal(backend, [1, 2, 2, 8]);
  expect(looc({ codes: 4, pieces: 4, pieceDimension: 2 }).smooth(z).dataSync()).toEqual(z.dataSync());
});

it('refuses impossible options', () => {
  expect(() => looc({ codes: 4, pieces: 0, pieceDimension: 2 })).toThrow(/pieces/);
  expect(() => looc({ codes: 4, pieces: 1, pieceDimension: 2, enlargement: 1.5 })).toThrow(/enlargement/);
});
