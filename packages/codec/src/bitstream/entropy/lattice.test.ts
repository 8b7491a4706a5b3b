import { describe, expect, it } from 'vitest';
import { countPositions, deal, forOwners, type Lattice, neighbourDistance, ownerOf } from './lattice.ts';
import { layPackets } from './lay-packets.ts';

const grids = [
  [1, 1, 1],
  [1, 1, 3],
  [7, 5, 1],
  [7, 5, 4],
  [3, 9, 5],
  [48, 32, 7],
  [48, 32, 20],
  [32, 48, 64],
  [2, 3, 16],
  [1, 40, 9],
] as const;

/** Every position belongs to one packet, and packets are visited row by row. */
function expectDealt(lattice: Lattice): void {
  const { width, height, packets } = lattice;
  const { visit } = deal(lattice);
  const counts = countPositions(lattice);
  const ownerAt = ownerOf(lattice);
  const owner = new Int32Array(width * height).fill(-1);
  for (let packet = 0; packet < packets; packet++) {
    let [last, count] = [-1, 0];
    visit(packet, (x, y) => {
      const at = y * width + x;
      expect(at).toBeGreaterThan(last);
      expect(owner[at]).toBe(-1);
      expect(ownerAt(x, y)).toBe(packet);
      owner[at] = packet;
      last = at;
      count++;
    });
    expect(counts[packet]).toBe(count);
  }
  forOwners(lattice, (at, packet) => expect(owner[at]).toBe(packet));
  expect(owner.includes(-1)).toBe(false);
}

describe('blocks of positions', () => {
  it('are dealt out whole, each to one packet', () => {
    for (const [width, height, packets] of grids) {
      expectDealt(layPackets(width, height, packets));
      for (const step of [0, packets - 1]) {
        expectDealt({ width, height, packets, step, blocks: { columns: Math.ceil(width / 3), rows: height } });
      }
    }
  });

  it('make equal packets, of blocks of a few positions that are about square', () => {
    for (const [width, height] of [
      [48, 32],
      [32, 48],
      [64, 36],
    ] as const) {
      for (const packets of [2, 4, 5, 8, 20, 32, 64, 128, 256]) {
        const lattice = layPackets(width, height, packets);
        const share = (width * height) / packets;
        expect(Math.max(...countPositions(lattice)) / share).toBeLessThan(1.4);
        const [wide, high] = [width / lattice.blocks!.columns, height / lattice.blocks!.rows];
        expect(wide * high).toBeGreaterThan(Math.min(5, share / 2));
        expect(wide * high).toBeLessThanOrEqual(48);
        expect(Math.max(wide / high, high / wide)).toBeLessThan(3);
      }
    }
  });

  it('of one packet lie apart, so that what is lost has others around it', () => {
    for (const packets of [3, 4, 5, 8, 20, 64]) {
      const lattice = layPackets(48, 32, packets);
      const owner = ownerOf(lattice);
      const { columns, rows } = lattice.blocks!;
      const middle = (i: number, count: number, length: number): number => Math.floor(((i + 0.5) * length) / count);
      let touching = 0;
      for (let row = 0; row < rows; row++) {
        for (let column = 0; column < columns; column++) {
          const [x, y] = [middle(column, columns, 48), middle(row, rows, 32)];
          if (column + 1 < columns) touching += owner(x, y) === owner(middle(column + 1, columns, 48), y) ? 1 : 0;
          if (row + 1 < rows) touching += owner(x, y) === owner(x, middle(row + 1, rows, 32)) ? 1 : 0;
        }
      }
      expect(touching).toBe(0);
    }
  });

  it('are single positions where there are more packets than positions', () => {
    const { blocks } = layPackets(3, 2, 9);
    expect(blocks).toEqual({ columns: 3, rows: 2 });
  });
});

describe('the lattice of the first form', () => {
  it('deals every position to exactly one packet, in raster order', () => {
    for (const [width, height, packets] of grids) {
      for (const step of [0, packets >> 1, packets - 1]) expectDealt({ width, height, packets, step });
    }
  });

  it('maps neighbours to points of the same packet', () => {
    for (const packets of [1, 2, 3, 4, 5, 8, 13]) {
      const lattice = { width: 100, height: 100, packets, step: packets >> 1 };
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
