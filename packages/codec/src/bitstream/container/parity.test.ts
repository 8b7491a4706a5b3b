import { describe, expect, it } from 'vitest';
import { codeOf } from '../testing/code-of.ts';
import { createRandom } from '../training/random.ts';
import { parityOf, restorePackets } from './parity.ts';

describe('parity packets', () => {
  it('restore any losses up to their number, whatever the lengths', () => {
    const random = createRandom(1);
    for (let trial = 0; trial < 300; trial++) {
      const k = 1 + random.below(trial % 10 === 0 ? 200 : 20);
      const m = 1 + random.below(Math.min(10, 256 - k));
      const packets = Array.from({ length: k }, () =>
        Uint8Array.from({ length: random.below(random.below(3) === 0 ? 300 : 20) }, () => random.below(256)),
      );
      const parity = parityOf(packets, m);
      const shards: (Uint8Array | undefined)[] = [...packets, ...parity];
      for (let left = m; left > 0; left--) shards[random.below(k + m)] = undefined;
      expect(restorePackets(shards.slice(0, k), shards.slice(k))).toEqual(packets);
    }
  });

  it('of one are the exclusive or with factors: worked out by hand', () => {
    // Blocks 1·7 and 1·9 of two packets of one byte. With k = 2: 1/(2 ⊕ 0) = 1/2 = 0x8e, 1/(2 ⊕ 1) = 1/3 = 0xf4.
    // 0x8e · 7 = 0x8e · 2 ⊕ 0x8e · 4 ⊕ 0x8e = 1 ⊕ 2 ⊕ 0x8e = 0x8d.
    const [parity] = parityOf([Uint8Array.of(7), Uint8Array.of(9)], 1);
    // 9 = 3 · 7 in GF(2): (x + 1)(x² + x + 1) = x³ + 1, so 0xf4 · 9 = 7.
    expect([...parity!]).toEqual([0x8e ^ 0xf4, 0x8d ^ 7]);
  });

  it('do nothing when too much is lost, or when they cannot belong to the packets', () => {
    const packets = [Uint8Array.of(1, 2), Uint8Array.of(3), Uint8Array.of(4)];
    const parity = parityOf(packets, 2);
    expect(restorePackets([undefined, undefined, undefined], parity)).toEqual([undefined, undefined, undefined]);
    expect(restorePackets([undefined, undefined, packets[2]], [undefined, parity[1]])[0]).toBeUndefined();
    expect(restorePackets([new Uint8Array(9), undefined, packets[2]], parity)[1]).toBeUndefined();
    expect(restorePackets([undefined], [new Uint8Array(0)])).toEqual([undefined]);
    // A block whose length is none.
    expect(restorePackets([undefined], [Uint8Array.of(255)])).toEqual([undefined]);
    expect(restorePackets(packets, [])).toEqual(packets);
  });

  it('are at most 256 with the packets', () => {
    const packets = new Array<Uint8Array>(250).fill(Uint8Array.of(1));
    expect(parityOf(packets, 6).length).toBe(6);
    expect(codeOf(() => parityOf(packets, 7))).toBe('VALUE_OUT_OF_RANGE');
    expect(codeOf(() => parityOf(packets, Number.NaN))).toBe('VALUE_OUT_OF_RANGE');
  });
});
