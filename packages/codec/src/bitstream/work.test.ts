import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { decodeAlpha, encodeAlpha } from './alpha/alpha.ts';
import { readContainer } from './container/read-container.ts';
import { splitContainer, writeContainer } from './container/write-container.ts';
import { decodeIndices } from './decode-indices.ts';
import { encodeIndices } from './encode-indices.ts';
import { type CodedIndices, entropyModes } from './index-map.ts';
import { loadPrior } from './prior/load-prior.ts';
import { codeOf } from './testing/code-of.ts';
import { decodeByTheBook } from './testing/document-decoder.ts';
import { syntheticMap } from './testing/synthetic-maps.ts';
import { createRandom } from './training/random.ts';

const read = (name: string): Uint8Array => new Uint8Array(readFileSync(new URL(`./fixtures/${name}`, import.meta.url)));
const prior = loadPrior(read('golden-64.vqp'));
const modelId = Uint8Array.of(1, 2, 3, 4);
/** Bytes without the zeros at their end. */
function withoutZeros(bytes: Uint8Array): Uint8Array {
  let length = bytes.length;
  while (bytes[length - 1] === 0) length--;
  return bytes.slice(0, length);
}

/** How each file of `fixtures/hostile` ends: indices, or the code of an error. All are named after what is hostile. */
const outcomes: Record<string, string> = {
  'K-2^24-adaptive': 'HEADER_INVALID',
  'K1-64planes-65536pos': 'none',
  'K1-stride0-4M': 'none',
  'alpha-constant-2^28': 'none',
  'alpha-without-frames': 'HEADER_INVALID',
  'book-100-103765': 'PRIOR_MISSING',
  'dup-packets': 'none',
  // The flag it has, 128, is known by now, and needs frames.
  'flags-unknown': 'HEADER_INVALID',
  'grid-explicit-max': 'LIMIT_EXCEEDED',
  'grid-explicit-wrong': 'none',
  'max-side-square': 'LIMIT_EXCEEDED',
  'maxpixels-K1': 'none',
  'maxpixels-uniform-8bytes': 'PAYLOAD_INVALID',
  'modelid-terminal-escape': 'none',
  'no-index-packet-only-alpha': 'ALL_PACKETS_LOST',
  'over-max-side': 'HEADER_INVALID',
  'overlap-packets': 'none',
  'packets-0': 'HEADER_INVALID',
  'packets-65535': 'LIMIT_EXCEEDED',
  'section-huge-length': 'TRUNCATED',
  'section-odd': 'UNSUPPORTED_FEATURE',
  'shape-1': 'ALL_PACKETS_LOST',
  'shape-2': 'ALL_PACKETS_LOST',
  'shape-4': 'ALL_PACKETS_LOST',
  'slow-100-70861-1134ms': 'PRIOR_MISSING',
  'slowest-100': 'PRIOR_MISSING',
  'static-no-prior': 'HEADER_INVALID',
  'step-eq-n': 'HEADER_INVALID',
  'tall-4096packets-one-present': 'none',
  'w-u32': 'HEADER_INVALID',
  'wrong-model': 'none',
  'zero-width': 'HEADER_INVALID',
};

