/** Indices that cost less where little is lost: the bits that are weighed are those that the coder will spend. */
import { describe, expect, it } from 'vitest';
import { type Candidates, chooseIndices } from './choose-indices.ts';
import { encodeIndices } from './encode-indices.ts';
import { positionBits } from './position-bits.ts';
import { syntheticMap } from './testing/synthetic-maps.ts';

const [width, height, codebookSize, count] = [40, 24, 64, 4];

/** The first candidate is noisy, the others are what is around it, each a little further off. */
function candidates(): Candidates {
  const noisy = syntheticMap({ width, height, codebookSizes: [codebookSize], seed: 5, noise: 0.5 }).planes[0]!;
  const indices = new Uint32Array(width * height * count);
  const errors = new Float32Array(indices.length);
  for (let at = 0; at < width * height; at++) {
    for (let c = 0; c < count; c++) {
      indices[at * count + c] = c === 0 ? noisy[at]! : (noisy[Math.max(at - c, 0)]! + c) % codebookSize;
      errors[at * count + c] = 1 + 0.3 * c;
    }
  }
  return { width, height, codebookSize, count, indices, errors };
}

describe('chooseIndices', () => {
  it('keeps the nearest where bits are worth nothing', () => {
    const given = candidates();
    const { map, error } = chooseIndices(given, { weight: 0 });
    expect(Array.from(map.planes[0]!)).toEqual(
      Array.from({ length: width * height }, (_, at) => given.indices[at * count]!),
    );
    expect(error).toBeCloseTo(width * height);
  });

  it.each([1, 3])('spends fewer bits and errs more, the more a bit is worth, in %i packets', (packets) => {
    const chosen = [0, 0.05, 0.2, 1].map((weight) => chooseIndices(candidates(), { weight, packets }));
    const sizes = chosen.map(({ map }) =>
      encodeIndices(map, { packets }).packets.reduce((sum, packet) => sum + packet!.length, 0),
    );
    for (let i = 1; i < chosen.length; i++) {
      expect(chosen[i]!.bits).toBeLessThan(chosen[i - 1]!.bits);
      expect(chosen[i]!.error).toBeGreaterThan(chosen[i - 1]!.error);
      expect(sizes[i]!).toBeLessThan(sizes[i - 1]!);
    }
  });

  it('weighs the very bits that the coder spends', () => {
    const { map, bits } = chooseIndices(candidates(), { weight: 0.2 });
    const spent = positionBits(encodeIndices(map, { mode: 'mixing' })).reduce((sum, own) => sum + own, 0);
    // sums of float32
    expect(bits / spent).toBeCloseTo(1, 4);
  });

  it('leaves positions alone that have one candidate', () => {
    const given = candidates();
    const { errors } = given;
    for (let at = 0; at < width * height; at += 2)
      errors.fill(Number.POSITIVE_INFINITY, at * count + 1, (at + 1) * count);
    const plane = chooseIndices(given, { weight: 5 }).map.planes[0]!;
    for (let at = 0; at < width * height; at += 2) expect(plane[at]).toBe(given.indices[at * count]);
  });
});
