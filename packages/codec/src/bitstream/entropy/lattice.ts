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

/** First x of `packet` in row `y`; the others follow at distance n. May be beyond the width. */
function firstColumn({ packets, step }: Lattice, packet: number, y: number): number {
  return modulo(packet - modulo(step * (y % packets), packets), packets);
}

/** Number of positions in `packet`. */
export function countPositions(lattice: Lattice, packet: number): number {
  let count = 0;
  for (let y = 0; y < lattice.height; y++) {
    const left = lattice.width - firstColumn(lattice, packet, y);
    if (left > 0) count += Math.ceil(left / lattice.packets);
  }
  return count;
}

/** Calls `visit(x, y)` for the positions of `packet`, row by row from the top, each from the left. */
export function visitPositions(lattice: Lattice, packet: number, visit: (x: number, y: number) => void): void {
  for (let y = 0; y < lattice.height; y++) {
    for (let x = firstColumn(lattice, packet, y); x < lattice.width; x += lattice.packets) visit(x, y);
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
