import { describe, expect, it } from 'vitest';
import { encodeAlpha } from '../alpha/alpha.ts';
import { decodeIndices } from '../decode-indices.ts';
import { encodeIndices } from '../encode-indices.ts';
import { codeOf } from '../testing/code-of.ts';
import { syntheticMap } from '../testing/synthetic-maps.ts';
import { accountBytes, inspect } from './inspect.ts';
import { readContainer } from './read-container.ts';
import { type ContainerContent, splitContainer, writeContainer } from './write-container.ts';

const modelId = Uint8Array.of(1, 2, 3, 4);
const map = syntheticMap({ width: 48, height: 32, codebookSizes: [1024], seed: 1, noise: 1 });
const kodak: ContainerContent = { width: 768, height: 512, modelId, indices: encodeIndices(map) };

describe('a file with one packet', () => {
  it('of a Kodak picture with 1024 codes has 18 bytes beside its payload and stays under 0.04 bits per pixel', () => {
    const bytes = writeContainer(kodak);
    expect(accountBytes(bytes)).toEqual({
      total: 1938,
      header: 16,
      payload: 1920,
      framing: 2,
      alpha: 0,
      parity: 0,
      damaged: 0,
      packets: [{ id: 0, payload: 1920, framing: 2 }],
    });
    expect(inspect(bytes).bpp).toBeLessThan(0.04);
  });

  it('gives back everything that went in', () => {
    const indices = encodeIndices(syntheticMap({ width: 5, height: 4, codebookSizes: [9, 200], seed: 2 }));
    const content = {
      width: 77,
      height: 50,
      modelId: Uint8Array.of(8, 7, 6, 5, 4, 3, 2, 1),
      indices,
      isGrey: true,
      orientation: 6,
      modelName: 'photo é',
      tiles: { width: 32, height: 16, overlap: 4 },
      metadata: new Uint8Array(300).fill(7),
      colourRange: [1, 2, 0, 255, 30, 30],
    };
    const container = readContainer(writeContainer(content));
    const { indices: _, ...facts } = content;
    const grid = { gridWidth: 5, gridHeight: 4, codebookSizes: [9, 200], mode: indices.mode, priorId: undefined };
    expect(container.header).toEqual({
      ...facts,
      ...grid,
      version: 1,
      hasAlpha: false,
      packets: 1,
      step: 0,
      parity: 0,
    });
    expect(container.indices).toEqual(indices);
    expect(container.alpha).toBeUndefined();
    expect(inspect(writeContainer(content))).toMatchObject({ displayWidth: 50, displayHeight: 77, isComplete: true });
  });

  it('works for a single pixel and for no payload at all', () => {
    const indices = encodeIndices({ width: 1, height: 1, codebookSizes: [1], planes: [[0]] });
    const bytes = writeContainer({ width: 1, height: 1, modelId, indices });
    expect(bytes.length).toBe(15);
    expect(decodeIndices(readContainer(bytes).indices).planes).toEqual([Uint32Array.of(0)]);
  });

  it('writes out a grid that no stride explains', () => {
    const indices = encodeIndices(syntheticMap({ width: 10, height: 3, codebookSizes: [8], seed: 3 }));
    const { header } = readContainer(writeContainer({ width: 100, height: 100, modelId, indices }));
    expect([header.gridWidth, header.gridHeight]).toEqual([10, 3]);
  });

  it('longer than four kilobytes has a checksum of four bytes', () => {
    for (const side of [57, 58]) {
      const big = syntheticMap({ width: side, height: side, codebookSizes: [1024], seed: 4, noise: 1 });
      const bytes = writeContainer({
        width: side * 16,
        height: side * 16,
        modelId,
        indices: encodeIndices(big, { mode: 'uniform' }),
      });
      const { framing } = accountBytes(bytes);
      expect(framing).toBe(bytes.length < 4092 ? 2 : 4);
      expect([...decodeIndices(readContainer(bytes).indices).planes[0]!]).toEqual(Array.from(big.planes[0]!));
    }
  });

  it('is refused when a bit is wrong or the end is missing', () => {
    const bytes = writeContainer(kodak);
    for (let at = 20; at < bytes.length; at += 13) {
      const changed = bytes.slice();
      changed[at]! ^= 1 << (at & 7);
      expect(codeOf(() => readContainer(changed))).toBe('CHECKSUM_MISMATCH');
      expect(codeOf(() => readContainer(bytes.subarray(0, at)))).toBe('CHECKSUM_MISMATCH');
    }
    expect(codeOf(() => readContainer(bytes.subarray(0, 16)))).toBe('TRUNCATED');
    expect(codeOf(() => readContainer(bytes.subarray(0, 10)))).toBe('TRUNCATED');
  });
});

