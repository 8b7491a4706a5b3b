/**
 * Which packet a position belongs to, and who its neighbours inside the packet are.
 *
 * The grid is cut into blocks of a few positions, which are dealt out in rounds: every n blocks, row by row, go to n different
 * packets. So most positions have neighbours in their own packet, which makes them cheap, and a lost packet leaves small
 * holes that are scattered evenly, each with other packets around it. A packet decodes alone: what its models look at are
 * positions of its own.
 *
 * The first form of the format had no blocks: position (x, y) belongs to packet (x + step·y) mod n, and the neighbours are
 * the nearest points of that lattice.
 */

/** How many blocks a grid is cut into, across and down. */
export interface BlockGrid {
  readonly columns: number;
  readonly rows: number;
}

/** A grid of `width` × `height` positions dealt out to `packets` packets. */
export interface Lattice {
  readonly width: number;
  readonly height: number;
  /** Number of packets n, at least 1. */
  readonly packets: number;
  /** How far the pattern moves from one round of blocks (without blocks: one row) to the next, 0 … n − 1. */
  readonly step: number;
  /** The blocks; `undefined` for the first form. */
  readonly blocks?: BlockGrid | undefined;
}

/** Remainder of a division, never negative. Both numbers are integers under 2³¹, `n` is positive. */
function modulo(a: number, n: number): number {
  const r = a % n;
  return r < 0 ? r + n : r;
}

/** Where block `i` of `count` begins on a side of `length` positions; the next begins where it ends. */
function blockStart(i: number, count: number, length: number): number {
  return Math.floor((i * length) / count);
}

/** Returns which of `count` blocks every position of a side is in. */
function blocksOf(length: number, count: number): Uint32Array {
  const blocks = new Uint32Array(length);
  for (let i = 0; i < count; i++) blocks.fill(i, blockStart(i, count, length), blockStart(i + 1, count, length));
  return blocks;
}

/** Returns which packet block `i`, counted row by row, goes to. */
function packetOfBlock({ packets, step }: Lattice, i: number): number {
  return (i + step * Math.floor(i / packets)) % packets;
}

/** Returns a function that says which packet a position belongs to. */
export function ownerOf(lattice: Lattice): (x: number, y: number) => number {
  const { width, height, packets, step, blocks } = lattice;
  if (packets === 1) return () => 0;
  if (!blocks) return (x, y) => (x + step * y) % packets;
  const columns = blocksOf(width, blocks.columns);
  const rows = blocksOf(height, blocks.rows);
  return (x, y) => packetOfBlock(lattice, rows[y]! * blocks.columns + columns[x]!);
}

/** Returns the number of positions in every packet: one step per block, or per row and packet. */
export function countPositions(lattice: Lattice): Uint32Array {
  const { width, height, packets, step, blocks } = lattice;
  if (!blocks) {
    const counts = new Uint32Array(packets).fill(Math.floor(width / packets) * height);
    const rest = width % packets;
    for (let y = 0, first = 0; y < height; y++, first = (first + step) % packets) {
      for (let i = 0; i < rest; i++) counts[(first + i) % packets]!++;
    }
    return counts;
  }
  const counts = new Uint32Array(packets);
  const { columns, rows } = blocks;
  for (let row = 0, i = 0; row < rows; row++) {
    const high = blockStart(row + 1, rows, height) - blockStart(row, rows, height);
    for (let column = 0; column < columns; column++, i++) {
      const wide = blockStart(column + 1, columns, width) - blockStart(column, columns, width);
      counts[packetOfBlock(lattice, i)]! += wide * high;
    }
  }
  return counts;
}

/** The positions of a grid, dealt out. */
export interface Deal {
  readonly lattice: Lattice;
  /** Calls `visit(x, y)` for the positions of `packet`, row by row from the top, each from the left. */
  visit(packet: number, visit: (x: number, y: number) => void): void;
}

/** Deals out the positions in one pass, so that visiting all packets takes time in proportion to the grid. */
export function deal(lattice: Lattice): Deal {
  const { width, height, packets } = lattice;
  if (packets === 1) {
    return {
      lattice,
      visit: (_, visit) => {
        for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) visit(x, y);
      },
    };
  }
  const ends = new Uint32Array(packets + 1);
  ends.set(countPositions(lattice), 1);
  for (let packet = 1; packet <= packets; packet++) ends[packet]! += ends[packet - 1]!;
  const order = new Uint32Array(width * height);
  const next = ends.slice(0, packets);
  forOwners(lattice, (at, packet) => {
    order[next[packet]!++] = at;
  });
  return {
    lattice,
    visit: (packet, visit) => {
      for (let i = ends[packet]!; i < ends[packet + 1]!; i++) {
        const y = Math.floor(order[i]! / width);
        visit(order[i]! - y * width, y);
      }
    },
  };
}

/** Calls `visit(at, packet)` for every position in raster order. */
export function forOwners(lattice: Lattice, visit: (at: number, packet: number) => void): void {
  const owner = ownerOf(lattice);
  for (let y = 0, at = 0; y < lattice.height; y++) {
    for (let x = 0; x < lattice.width; x++, at++) visit(at, owner(x, y));
  }
}

/**
 * In the first form, horizontal distance to the lattice point that plays the part of the neighbour `(dx, dy)`, `dy` ≤ 0.
 *
 * In the row `dy` the lattice point nearest to straight above counts as dx = 0 (to the right when two are equally near);
 * dx steps from there over lattice points.
 */
export function neighbourDistance({ packets, step }: Lattice, dx: number, dy: number): number {
  const above = modulo(step * (-dy % packets), packets);
  return dx * packets + (2 * above > packets ? above - packets : above);
}