describe('hostile files', () => {
  it('are all listed', () => {
    const names = readdirSync(fileURLToPath(new URL('./fixtures/hostile/', import.meta.url)));
    expect(names.sort()).toEqual(
      Object.keys(outcomes)
        .map((name) => `${name}.vqk`)
        .sort(),
    );
  });

  it.each(Object.entries(outcomes))('%s ends in %s', (name, code) => {
    const bytes = read(`hostile/${name}.vqk`);
    expect(codeOf(() => decodeIndices(readContainer(bytes).indices))).toBe(code);
  });

  const coded = (shape: Partial<CodedIndices>): CodedIndices => ({
    width: 1,
    height: 1,
    codebookSizes: [1],
    mode: 'uniform',
    priorId: undefined,
    step: 0,
    packets: [new Uint8Array(0)],
    ...shape,
  });
  const some = (length: number, count = 1): Uint8Array[] => new Array<Uint8Array>(count).fill(new Uint8Array(length));

  it('with thin grids and thousands of packets are walked once', () => {
    for (const [width, height] of [
      [1, 2 ** 22],
      [2, 2 ** 21],
      [2 ** 22, 1],
    ] as const) {
      const packets = [new Uint8Array(0), ...new Array<undefined>(4094).fill(undefined), new Uint8Array(0)];
      const { lost } = decodeIndices(coded({ width, height, step: 1, packets }));
      // Two packets of 4096.
      expect(lost!.reduce((sum, flag) => sum + flag, 0)).toBe(2 ** 22 - 2 ** 11);
      expect(decodeIndices(coded({ width, height, step: 4095, packets: some(0, 4096) })).lost).toBeUndefined();
    }
  });

  it('that claim millions of decisions with few bytes are refused before memory is set aside', () => {
    const shape = { width: 2048, height: 2048, mode: 'mixing' } as const;
    expect(codeOf(() => decodeIndices(coded({ ...shape, codebookSizes: [2048], packets: some(4222) })))).toBe(
      'LIMIT_EXCEEDED',
    );
    expect(codeOf(() => decodeIndices(coded({ ...shape, codebookSizes: [65536], packets: some(4221) })))).toBe(
      'PAYLOAD_INVALID',
    );
    const planes = { ...shape, width: 256, height: 256, codebookSizes: new Array<number>(64).fill(16) };
    expect(codeOf(() => decodeIndices(coded({ ...planes, packets: some(9000) })))).toBe('LIMIT_EXCEEDED');
  });

  it('may be decoded all the same by who trusts them', () => {
    const shape = { width: 512, height: 512, mode: 'mixing', codebookSizes: [512] } as const;
    const flat = coded({ ...shape, packets: some(270) });
    expect(codeOf(() => decodeIndices(flat))).toBe('LIMIT_EXCEEDED');
    expect(codeOf(() => decodeIndices(flat, { maxWork: Number.POSITIVE_INFINITY }))).toMatch(/none|PAYLOAD_INVALID/);
  });

  it('of noise as alpha, which a model learns to believe, are stopped', () => {
    // Bytes in which the model finds nothing but runs: every decision takes its likely side and costs nothing.
    for (const fill of [0, 0x55, 0xff]) {
      const bytes = new Uint8Array(4000).fill(fill);
      bytes[0] = 1;
      expect(codeOf(() => decodeAlpha(bytes, 16384, 16384))).toMatch(/none|LIMIT_EXCEEDED|PAYLOAD_INVALID/);
    }
  });

  it('that are nothing but frame markers are searched in a few checksums a byte', () => {
    const map = syntheticMap({ width: 8, height: 8, codebookSizes: [8], seed: 1 });
    const indices = encodeIndices(map, { packets: 4 });
    const { header, packets } = splitContainer({ width: 128, height: 128, modelId, indices });
    const size = 4_000_000;
    const bytes = new Uint8Array(header.length + size + packets[2]!.length).fill(0xb7);
    bytes.set(header);
    bytes.set(packets[2]!, header.length + size);
    expect(readContainer(bytes).indices.packets.map((packet) => packet !== undefined)).toEqual([
      false,
      false,
      true,
      false,
    ]);
  });
});