describe('the signature', () => {
  const bytes = writeContainer(kodak);
  const changed = (at: number, value: number): Uint8Array => bytes.map((byte, i) => (i === at ? value : byte));

  it('tells other files, newer versions and unknown features apart', () => {
    expect(codeOf(() => readContainer(new Uint8Array(0)))).toBe('NOT_A_VQK');
    expect(codeOf(() => readContainer(Uint8Array.of(0x89, 0x50, 0x4e, 0x47)))).toBe('NOT_A_VQK');
    expect(codeOf(() => readContainer(bytes.subarray(0, 2)))).toBe('TRUNCATED');
    expect(codeOf(() => readContainer(changed(3, 2)))).toBe('UNSUPPORTED_VERSION');
    const newFlag = Uint8Array.from([...bytes.subarray(0, 4), 0x80, 0x02, ...bytes.subarray(5)]);
    expect(codeOf(() => readContainer(newFlag))).toBe('UNSUPPORTED_FEATURE');
    // The layout byte: mode 5 does not exist, and the top bit is reserved.
    expect(codeOf(() => readContainer(changed(13, 5)))).toBe('UNSUPPORTED_FEATURE');
    expect(codeOf(() => readContainer(changed(13, 0x80)))).toBe('UNSUPPORTED_FEATURE');
  });

  it('is followed by limits that are checked first', () => {
    expect(codeOf(() => readContainer(bytes, { maxPixels: 768 * 512 - 1 }))).toBe('LIMIT_EXCEEDED');
    expect(codeOf(() => readContainer(bytes, { maxPixels: 768 * 512 }))).toBe('none');
    const packets = writeContainer({ ...kodak, indices: encodeIndices(map, { packets: 8 }) });
    expect(codeOf(() => readContainer(packets, { maxPackets: 7 }))).toBe('LIMIT_EXCEEDED');
  });
});

describe('sections', () => {
  /** A file whose only section is given as bytes. */
  function withSection(...section: number[]): Uint8Array {
    const { header } = splitContainer({ ...kodak, orientation: 3, alpha: encodeAlpha(new Uint8Array(4), 2, 2) });
    // Without checksum and without the section 1, 1, 3, 0 that is there.
    return Uint8Array.from([...header.subarray(0, header.length - 6), ...section]);
  }

  it('may be skipped when their type is even, and must be understood when it is odd', () => {
    expect(codeOf(() => readContainer(withSection(10, 2, 9, 9, 0)))).toBe('TRUNCATED');
    expect(codeOf(() => readContainer(withSection(7, 0, 0)))).toBe('UNSUPPORTED_FEATURE');
  });

  it('come in order, once, and with possible values', () => {
    expect(codeOf(() => readContainer(withSection(4, 0, 2, 0, 0)))).toBe('HEADER_INVALID');
    expect(codeOf(() => readContainer(withSection(4, 0, 4, 0, 0)))).toBe('HEADER_INVALID');
    expect(codeOf(() => readContainer(withSection(1, 1, 9, 0)))).toBe('HEADER_INVALID');
    expect(codeOf(() => readContainer(withSection(3, 3, 0, 1, 1, 0)))).toBe('HEADER_INVALID');
    expect(codeOf(() => readContainer(withSection(3, 4, 1, 1, 1, 1, 0)))).toBe('HEADER_INVALID');
    expect(codeOf(() => readContainer(withSection(4, 255, 255, 3, 0)))).toBe('TRUNCATED');
    for (const content of [[5, 4], [1, 2, 3, 4], [1, 2, 3], [1, 2, 3, 4, 6, 5], []])
      expect(codeOf(() => readContainer(withSection(8, content.length, ...content, 0)))).toBe('HEADER_INVALID');
    for (const colourRange of [[5, 4], [1, 2, 3, 4], [0, 256], [0.5, 1], [Number.NaN, 1], []])
      expect(codeOf(() => writeContainer({ ...kodak, colourRange }))).toBe('VALUE_OUT_OF_RANGE');
    for (const content of [[0], [0x80, 2], [1, 1], []]) {
      const expected = content.length === 0 ? 'TRUNCATED' : 'HEADER_INVALID';
      expect(codeOf(() => readContainer(withSection(6, content.length, ...content, 0)))).toBe(expected);
    }
  });
});

describe('wrong content', () => {
  it('is refused', () => {
    expect(codeOf(() => writeContainer({ ...kodak, width: 0 }))).toBe('VALUE_OUT_OF_RANGE');
    expect(codeOf(() => writeContainer({ ...kodak, modelId: new Uint8Array(5) }))).toBe('VALUE_OUT_OF_RANGE');
    expect(codeOf(() => writeContainer({ ...kodak, orientation: 9 }))).toBe('VALUE_OUT_OF_RANGE');
    expect(codeOf(() => writeContainer({ ...kodak, modelName: 'x'.repeat(256) }))).toBe('VALUE_OUT_OF_RANGE');
    expect(codeOf(() => writeContainer({ ...kodak, tiles: { width: 0, height: 1, overlap: 0 } }))).toBe(
      'VALUE_OUT_OF_RANGE',
    );
  });
});
