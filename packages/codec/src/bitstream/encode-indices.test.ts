import { describe, expect, it } from 'vitest';
import { decodeIndices } from './decode-indices.ts';
import { encodeIndices } from './encode-indices.ts';
import { ownerOf } from './entropy/lattice.ts';
import { type CodedIndices, entropyModes, type IndexMap } from './index-map.ts';
import { loadPrior } from './prior/load-prior.ts';
import { createTablePrior } from './prior/write-prior.ts';
import { codeOf } from './testing/code-of.ts';
import { syntheticMap } from './testing/synthetic-maps.ts';

function sizeOf({ packets }: CodedIndices): number {
  return packets.reduce((sum, packet) => sum + packet!.length, 0);
}

function expectRoundTrip(map: IndexMap, options: Parameters<typeof encodeIndices>[1] = {}): CodedIndices {
  const coded = encodeIndices(map, options);
  const decoded = decodeIndices(coded, { prior: options?.prior });
  expect(decoded.lost).toBeUndefined();
  map.planes.forEach((indices, plane) => {
    expect([...decoded.planes[plane]!]).toEqual(Array.from(indices));
  });
  return coded;
}

describe('encodeIndices and decodeIndices', () => {
  const grids = [
    [1, 1],
    [1, 9],
    [9, 1],
    [2, 2],
    [13, 7],
  ] as const;
  const codebooks = [
    [1],
    [2],
    [3],
    [7],
    [8],
    [1000],
    [1024],
    [1025],
    [4096],
    [1, 1],
    [16, 1, 5],
    [256, 256],
    [3, 70, 1024],
  ];

  it('restore every map in every mode: any grid, any number of codes, any number of planes', () => {
    for (const [width, height] of grids) {
      for (const codebookSizes of codebooks) {
        const map = syntheticMap({ width, height, codebookSizes, seed: width * 31 + height });
        for (const mode of entropyModes) {
          const prior =
            mode === 'static' ? loadPrior(createTablePrior(codebookSizes.map((k) => new Uint32Array(k)))) : undefined;
          for (const packets of [1, 3]) expectRoundTrip(map, { mode, prior, packets });
        }
      }
    }
  });

  it('restore the first and the last code of a tree that is not full', () => {
    for (const size of [2, 3, 5, 6, 9, 1000]) {
      const planes = [Uint32Array.of(0, size - 1, size - 1, 0, size - 1, size >> 1)];
      expectRoundTrip({ width: 3, height: 2, codebookSizes: [size], planes }, { mode: 'mixing' });
    }
  });

  it('spend nothing on a codebook of one code', () => {
    const planes = [new Uint32Array(100), new Uint32Array(100)];
    for (const mode of ['uniform', 'adaptive', 'mixing'] as const) {
      expect(sizeOf(encodeIndices({ width: 10, height: 10, codebookSizes: [1, 1], planes }, { mode }))).toBe(0);
    }
  });

  it('spend almost nothing on a constant map', () => {
    const planes = [new Uint32Array(1536).fill(700)];
    expect(sizeOf(expectRoundTrip({ width: 48, height: 32, codebookSizes: [1024], planes }))).toBeLessThan(30);
  });

  it('code large codebooks uniformly, in log2 K bits', () => {
    const size = 2 ** 18;
    const map = syntheticMap({ width: 20, height: 20, codebookSizes: [size], seed: 1, noise: 1 });
    const coded = expectRoundTrip(map);
    expect(coded.mode).toBe('uniform');
    expect(sizeOf(coded)).toBe((400 * 18) / 8);
    expect(codeOf(() => encodeIndices(map, { mode: 'mixing' }))).toBe('VALUE_OUT_OF_RANGE');
  });

  it('take the smallest mode', () => {
    const correlated = syntheticMap({ width: 48, height: 32, codebookSizes: [64], seed: 2 });
    const sizes = entropyModes.flatMap((mode) =>
      mode === 'static' ? [] : [sizeOf(encodeIndices(correlated, { mode }))],
    );
    const coded = expectRoundTrip(correlated);
    expect(sizeOf(coded)).toBe(Math.min(...sizes));
    expect(coded.mode).toBe('mixing');
    const random = syntheticMap({ width: 48, height: 32, codebookSizes: [1024], seed: 2, noise: 1 });
    expect(encodeIndices(random).mode).toBe('uniform');
  });

  it('use what is known about one plane for the next', () => {
    const { planes } = syntheticMap({ width: 32, height: 32, codebookSizes: [64], seed: 3, noise: 0.5 });
    const alone = sizeOf(encodeIndices({ width: 32, height: 32, codebookSizes: [64], planes }, { mode: 'mixing' }));
    const twice = { width: 32, height: 32, codebookSizes: [64, 64], planes: [planes[0]!, planes[0]!] };
    expect(sizeOf(expectRoundTrip(twice, { mode: 'mixing' }))).toBeLessThan(alone * 1.6);
  });

  it('give the same bytes every time', () => {
    const map = syntheticMap({ width: 21, height: 13, codebookSizes: [300], seed: 4 });
    expect(encodeIndices(map)).toEqual(encodeIndices(map));
  });

  it('code 1536 indices of 1024 codes with the mixing model in well under 50 ms', () => {
    const map = syntheticMap({ width: 48, height: 32, codebookSizes: [1024], seed: 5 });
    const times = Array.from({ length: 9 }, () => {
      const start = performance.now();
      encodeIndices(map, { mode: 'mixing' });
      return performance.now() - start;
    });
    // The quickest of nine: the machine may be busy with other things. It takes about 6 ms on a core at rest.
    expect(Math.min(...times)).toBeLessThan(50);
  });
});

