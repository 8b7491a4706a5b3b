import { describe, expect, it } from 'vitest';
import { bestStep, countPositions, deal, forOwners, neighbourDistance } from './lattice.ts';

describe('the packet lattice', () => {
  it('deals every position to exactly one packet, in raster order', () => {
    for (const [width, height, packets] of [
      [1, 1, 1],
      [1, 1, 3],
      [7, 5, 1],
      [7, 5, 4],
      [3, 9, 5],
      [48, 32, 7],
      [2, 3, 16],
      [1, 40, 9],
    ] as const) {
      const step = bestStep(packets);
      const { visit } = deal({ width, height, packets, step });
      const counts = countPositions({ width, height, packets, step });
      const owner = new Int32Array(width * height).fill(-1);
      for (let packet = 0; packet < packets; packet++) {
        let last = -1;
        let count = 0;
        visit(packet, (x, y) => {
          const at = y * width + x;
          expect(at).toBeGreaterThan(last);
          expect(owner[at]).toBe(-1);
          expect((x + step * y) % packets).toBe(packet);
          owner[at] = packet;
          last = at;
          count++;
        });
        expect(counts[packet]).toBe(count);
      }
      forOwners({ width, height, packets, step }, (at, packet) => expect(owner[at]).toBe(packet));
      expect(owner.includes(-1)).toBe(false);
    }
  });

  it('keeps lost positions apart: neighbours above, below and beside come from other packets', () => {
    for (let packets = 2; packets <= 16; packets++) {
      const step = bestStep(packets);
      expect(step % packets).not.toBe(0);
    }
    expect(bestStep(1)).toBe(0);
    expect(bestStep(2)).toBe(1);
    // A knight's move apart.
    expect(bestStep(5)).toBe(2);
  });

  it('maps neighbours to points of the same packet', () => {
    for (const packets of [1, 2, 3, 4, 5, 8, 13]) {
      const lattice = { width: 100, height: 100, packets, step: bestStep(packets) };
      for (let dy = -3; dy <= 0; dy++) {
        for (let dx = -3; dx <= 3; dx++) {
          const distance = neighbourDistance(lattice, dx, dy);
          const packetOf = (x: number, y: number): number => (((x + lattice.step * y) % packets) + packets) % packets;
          expect(packetOf(50 + distance, 50 + dy)).toBe(packetOf(50, 50));
          if (packets === 1) expect(distance).toBe(dx);
          if (dx === 0) expect(Math.abs(distance)).toBeLessThanOrEqual(packets / 2);
        }
      }
    }
  });
});
