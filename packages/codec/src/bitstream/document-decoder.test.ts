import { describe, expect, it } from 'vitest';
import { encodeAlpha } from './alpha/alpha.ts';
import { framePacket } from './container/packets.ts';
import { readContainer } from './container/read-container.ts';
import { shortFrames, writeShortFrame } from './container/short-frames.ts';
import { splitContainer, writeContainer } from './container/write-container.ts';
import { decodeIndices } from './decode-indices.ts';
import { encodeIndices } from './encode-indices.ts';
import { entropyModes } from './index-map.ts';
import { loadPrior } from './prior/load-prior.ts';
import { decodeByTheBook } from './testing/document-decoder.ts';
import { syntheticMap } from './testing/synthetic-maps.ts';
import { createRandom } from './training/random.ts';
import { trainPrior } from './training/train-prior.ts';

const modelId = Uint8Array.of(0xde, 0xad, 0xbe, 0xef);

describe('a decoder written from docs/bitstream.md', () => {
  it('reads the files of the reference encoder in every mode', async () => {
    for (const codebookSizes of [[1], [37], [1024], [12, 1, 300]]) {
      const maps = [1, 2, 3].map((seed) => syntheticMap({ width: 12, height: 9, codebookSizes, seed }));
      const orders = codebookSizes.map((size) => Uint16Array.from({ length: size }, (_, i) => size - 1 - i));
      const priorFile = await trainPrior(maps, { orders, network: { embedding: 3, hidden: 5, epochs: 1 } });
      const prior = loadPrior(priorFile);
      const map = syntheticMap({ width: 12, height: 9, codebookSizes, seed: 4 });
      for (const mode of entropyModes) {
        for (const packets of [1, 3]) {
          for (const used of mode === 'mixing' ? [prior, undefined] : [prior]) {
            const indices = encodeIndices(map, { mode, prior: used, packets });
            const alpha = packets === 3 ? encodeAlpha(new Uint8Array(9), 3, 3) : undefined;
            const file = writeContainer({
              width: 190,
              height: 140,
              modelId,
              indices,
              alpha,
              metadata: Uint8Array.of(1),
            });
            expect(decodeByTheBook(file, priorFile)).toEqual(map.planes.map((plane) => Array.from(plane)));
          }
        }
      }
    }
  });

  it('reads large codebooks and long files', () => {
    const map = syntheticMap({ width: 60, height: 50, codebookSizes: [100_000], seed: 5, noise: 1 });
    const file = writeContainer({ width: 60, height: 50, modelId, indices: encodeIndices(map) });
    expect(file.length).toBeGreaterThan(4093);
    expect(decodeByTheBook(file)).toEqual([Array.from(map.planes[0]!)]);
  });

  it('marks the positions of a lost packet', () => {
    const map = syntheticMap({ width: 8, height: 8, codebookSizes: [16], seed: 6 });
    const file = writeContainer({ width: 128, height: 128, modelId, indices: encodeIndices(map, { packets: 4 }) });
    file[file.length - 3]! ^= 1;
    expect(decodeByTheBook(file)![0]!.filter((index) => index === -1).length).toBe(16);
    expect(decodeByTheBook(file.map((byte, i) => (i === 5 ? byte ^ 1 : byte)))).toBeUndefined();
  });

  it.each(['blocks', 'lattice'])(
    'finds the same packets as the first (%s), whatever lies between and within them, under whatever id',
    (form) => {
      const map = syntheticMap({ width: 8, height: 8, codebookSizes: [16], seed: 7 });
      const blocks = { columns: 4, rows: 4 };
      // Packets of one size in both forms, which have what they need whichever positions they are taken for.
      const coded = encodeIndices(map, { mode: 'uniform', packets: 4 });
      const indices = { ...coded, step: 1, blocks: form === 'blocks' ? blocks : undefined };
      const { header } = splitContainer({ width: 128, height: 128, modelId, indices });
      const headerCheck = header.subarray(header.length - 2);
      const short = shortFrames({ packets: 4, hasAlpha: false, parity: 0 }, headerCheck);
      const random = createRandom(1);
      const noise = (): number[] => {
        const bytes = [0xb7, 0xb7, 0x80, 0, 1, 2, 0xff, 0x0f, 0x1f];
        return Array.from({ length: random.below(9) }, () => bytes[random.below(bytes.length)]!);
      };
      const framed = (id: number, data: readonly number[]): number[] => {
        const bytes = Uint8Array.from(data);
        return [...(form === 'blocks' ? writeShortFrame(id % 4, bytes, short) : framePacket(id, bytes, headerCheck))];
      };
      let decoded = 0;
      for (let trial = 0; trial < 300; trial++) {
        const body = Array.from({ length: 1 + random.below(6) }, () => {
          const id = random.below(6);
          const inner = [...noise(), ...framed(random.below(4), [...indices.packets[random.below(4)]!]), ...noise()];
          const frame = framed(id, id < 4 ? [...indices.packets[id]!] : inner);
          if (random.below(4) === 0) frame[random.below(frame.length)]! ^= 1 << random.below(8);
          return [...noise(), ...frame, ...noise()];
        }).flat();
        const bytes = Uint8Array.from([...header, ...body]);
        const second = decodeByTheBook(bytes)!;
        let first: (number | undefined)[] = new Array(64).fill(-1);
        try {
          const { planes, lost } = decodeIndices(readContainer(bytes).indices);
          first = Array.from(planes[0]!, (index, i) => (lost?.[i] === 1 ? -1 : index));
          decoded++;
        } catch (error) {
          // Noise can be too short to be a packet: in the first form that ends it all.
          expect(['ALL_PACKETS_LOST', 'PAYLOAD_INVALID']).toContain((error as { code: string }).code);
          if ((error as { code: string }).code === 'PAYLOAD_INVALID') continue;
        }
        expect(second).toEqual([first]);
      }
      expect(decoded).toBeGreaterThan(100);
    },
  );

  it('restores what parity can restore', () => {
    const map = syntheticMap({ width: 8, height: 6, codebookSizes: [200], seed: 8 });
    const random = createRandom(2);
    for (const alpha of [
      undefined,
      encodeAlpha(
        Uint8Array.from({ length: 40 }, (_, i) => i * 7),
        8,
        5,
      ),
    ]) {
      const content = {
        width: 128,
        height: 96,
        modelId,
        indices: encodeIndices(map, { packets: 6 }),
        alpha,
        parity: 3,
      };
      const { header, packets } = splitContainer(content);
      for (let trial = 0; trial < 20; trial++) {
        const left = [...packets];
        for (let lost = random.below(6); lost > 0; lost--) left.splice(random.below(left.length), 1);
        const file = Uint8Array.from([header, ...left].flatMap((part) => [...part]));
        const { planes, lost } = decodeIndices(readContainer(file).indices);
        const first = Array.from(planes[0]!, (index, i) => (lost?.[i] === 1 ? -1 : index));
        expect(decodeByTheBook(file)).toEqual([first]);
        expect(lost === undefined || packets.length - left.length > 3).toBe(true);
      }
    }
  });
});