describe('the budget', () => {
  it('lets every file of the encoder pass: flat maps, any mode, any packets, any loss', () => {
    const random = createRandom(3);
    for (let trial = 0; trial < 60; trial++) {
      const packets = [1, 2, 20, 300][random.below(4)]!;
      const side = packets === 300 ? 40 : 30 + random.below(90);
      const planes = 1 + random.below(3);
      const codebookSizes = Array.from({ length: planes }, () => [1, 64, 777, 4096, 32768][random.below(5)]!);
      const flat = codebookSizes.map((size) => {
        // The last code of a codebook has the fewest decisions.
        return new Uint32Array(side * side).fill(random.below(2) === 0 ? size - 1 : random.below(size));
      });
      const map = { width: side, height: side, codebookSizes, planes: flat };
      for (const mode of entropyModes) {
        if (mode === 'static') continue;
        const coded = encodeIndices(map, { mode, packets });
        const kept = coded.packets.map((packet) => (random.below(3) > 0 ? packet : undefined));
        if (kept.every((packet) => !packet?.length) && packets > 1) continue;
        const arrived = { ...coded, packets: packets > 1 ? kept : coded.packets };
        const { lost } = decodeIndices(arrived);
        expect(lost === undefined || packets > 1).toBe(true);
      }
    }
  });

  it('is paid with zeros behind flat packets, which no decoder minds', () => {
    const size = 300;
    const map = { width: size, height: size, codebookSizes: [64], planes: [new Uint32Array(size * size).fill(9)] };
    for (const packets of [1, 3]) {
      const indices = encodeIndices({ ...map, codebookSizes: [65536] }, { mode: 'mixing', packets });
      // 16 levels of nine votes and ten taps a position.
      expect(indices.packets.reduce((sum, packet) => sum + packet!.length, 0)).toBeGreaterThan(0);
      const { planes, lost } = decodeIndices(indices);
      expect(lost).toBeUndefined();
      expect(planes[0]!.every((index) => index === 9)).toBe(true);
    }
    const wide = { width: 600, height: 600, codebookSizes: [64], planes: [new Uint32Array(600 * 600).fill(9)] };
    const indices = encodeIndices(wide, { mode: 'mixing', prior });
    const unpadded = withoutZeros(indices.packets[0]!);
    expect(unpadded.length).toBeLessThan(indices.packets[0]!.length);
    expect(codeOf(() => decodeIndices({ ...indices, packets: [unpadded] }, { prior }))).toBe('LIMIT_EXCEEDED');
    const decoded = decodeIndices(indices, { prior });
    expect(decoded.planes[0]!.every((index) => index === 9)).toBe(true);
    const trusted = decodeIndices({ ...indices, packets: [unpadded] }, { prior, maxWork: Number.POSITIVE_INFINITY });
    expect(trusted.planes[0]).toEqual(decoded.planes[0]);
  });

  it('lets every alpha channel of the encoder pass', () => {
    const side = 5000;
    const alpha = new Uint8Array(side * side);
    for (let y = 0; y < side; y++) alpha.fill(255, y * side, y * side + y);
    const bytes = encodeAlpha(alpha, side, side);
    // 5000² pixels less the free 2²⁴, at 4096 to a byte; some of the first are spelled before the model knows better.
    const paid = Math.ceil((side * side - 2 ** 24) / 4096);
    expect(bytes.length - 1).toBeGreaterThanOrEqual(paid);
    expect(bytes.length - 1).toBeLessThan(paid + 20);
    const unpadded = withoutZeros(bytes);
    expect(codeOf(() => decodeAlpha(unpadded, side, side))).toBe('LIMIT_EXCEEDED');
    for (const [data, maxWork] of [
      [bytes, undefined],
      [unpadded, Number.POSITIVE_INFINITY],
    ] as const) {
      const decoded = decodeAlpha(data, side, side, { maxWork });
      expect(decoded.every((value, i) => value === alpha[i])).toBe(true);
    }
  });

  it('pads in a way that the second decoder reads', () => {
    const map = syntheticMap({ width: 9, height: 8, codebookSizes: [64], seed: 2 });
    const indices = encodeIndices(map, { mode: 'mixing', packets: 2 });
    const packets = indices.packets.map((packet) => Uint8Array.from([...packet!, 0, 0, 0, 0, 0, 0, 0]));
    const file = writeContainer({ width: 144, height: 128, modelId, indices: { ...indices, packets } });
    expect(decodeByTheBook(file)).toEqual([Array.from(map.planes[0]!)]);
    expect(decodeIndices(readContainer(file).indices).planes[0]).toEqual(map.planes[0]);
  });
});

describe('limits', () => {
  const map = syntheticMap({ width: 8, height: 8, codebookSizes: [8], seed: 1 });
  const file = writeContainer({ width: 128, height: 128, modelId, indices: encodeIndices(map) });
  const { indices } = readContainer(file);
  const decodeWith = (options: object): string =>
    codeOf(() => {
      decodeIndices(readContainer(file, options).indices, options);
      decodeAlpha(Uint8Array.of(0), 2, 2, options);
    });

  it('that are undefined are the defaults, Infinity is none, and everything else but integers from 1 is refused', () => {
    for (const name of ['maxPixels', 'maxPackets', 'maxIndices', 'maxWork']) {
      expect(decodeWith({ [name]: undefined })).toBe('none');
      expect(decodeWith({ [name]: Number.POSITIVE_INFINITY })).toBe('none');
      for (const value of [Number.NaN, 0, -1, 1.5, Number.NEGATIVE_INFINITY, null, '9', {}]) {
        expect(decodeWith({ [name]: value })).toBe('VALUE_OUT_OF_RANGE');
      }
    }
    expect(codeOf(() => readContainer(read('hostile/max-side-square.vqk'), { maxPixels: undefined }))).toBe(
      'LIMIT_EXCEEDED',
    );
  });

  it('hold at their value', () => {
    expect(codeOf(() => readContainer(file, { maxPixels: 128 * 128 - 1 }))).toBe('LIMIT_EXCEEDED');
    expect(codeOf(() => decodeIndices(indices, { maxIndices: 63 }))).toBe('LIMIT_EXCEEDED');
    expect(codeOf(() => decodeIndices(indices, { maxIndices: 64 }))).toBe('none');
    expect(codeOf(() => decodeIndices(indices, { maxWork: 1 }))).toBe('LIMIT_EXCEEDED');
  });

  it('of an encoder are checked too', () => {
    for (const packets of [Number.NaN, 0, 5000, 1.5, null as unknown as number]) {
      expect(codeOf(() => encodeIndices(map, { packets }))).toBe('VALUE_OUT_OF_RANGE');
    }
    expect(codeOf(() => encodeIndices(map, { mode: 'best' as 'mixing' }))).toBe('VALUE_OUT_OF_RANGE');
    expect(codeOf(() => encodeIndices(map, { packets: undefined, mode: undefined } as object))).toBe('none');
  });
});
