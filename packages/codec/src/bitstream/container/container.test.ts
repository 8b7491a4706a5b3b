import { describe, expect, it } from 'vitest';
import { encodeAlpha } from '../alpha/alpha.ts';
import { decodeIndices } from '../decode-indices.ts';
import { encodeIndices } from '../encode-indices.ts';
import { codeOf } from '../testing/code-of.ts';
import { syntheticMap } from '../testing/synthetic-maps.ts';
import { createRandom } from '../training/random.ts';
import { accountBytes, inspect } from './inspect.ts';
import { readContainer } from './read-container.ts';
import { type ContainerContent, splitContainer, splitFile, writeContainer } from './write-container.ts';

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

describe('a file with several packets', () => {
  const alphaPlane = Uint8Array.from({ length: 768 * 512 }, (_, i) => (i % 768 < 100 ? 0 : 255));
  const alpha = encodeAlpha(alphaPlane, 768, 512);
  const content = { ...kodak, indices: encodeIndices(map, { packets: 6 }), alpha };
  const { header, packets } = splitContainer(content);
  const whole = writeContainer(content);

  it('accounts for every byte', () => {
    const account = accountBytes(whole);
    expect(account.packets.map(({ id }) => id)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(account.header + account.payload + account.framing + account.alpha).toBe(whole.length);
    // Two bytes of length, three with number and checksum.
    expect(account.framing).toBe(6 * 5);
    expect(account.damaged).toBe(0);
  });

  it('gives what is left, whatever the order and whatever lies between the packets', () => {
    const random = createRandom(11);
    const order = [4, 6, 1, 4];
    // Noise of bytes that spell no length below 128, so that no short frame can begin in it.
    for (let trial = 0; trial < 100; trial++) {
      const noise = Uint8Array.from({ length: 8 }, () => (random.below(2) === 0 ? 0xb7 : 128 + random.below(128)));
      const mixed = Uint8Array.from(
        [header, packets[4]!, noise, packets[6]!, packets[1]!, packets[4]!, noise].flatMap((p) => [...p]),
      );
      expect(inspect(mixed)).toMatchObject({
        isComplete: false,
        bytes: { damaged: 2 * noise.length + packets[4]!.length },
      });
      expect(readContainer(mixed).alpha).toEqual(alpha);
    }
    const container = readContainer(
      Uint8Array.from([header, ...order.map((id) => packets[id]!)].flatMap((p) => [...p])),
    );
    expect(container.indices.packets.map((p) => p !== undefined)).toEqual([false, true, false, false, true, false]);
    const { planes, lost } = decodeIndices(container.indices);
    const kept = Array.from(lost!.keys()).filter((i) => lost![i] === 0);
    expect(kept.length).toBe(512);
    for (const i of kept) expect(planes[0]![i]).toBe(map.planes[0]![i]);
  });

  it('loses only the packets that were hit', () => {
    const random = createRandom(8);
    for (let trial = 0; trial < 50; trial++) {
      const damaged = whole.slice();
      damaged[header.length + random.below(whole.length - header.length)]! ^= 1 << random.below(8);
      const container = readContainer(damaged);
      const lost = container.indices.packets.filter((p) => p === undefined).length + (container.isAlphaLost ? 1 : 0);
      expect(lost).toBe(1);
    }
  });

  it('does not take the packets of another picture for its own, whole or cut', () => {
    const random = createRandom(10);
    for (let trial = 0; trial < 100; trial++) {
      const other = splitContainer({ ...content, modelId: Uint8Array.of(9, 9, 9, trial) });
      // Packets of 300 bytes have at least 21 bits of checksum; alpha, which has less, stays away.
      const pieces = other.packets.slice(0, 6).map((p) => (trial % 2 === 0 ? p : p.subarray(random.below(p.length))));
      const foreign = Uint8Array.from([header, ...pieces].flatMap((p) => [...p]));
      expect(accountBytes(foreign).packets.filter(({ payload }) => payload > 127)).toEqual([]);
      if (trial % 2 === 0) expect(codeOf(() => decodeIndices(readContainer(foreign).indices))).toBe('ALL_PACKETS_LOST');
    }
  });

  it('needs its header', () => {
    const damaged = whole.slice();
    damaged[15]! ^= 1;
    expect(codeOf(() => readContainer(damaged))).toBe('CHECKSUM_MISMATCH');
    expect(codeOf(() => readContainer(whole.subarray(0, header.length - 1)))).toBe('TRUNCATED');
  });

  it('is searched in bounded time when every byte looks like a packet', () => {
    // Frames that claim the rest of the file as their data, one beginning at every sixth byte.
    const size = 300_000;
    const body = new Uint8Array(size);
    for (let i = 0; i + 6 < size; i += 6) {
      const length = size - i - 10;
      body.set([0xb7, 0, (length & 127) | 128, ((length >> 7) & 127) | 128, length >> 14, 0], i);
    }
    // Without the bound it would be 50,000 checksums of 150 kB, half a minute: the test's time limit.
    const first = splitContainer({ ...content, indices: { ...content.indices, blocks: undefined } }).header;
    const marked = readContainer(Uint8Array.from([...first, ...body]));
    expect(marked.indices.packets.every((p) => p === undefined)).toBe(true);
    // The same without the second byte, in the frames that are written today.
    for (let i = 0; i + 6 < size; i += 6) body.set([0xb7, ...body.subarray(i + 2, i + 5), 0xff, 0xff], i);
    const unmarked = readContainer(Uint8Array.from([...header, ...body]));
    expect(unmarked.indices.packets.every((p) => p === undefined)).toBe(true);
    // Short ones, one at every byte, and behind them, when the search has ended, a packet that is intact.
    body.fill(126).set(packets[0]!, size - packets[0]!.length);
    const short = splitContainer({ ...content, parity: 1 }).header;
    expect(readContainer(Uint8Array.from([...short, ...body])).indices.packets.every((p) => p === undefined)).toBe(
      true,
    );
  });
});

describe('a file with parity packets', () => {
  const alpha = encodeAlpha(
    Uint8Array.from({ length: 768 * 512 }, (_, i) => (i % 768 < 100 ? 0 : 255)),
    768,
    512,
  );

  it('is restored exactly from any packets that are as many as carry the picture', () => {
    const random = createRandom(9);
    for (const content of [
      { ...kodak, indices: encodeIndices(map, { packets: 20 }), parity: 5 },
      { ...kodak, indices: encodeIndices(map, { packets: 6 }), alpha, parity: 3 },
      { ...kodak, parity: 2 },
    ]) {
      const { header, packets } = splitContainer(content);
      const whole = readContainer(writeContainer(content));
      expect(splitFile(writeContainer(content))).toEqual({ header, packets });
      for (let trial = 0; trial < 30; trial++) {
        const left = [...packets];
        for (let lost = content.parity; lost > 0; lost--) left.splice(random.below(left.length), 1);
        const arrived = Uint8Array.from([header, ...left].flatMap((part) => [...part]));
        const container = readContainer(arrived);
        expect(container.indices).toEqual(whole.indices);
        expect(container.alpha).toEqual(whole.alpha);
        expect(inspect(arrived).isComplete).toBe(true);
        expect(inspect(arrived.subarray(0, arrived.length - 1)).isComplete).toBe(false);
      }
    }
  });

  it('says what parity costs', () => {
    const content = { ...kodak, indices: encodeIndices(map, { packets: 20 }) };
    const without = accountBytes(writeContainer(content));
    const account = accountBytes(writeContainer({ ...content, parity: 4 }));
    expect(account).toMatchObject({ payload: without.payload, framing: without.framing, damaged: 0 });
    // Four times the longest packet with its length, and a frame of three bytes around it.
    const longest = Math.max(...content.indices.packets.map((packet) => packet!.length));
    expect(account.parity).toBe(4 * (longest + 1 + 3));
    // Type, length, number and end of the section.
    expect(account.total).toBe(without.total + account.parity + 4);
    expect(readContainer(writeContainer({ ...content, parity: 4 })).header.parity).toBe(4);
  });

  it('needs all packets when it is made, and a possible number', () => {
    const indices = encodeIndices(map, { packets: 4 });
    const lossy = { ...indices, packets: [undefined, ...indices.packets.slice(1)] };
    expect(codeOf(() => writeContainer({ ...kodak, indices: lossy, parity: 1 }))).toBe('VALUE_OUT_OF_RANGE');
    for (const parity of [-1, 253, 1.5, Number.NaN]) {
      expect(codeOf(() => writeContainer({ ...kodak, indices, parity }))).toBe('VALUE_OUT_OF_RANGE');
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
