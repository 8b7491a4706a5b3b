import { beforeAll, describe, expect, it } from 'vitest';
import { ByteReader } from '../bytes/bytes.ts';
import { crc32 } from '../bytes/checksum.ts';
import { decodeIndices } from '../decode-indices.ts';
import { encodeIndices } from '../encode-indices.ts';
import type { CodedIndices } from '../index-map.ts';
import { codeOf } from '../testing/code-of.ts';
import { syntheticMap } from '../testing/synthetic-maps.ts';
import { clusterOrder } from '../training/cluster-order.ts';
import { createRandom } from '../training/random.ts';
import { trainPrior } from '../training/train-prior.ts';
import { loadPrior } from './load-prior.ts';
import { maxTapTables, normalizeFrequencies } from './prior.ts';
import { readNetwork } from './read-parts.ts';
import { createTablePrior } from './write-prior.ts';

const corpus = (codebookSizes: number[], count: number, first = 0) =>
  Array.from({ length: count }, (_, i) => syntheticMap({ width: 24, height: 16, codebookSizes, seed: first + i }));

const sizeOf = ({ packets }: CodedIndices): number => packets.reduce((sum, packet) => sum + packet!.length, 0);

/** Replaces bytes of a prior file and makes its checksum right again. */
function patched(bytes: Uint8Array, at: number, values: readonly number[]): Uint8Array {
  const copy = bytes.slice();
  copy.set(values, at);
  const hash = crc32(copy.subarray(0, copy.length - 4));
  for (let i = 0; i < 4; i++) copy[copy.length - 4 + i] = hash >>> (8 * i);
  return copy;
}

describe('a trained prior', () => {
  let bytes: Uint8Array;
  beforeAll(async () => {
    bytes = await trainPrior(corpus([100], 60), { network: { embedding: 8, hidden: 16, epochs: 2 }, seed: 3 });
  });

  it('saves bytes on maps that it has not seen', () => {
    const prior = loadPrior(bytes);
    const fresh = corpus([100], 10, 1000);
    const total = (usePrior: boolean): number =>
      fresh.reduce(
        (sum, map) => sum + sizeOf(encodeIndices(map, { mode: 'mixing', prior: usePrior ? prior : undefined })),
        0,
      );
    expect(total(true)).toBeLessThan(0.95 * total(false));
  });

  it('restores the indices, in one packet and in several', () => {
    const prior = loadPrior(bytes);
    const map = syntheticMap({ width: 11, height: 19, codebookSizes: [100], seed: 77 });
    for (const packets of [1, 4]) {
      for (const mode of ['static', 'mixing', 'smallest'] as const) {
        const coded = encodeIndices(map, { mode, prior, packets });
        expect([...decodeIndices(coded, { prior: [prior] }).planes[0]!]).toEqual([...(map.planes[0] as Uint32Array)]);
      }
    }
  });

  it('is the same for the same maps, options and seed', async () => {
    const options = { network: { embedding: 4, hidden: 8, epochs: 1 }, seed: 9 };
    const maps = corpus([20], 5);
    expect(await trainPrior(maps, options)).toEqual(await trainPrior(maps, options));
    expect(await trainPrior(maps, { ...options, seed: 8 })).not.toEqual(await trainPrior(maps, options));
  });

  it('is asked for by its files, and a wrong or missing one is named', async () => {
    const prior = loadPrior(bytes);
    const other = loadPrior(await trainPrior(corpus([100], 3), { network: false }));
    const coded = encodeIndices(syntheticMap({ width: 24, height: 16, codebookSizes: [100], seed: 5 }), { prior });
    expect(coded.priorId).toBe(prior.id);
    expect(codeOf(() => decodeIndices(coded))).toBe('PRIOR_MISSING');
    expect(codeOf(() => decodeIndices(coded, { prior: other }))).toBe('PRIOR_MISMATCH');
    expect(decodeIndices(coded, { prior: [other, prior] }).lost).toBeUndefined();
    const wide = syntheticMap({ width: 3, height: 3, codebookSizes: [101], seed: 5 });
    expect(codeOf(() => encodeIndices(wide, { prior }))).toBe('PRIOR_MISMATCH');
  });

  it('for 1024 codes has less than 200 kB', async () => {
    const prior = await trainPrior(corpus([1024], 1), { network: { epochs: 1 } });
    expect(prior.length).toBeLessThan(200_000);
    expect(prior.length).toBeGreaterThan(100_000);
  });

  it('serves several planes, and codebooks of one code', async () => {
    const codebookSizes = [1, 30, 6];
    const prior = loadPrior(
      await trainPrior(corpus(codebookSizes, 12), { network: { embedding: 4, hidden: 8, epochs: 1 } }),
    );
    const map = syntheticMap({ width: 9, height: 8, codebookSizes, seed: 400 });
    for (const mode of ['static', 'mixing'] as const) {
      const { planes } = decodeIndices(encodeIndices(map, { mode, prior }), { prior });
      expect(planes.map((plane) => [...plane])).toEqual(map.planes.map((plane) => Array.from(plane)));
    }
  });

  it('predicts better with a network than without', async () => {
    const maps = corpus([32], 60);
    const orders = [Uint16Array.from({ length: 32 }, (_, i) => (i * 11) % 32)];
    const [without, withOne] = await Promise.all([
      trainPrior(maps, { orders, network: false }),
      trainPrior(maps, { orders, network: { embedding: 6, hidden: 16, epochs: 3 } }),
    ]);
    const total = (file: Uint8Array): number => {
      const prior = loadPrior(file);
      return corpus([32], 10, 2000).reduce(
        (sum, map) => sum + sizeOf(encodeIndices(map, { mode: 'mixing', prior })),
        0,
      );
    };
    expect(total(withOne)).toBeLessThan(total(without));
  });

  it('stops when it is told to', async () => {
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(trainPrior(corpus([8], 2), { signal })).rejects.toThrow('enough');
  });

  it('reports its progress', async () => {
    const phases: string[] = [];
    await trainPrior(corpus([8], 2), {
      network: { epochs: 1 },
      onProgress: ({ phase, done }) => phases.push(`${phase} ${done}`),
    });
    expect(phases).toEqual(['network 0.5', 'network 1', 'mixing 0.5', 'mixing 1']);
  });

  it('is refused when it is damaged anywhere', () => {
    for (let at = 4; at < bytes.length; at += 97) {
      const damaged = bytes.slice();
      damaged[at]! ^= 4;
      expect(codeOf(() => loadPrior(damaged))).toBe('PRIOR_INVALID');
    }
    expect(codeOf(() => loadPrior(bytes.subarray(0, 100)))).toBe('PRIOR_INVALID');
    expect(codeOf(() => loadPrior(new Uint8Array(0)))).toBe('PRIOR_INVALID');
    expect(codeOf(() => loadPrior(patched(bytes, 3, [2])))).toBe('UNSUPPORTED_VERSION');
  });

  it('ends in an error of its own or loads, whatever its numbers are', async () => {
    const random = createRandom(11);
    const small = await trainPrior(corpus([6, 9], 2), { network: { embedding: 2, hidden: 3, epochs: 1 } });
    for (let trial = 0; trial < 600; trial++) {
      // Half of the changes hit the sizes, tables, taps and contexts of the first plane.
      const at = 4 + random.below(trial % 2 === 0 ? 100 : small.length - 8);
      const hostile = patched(
        bytes,
        at,
        Array.from({ length: 1 + random.below(3) }, () => random.below(256)),
      );
      expect(['none', 'PRIOR_INVALID']).toContain(codeOf(() => loadPrior(hostile)));
    }
  });
});

