import { describe, expect, it } from 'vitest';
import { codeOf } from '../testing/code-of.ts';
import { createRandom } from '../training/random.ts';
import { decodeAlpha, encodeAlpha } from './alpha.ts';

function bytesFor(alpha: Uint8Array, width: number, height: number): number {
  const bytes = encodeAlpha(alpha, width, height);
  // Comparing by hand: `toEqual` takes seconds for so many numbers.
  const isRestored = decodeAlpha(bytes, width, height).every((value, i) => value === alpha[i]);
  expect(isRestored).toBe(true);
  return bytes.length;
}

/** A disc whose edge is `softness` pixels wide. */
function disc(width: number, height: number, softness: number): Uint8Array {
  return Uint8Array.from({ length: width * height }, (_, i) => {
    const distance = Math.hypot((i % width) - width / 2, Math.floor(i / width) - height / 2);
    return Math.round(255 * Math.max(0, Math.min(1, (height * 0.4 - distance) / softness + 0.5)));
  });
}

describe('alpha', () => {
  it('that is constant takes one byte or two', () => {
    expect(bytesFor(new Uint8Array(300 * 200).fill(255), 300, 200)).toBe(1);
    expect(bytesFor(new Uint8Array(300 * 200), 300, 200)).toBe(2);
    expect(bytesFor(Uint8Array.of(255), 1, 1)).toBe(1);
  });

  it('of a rectangle takes next to nothing', () => {
    const alpha = Uint8Array.from({ length: 768 * 512 }, (_, i) => (i % 768 > 99 && i > 768 * 50 ? 255 : 0));
    expect(bytesFor(alpha, 768, 512)).toBeLessThan(40);
  });

  it('of a mask costs a few bits per pixel of its outline, and a few more where it is soft', () => {
    // The outline is 1287 pixels long.
    expect(bytesFor(disc(768, 512, 0.001), 768, 512)).toBeLessThan((1287 * 3) / 8);
    // About 2600 pixels take part in the soft edge, with values that no neighbour tells.
    expect(bytesFor(disc(768, 512, 2), 768, 512)).toBeLessThan((2600 * 10) / 8);
  });

  it('is restored whatever it is', () => {
    for (const [width, height] of [
      [1, 1],
      [1, 7],
      [7, 1],
      [2, 2],
      [33, 17],
    ] as const) {
      const random = createRandom(width * height);
      const random255 = Uint8Array.from({ length: width * height }, () => random.below(256));
      const sparse = random255.map((value) => (value > 200 ? value : value > 100 ? 255 : 0));
      const ramp = random255.map((_, i) => (3 * (i % width) + 2 * Math.floor(i / width)) & 255);
      for (const alpha of [random255, sparse, ramp]) bytesFor(alpha, width, height);
    }
  });

  it('that is noise costs hardly more than eight bits a pixel', () => {
    const random = createRandom(1);
    // 4 %: what learning 256 frequencies and three flags a pixel may cost.
    expect(
      bytesFor(
        Uint8Array.from({ length: 10000 }, () => random.below(256)),
        100,
        100,
      ),
    ).toBeLessThan(10400);
  });

  it('that is no alpha is refused', () => {
    expect(codeOf(() => decodeAlpha(new Uint8Array(0), 2, 2))).toBe('PAYLOAD_INVALID');
    expect(codeOf(() => decodeAlpha(Uint8Array.of(2, 0, 0), 2, 2))).toBe('PAYLOAD_INVALID');
    expect(codeOf(() => decodeAlpha(Uint8Array.of(0, 0, 0), 2, 2))).toBe('PAYLOAD_INVALID');
    expect(codeOf(() => decodeAlpha(Uint8Array.of(1, 77), 2000, 2000))).toBe('PAYLOAD_INVALID');
    expect(codeOf(() => encodeAlpha(new Uint8Array(3), 2, 2))).toBe('VALUE_OUT_OF_RANGE');
  });
});