describe('lost packets', () => {
  const map = syntheticMap({ width: 17, height: 11, codebookSizes: [64, 20], seed: 6 });

  it('leave the other positions intact and are marked', () => {
    for (const mode of ['uniform', 'adaptive', 'mixing'] as const) {
      const coded = encodeIndices(map, { mode, packets: 5 });
      const packets = coded.packets.map((packet, id) => (id === 1 || id === 3 ? undefined : packet));
      const { planes, lost } = decodeIndices({ ...coded, packets });
      const ownerAt = ownerOf({ ...coded, packets: 5 });
      for (let i = 0; i < 17 * 11; i++) {
        const owner = ownerAt(i % 17, Math.floor(i / 17));
        expect(lost![i]).toBe(owner === 1 || owner === 3 ? 1 : 0);
        for (const plane of [0, 1]) expect(planes[plane]![i]).toBe(lost![i] === 1 ? 0 : map.planes[plane]![i]);
      }
    }
  });

  it('are an error when nothing is left', () => {
    const coded = encodeIndices(map, { packets: 2 });
    expect(codeOf(() => decodeIndices({ ...coded, packets: [undefined, undefined] }))).toBe('ALL_PACKETS_LOST');
  });
});

describe('wrong arguments', () => {
  const map = { width: 2, height: 1, codebookSizes: [4], planes: [Uint8Array.of(3, 0)] };

  it('are refused before anything is coded', () => {
    expect(codeOf(() => encodeIndices({ ...map, planes: [[4, 0]] }))).toBe('VALUE_OUT_OF_RANGE');
    expect(codeOf(() => encodeIndices({ ...map, planes: [[0.5, 0]] }))).toBe('VALUE_OUT_OF_RANGE');
    expect(codeOf(() => encodeIndices({ ...map, planes: [[0]] }))).toBe('VALUE_OUT_OF_RANGE');
    expect(codeOf(() => encodeIndices({ ...map, planes: [] }))).toBe('VALUE_OUT_OF_RANGE');
    expect(codeOf(() => encodeIndices({ ...map, codebookSizes: [], planes: [] }))).toBe('VALUE_OUT_OF_RANGE');
    expect(codeOf(() => encodeIndices({ ...map, width: 0, planes: [[]] }))).toBe('VALUE_OUT_OF_RANGE');
    expect(codeOf(() => encodeIndices({ ...map, codebookSizes: [0] }))).toBe('VALUE_OUT_OF_RANGE');
    expect(codeOf(() => encodeIndices(map, { packets: 0 }))).toBe('VALUE_OUT_OF_RANGE');
    expect(codeOf(() => encodeIndices(map, { mode: 'static' }))).toBe('PRIOR_MISSING');
  });

  it('of a decoder never make it set memory aside', () => {
    const coded = { ...encodeIndices(map), width: 4000, height: 4000 };
    expect(codeOf(() => decodeIndices(coded))).toBe('LIMIT_EXCEEDED');
    expect(codeOf(() => decodeIndices({ ...coded, width: 2000, height: 2000 }))).toBe('PAYLOAD_INVALID');
    expect(codeOf(() => decodeIndices({ ...coded, width: 64, height: 64 }))).toBe('PAYLOAD_INVALID');
    const many = {
      width: 64,
      height: 64,
      codebookSizes: new Array(64).fill(65536),
      mode: 'mixing' as const,
      priorId: undefined,
      step: 1,
    };
    expect(codeOf(() => decodeIndices({ ...many, packets: new Array(4096).fill(new Uint8Array(100)) }))).toBe(
      'LIMIT_EXCEEDED',
    );
  });
});
