import { atOnce, inTurns, random } from '@vqkit/core';
import { describe, expect, it } from 'vitest';
import { encodeIndices } from '../bitstream/index.ts';
import { fillUp, isFull, type Level, type Made } from './fill-up.ts';
import { nearestCodes, quantizationError } from './nearest-codes.ts';

const [width, height, dimension] = [48, 32, 4];
const stream = random(11);
const features = {
  data: Float32Array.from({ length: width * height * dimension }, (_, i) => {
    const at = Math.floor(i / dimension);
    return Math.sin((at % width) / 6 + (i % dimension)) + Math.cos(Math.floor(at / width) / 5) + 0.4 * stream.next();
  }),
  width,
  height,
  channels: dimension,
};

/** Codes taken from the features, and the nearest of them at every position, by looking at all. */
function levelOf(codes: number): Level {
  const vectors = new Float32Array(codes * dimension);
  for (let code = 0; code < codes; code++) {
    const at = ((code * 389 + 17) % (width * height)) * dimension; // scattered: 389 is prime
    vectors.set(features.data.subarray(at, at + dimension), code * dimension);
  }
  const plane = Uint32Array.from({ length: width * height }, (_, at) => ranked(vectors, at)[0]!);
  return { map: { width, height, codebookSizes: [codes], planes: [plane] }, vectors };
}

/** All codes, the nearest to a position first. */
function ranked(vectors: Float32Array, at: number): number[] {
  const distance = (code: number): number => {
    let sum = 0;
    for (let d = 0; d < dimension; d++)
      sum += (features.data[at * dimension + d]! - vectors[code * dimension + d]!) ** 2;
    return sum;
  };
  const codes = Array.from({ length: vectors.length / dimension }, (_, code) => code);
  return codes.sort((a, b) => distance(a) - distance(b));
}

const bytesOf = (map: Level['map']): Uint8Array<ArrayBuffer> =>
  new Uint8Array(encodeIndices(map).packets.reduce((sum, packet) => sum + packet!.length, 0));

describe('nearestCodes', () => {
  it('stops soon, also while candidates are looked for', async () => {
    const stop = new AbortController();
    setTimeout(() => stop.abort(new Error('enough')), 0);
    const many = random(3).normalArray(8192 * 32);
    const [w, h] = [128, 64];
    const wide = { data: many, width: w, height: h, channels: 32 };
    const own = {
      width: w,
      height: h,
      codebookSizes: [8192],
      planes: [Uint32Array.from({ length: w * h }, (_, i) => i)],
    };
    await expect(inTurns(nearestCodes(wide, own, many), stop.signal)).rejects.toThrow('enough');
  });

  it('finds the nearest code and, of few codes, exactly those that come after it', () => {
    const { map, vectors } = levelOf(20);
    const { indices, errors, count } = atOnce(nearestCodes(features, map, vectors));
    for (let at = 0; at < width * height; at += 7) {
      expect(Array.from(indices.subarray(at * count, (at + 1) * count))).toEqual(ranked(vectors, at).slice(0, count));
      expect([...errors.subarray(at * count, (at + 1) * count)]).toEqual(
        [...errors.subarray(at * count, (at + 1) * count)].sort((a, b) => a - b),
      );
    }
  });

  it('trusts a quantizer that takes another than the nearest', () => {
    const { map, vectors } = levelOf(20);
    const plane = Uint32Array.from(map.planes[0]!);
    plane[0] = ranked(vectors, 0)[3]!;
    const { indices, errors } = atOnce(nearestCodes(features, { ...map, planes: [plane] }, vectors));
    expect(indices[0]).toBe(plane[0]);
    expect(errors[1]).toBe(Number.POSITIVE_INFINITY);
  });
});

describe('fillUp', () => {
  const [fits, next] = [levelOf(32), levelOf(64)];
  const [small, large] = [bytesOf(fits.map).length, bytesOf(next.map).length];
  const unit = quantizationError(features, next.map, next.vectors) / (width * height);
  const makeAll = (map: Level['map'], besides = 0): Made => {
    const indexBytes = bytesOf(map).length;
    return { map, prior: undefined, bytes: new Uint8Array(indexBytes + besides), indexBytes };
  };
  const fill = (limit: number, make = makeAll) =>
    fillUp({
      limit,
      features,
      unit,
      fits,
      next: { ...next, ...make(next.map) },
      packets: 1,
      make: async (map) => make(map),
    });

  it('makes files between those of two codebooks, full to within a hundredth', async () => {
    expect(small).toBeLessThan(large * 0.95);
    for (const share of [0.4, 0.6, 0.8, 0.99]) {
      const limit = Math.round(small + share * (large - small));
      const made = (await fill(limit))!.bytes;
      expect(made.length).toBeLessThanOrEqual(limit);
      expect(isFull(made.length, limit)).toBe(true);
    }
  });

  it('makes no file that is far from full, whatever comes with the indices', async () => {
    for (const besides of [0, 20, 300]) {
      const sizes: number[] = [];
      const limit = Math.round((small + large) / 2) + besides;
      const made = await fill(limit, (map) => {
        const one = makeAll(map, besides);
        sizes.push(one.bytes.length);
        return one;
      });
      expect(isFull(made!.bytes.length, limit) && made!.bytes.length <= limit).toBe(true);
      const [whole, ...others] = sizes;
      expect(whole).toBe(large + besides);
      for (const size of others) expect(Math.abs(size - limit)).toBeLessThanOrEqual(0.01 * limit + 3);
    }
  });

  it('makes every file where sizes are not known before', async () => {
    const withParity = (map: Level['map']): Made => {
      const length = Math.ceil(1.3 * bytesOf(map).length);
      return { map, prior: undefined, bytes: new Uint8Array(length) };
    };
    const limit = Math.round(1.3 * (small + 0.7 * (large - small)));
    const made = (await fill(limit, withParity))!.bytes;
    expect(made.length).toBeLessThanOrEqual(limit);
    expect(isFull(made.length, limit)).toBe(true);
  });

  it('stops guessing where the coder saves more than the choice knew', async () => {
    const saving = (map: Level['map']): Made => {
      const indexBytes = Math.ceil(bytesOf(map).length * (map === next.map ? 1 : 0.95));
      return { map, prior: undefined, bytes: new Uint8Array(indexBytes), indexBytes };
    };
    const limit = Math.round(0.95 * (small + 0.7 * (large - small)));
    const made = (await fill(limit, saving))!.bytes;
    expect(made.length).toBeLessThanOrEqual(limit);
    expect(isFull(made.length, limit)).toBe(true);
  });

  it('gives nothing that is further from the features than what fits anyway', async () => {
    expect(await fill(Math.round(small * 0.6))).toBeUndefined();
  });
});