describe('a prior of tables alone', () => {
  it('codes in mode static, and mixing goes without it', () => {
    const counts = Array.from({ length: 16 }, (_, i) => (i === 3 ? 10000 : i));
    const prior = loadPrior(createTablePrior([counts]));
    const map = { width: 40, height: 25, codebookSizes: [16], planes: [new Uint32Array(1000).fill(3)] };
    const coded = encodeIndices(map, { mode: 'static', prior });
    expect(coded.priorId).toBe(prior.id);
    expect(sizeOf(coded)).toBeLessThan(4);
    expect(decodeIndices(coded, { prior }).planes[0]).toEqual(map.planes[0]);
    expect(encodeIndices(map, { mode: 'mixing', prior }).priorId).toBeUndefined();
  });

  it('gives every symbol a frequency, and all of them together 65536', () => {
    for (const counts of [[5], [0, 0], [1, 2, 3], new Uint32Array(32768), [2 ** 31, 0, 2 ** 31, 1]]) {
      const frequencies = normalizeFrequencies(counts);
      expect(Math.min(...frequencies)).toBeGreaterThanOrEqual(1);
      expect(frequencies.reduce((a, b) => a + b, 0)).toBe(65536);
    }
  });
});

describe('clusterOrder', () => {
  it('puts near codes into the same branch', () => {
    const random = createRandom(2);
    // Four far clusters of eight codes.
    const codes = Array.from({ length: 32 }, (_, i) => [
      100 * (i % 2) + random.normal(),
      50 * ((i >> 1) % 2) + random.normal(),
    ]);
    const leafOf = clusterOrder(codes.flat(), { dimension: 2 });
    expect([...leafOf].sort((a, b) => a - b)).toEqual(codes.map((_, i) => i));
    for (let a = 0; a < 32; a++) {
      for (let b = 0; b < 32; b++) expect(leafOf[a]! >> 3 === leafOf[b]! >> 3).toBe(a % 4 === b % 4);
    }
  });

  it('is a permutation for any number of codes, also when all are equal', () => {
    for (const size of [1, 2, 3, 5, 100, 257]) {
      const random = createRandom(size);
      const codebook = Float32Array.from({ length: size * 3 }, () => random.normal());
      for (const codes of [codebook, new Float32Array(size * 3)]) {
        const leafOf = clusterOrder(codes, { dimension: 3, weights: new Uint32Array(size).fill(2) });
        expect([...leafOf].sort((a, b) => a - b)).toEqual(Array.from({ length: size }, (_, i) => i));
      }
    }
  });
});

describe('the networks of a prior', () => {
  it('are refused when their tables are too large together', () => {
    const profile = { taps: [{ plane: 0, dx: -1, dy: 0 }], contexts: [] };
    const header = Uint8Array.of(1, 1, 0, 0, 0);
    for (const spent of [
      { numbers: maxTapTables.numbers, multiplications: 0 },
      { numbers: 0, multiplications: maxTapTables.multiplications },
    ]) {
      expect(codeOf(() => readNetwork(new ByteReader(header), [8], 0, profile, spent))).toBe('PRIOR_INVALID');
    }
  });
});
