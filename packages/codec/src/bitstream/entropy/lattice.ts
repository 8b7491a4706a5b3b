/**
 * Which packet a position belongs to, and who its neighbours inside the packet are.
 *
 * Position (x, y) of an index grid belongs to packet (x + step·y) mod n, so the positions of a packet lie on a lattice
 * and a lost packet leaves holes that are scattered evenly, each with neighbours from other packets around it. With one
 * packet the lattice is the grid itself. A packet decodes alone: the neighbours its models look at are lattice points.
 */

/** A grid of `width` × `height` positions dealt out to `packets` packets. */
export interface Lattice {
  readonly width: number;
  readonly height: number;
  /** Number of packets n, at least 1. */
  readonly packets: number;
  /** How far the pattern moves from one row to the next, 0 … n − 1. */
  readonly step: number;
}

/** Remainder of a division, never negative. Both numbers are integers under 2³¹, `n` is positive. */
function modulo(a: number, n: number): number {
  const r = a % n;
  return r < 0 ? r + n : r;
}

/** Returns the number of positions in every packet, in one pass over the grid. */
export function countPositions({ width, height, packets, step }: Lattice): Uint32Array {
  const counts = new Uint32Array(packets).fill(Math.floor(width / packets) * height);
  const rest = width % packets;
  for (let y = 0, first = 0; y < height; y++, first = (first + step) % packets) {
    for (let i = 0; i < rest; i++) counts[(first + i) % packets]!++;
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
export function forOwners(
  { width, height, packets, step }: Lattice,
  visit: (at: number, packet: number) => void,
): void {
  for (let y = 0, first = 0, at = 0; y < height; y++, first = (first + step) % packets) {
    for (let x = 0, packet = first; x < width; x++, at++) {
      visit(at, packet);
      packet = packet + 1 === packets ? 0 : packet + 1;
    }
  }
}

/**
 * Horizontal distance to the lattice point that plays the part of the neighbour `(dx, dy)`, `dy` ≤ 0.
 *
 * In the row `dy` the lattice point nearest to straight above counts as dx = 0 (to the right when two are equally near);
 * dx steps from there over lattice points.
 */
export function neighbourDistance({ packets, step }: Lattice, dx: number, dy: number): number {
  const above = modulo(step * (-dy % packets), packets);
  return dx * packets + (2 * above > packets ? above - packets : above);
}

/**
 * Finds the step that spreads the positions of a packet most evenly: the largest shortest distance between two of them,
 * the smallest such step.
 */
export function bestStep(packets: number): number {
  let best = 0;
  let bestDistance = 0;
  for (let step = 0; step < packets; step++) {
    let shortest = packets * packets;
    for (let dy = 1; dy * dy < shortest; dy++) {
      const dx = neighbourDistance({ width: 0, height: 0, packets, step }, 0, -dy);
      shortest = Math.min(shortest, dx * dx + dy * dy);
    }
    if (shortest > bestDistance) {
      best = step;
      bestDistance = shortest;
    }
  }
  return best;
}
