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
