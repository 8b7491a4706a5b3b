import { describe, expect, it } from 'vitest';
import { createRandom, type Random } from '../training/random.ts';
import { findShortFrames, shortFrames, writeShortFrame } from './short-frames.ts';

const n = 20;
const framesOf = (seed: number) =>
  shortFrames({ packets: n, hasAlpha: false, parity: 0 }, Uint8Array.of(seed & 255, seed >> 8));
const bytesOf = (random: Random, length: number): Uint8Array => Uint8Array.from({ length }, () => random.below(256));

/** Files of 20 packets, some of them left out, with other bytes behind some: counts what is found, true and false. */
function count(kept: number, between: (random: Random, seed: number) => Uint8Array): Record<string, number> {
  const counts = { true: 0, missed: 0, shadowed: 0, false: 0 };
  for (let seed = 0; seed < 500; seed++) {
    const random = createRandom(seed);
    const frames = framesOf(seed);
    const data = Array.from({ length: n }, () => bytesOf(random, 40 + random.below(60)));
    const file: number[] = [];
    const isKept = data.map(() => random.uniform() < kept);
    data.forEach((packet, id) => {
      if (isKept[id]) file.push(...writeShortFrame(id, packet, frames));
      if (random.below(4) === 0) file.push(...between(random, seed));
    });
    const found = new Map(
      findShortFrames(Uint8Array.from(file), 0, frames, (id) => id < n).map((packet) => [packet.id, packet.data]),
    );
    for (const [id, packet] of data.entries()) {
      const isTrue = found.get(id)?.join() === packet.join();
      if (isTrue) counts.true++;
      else if (isKept[id]) counts[found.has(id) ? 'shadowed' : 'missed']++;
      else if (found.has(id)) counts.false++;
    }
  }
  return counts;
}

const noise = (random: Random): Uint8Array => bytesOf(random, 1 + random.below(200));
const foreign = (random: Random, seed: number): Uint8Array => {
  const frames = framesOf(seed + 1000);
  const packets = Array.from({ length: 6 }, () =>
    writeShortFrame(random.below(n), bytesOf(random, 40 + random.below(60)), frames),
  );
  return Uint8Array.from(packets.flatMap((packet) => [...packet]));
};
/** A frame of this file without its end. */
const cut = (random: Random, seed: number): Uint8Array =>
  writeShortFrame(random.below(n), bytesOf(random, 90), framesOf(seed)).subarray(0, 1 + random.below(80));

describe.each([
  // Bounds are about twice what was counted, for the true ones of 10,000 that are not found, and for false ones in 500 files.
  ['noise', noise, 40, 45],
  ['packets of another file', foreign, 10, 10],
  ['cut frames', cut, 150, 15],
  [
    'packets of another file without their beginning',
    (r: Random, seed: number) => foreign(r, seed).subarray(7),
    35,
    180,
  ],
] as const)('frames with %s between them', (_, between, mostMissed, mostFalse) => {
  it('are found, and hardly hidden by any other', () => {
    const { missed, shadowed } = count(1, between);
    expect(missed! + shadowed!).toBeLessThan(mostMissed);
    expect(shadowed).toBeLessThan(20);
  });

  it('are found when half of them are lost, and false ones fill in for few', () => {
    const counts = count(0.5, between);
    expect(counts.missed! + counts.shadowed!).toBeLessThan(mostMissed);
    expect(counts.false).toBeLessThan(mostFalse);
  });
});

describe('a short frame that stands alone', () => {
  const frames = shortFrames({ packets: 2, hasAlpha: false, parity: 1 }, Uint8Array.of(1, 2));
  const frame = (id: number, value: number): Uint8Array => writeShortFrame(id, new Uint8Array(9).fill(value), frames);
  const gap = new Uint8Array(9).fill(255);
  const find = (...parts: Uint8Array[]): number[][] => {
    const file = Uint8Array.from(parts.flatMap((part) => [...part]));
    return findShortFrames(file, 0, frames, (id) => id !== 2).map(({ id, data }) => [id, data[0]!]);
  };

  it('counts where nothing else has its number', () => {
    expect(find(gap, frame(0, 200), gap)).toEqual([[0, 200]]);
    expect(find(gap, frame(0, 200), gap, frame(0, 201))).toEqual([[0, 201]]);
    expect(find(gap, frame(0, 200), gap, frame(1, 201))).toEqual([
      [0, 200],
      [1, 201],
    ]);
  });

  it('is not used when the others are enough', () => {
    expect(find(gap, frame(3, 200), gap, frame(0, 201), frame(1, 202))).toEqual([
      [0, 201],
      [1, 202],
    ]);
  });
});
