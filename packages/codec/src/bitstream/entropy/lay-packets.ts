/**
 * How an encoder cuts a grid into blocks and deals them out. A decoder needs none of this: the file says what was chosen.
 *
 * Large blocks cost less, small ones leave smaller holes: `npm run bench -- packets --lost 0.2` measures both.
 */
import { type BlockGrid, countPositions, type Lattice } from './lattice.ts';

/** Most positions of a block, about: a packet has as few blocks as that allows. */
const mostPositions = 40;

/** Longest side of a block in its other side, about. */
const longest = 2;

/** Steps, and blocks of a round, that are looked at. */
const samples = 32;

/** Returns how a grid is dealt out to so many packets: into equal shares, as far as whole blocks allow. */
export function layPackets(width: number, height: number, packets: number): Lattice {
  const one = { width, height, packets, step: 0, blocks: { columns: 1, rows: 1 } };
  if (packets === 1) return one;
  if (packets >= width * height) return { ...one, blocks: { columns: width, rows: height } };
  const share = (width * height) / packets;
  const area = Math.min(mostPositions, share);
  const count = packets * Math.max(share > mostPositions ? 2 : 1, Math.round(share / area));
  let best: Lattice = one;
  let bestScore = Number.POSITIVE_INFINITY;
  const side = Math.sqrt(area * longest);
  const least = Math.max(1, Math.floor(width / side));
  const most = Math.min(width, Math.ceil((width * side) / area));
  for (let columns = least; columns <= most; columns++) {
    const rows = Math.max(1, Math.min(height, Math.round(count / columns)));
    const lattice = withStep({ ...one, blocks: { columns, rows } });
    const unequal = Math.max(...countPositions(lattice)) / share;
    const ratio = (width * rows) / (height * columns);
    const score = unequal + Math.max(ratio, 1 / ratio) / 8;
    if (score >= bestScore) continue;
    best = lattice;
    bestScore = score;
  }
  return best;
}

/** Finds the step that keeps the blocks of a packet farthest apart. */
function withStep(lattice: Lattice): Lattice {
  const { packets } = lattice;
  let best = 0;
  let bestDistance = -1;
  for (let i = 0; i < Math.min(packets, samples); i++) {
    const step = Math.floor((i * packets) / Math.min(packets, samples));
    const distance = shortest({ ...lattice, step }, lattice.blocks!, bestDistance);
    if (distance <= bestDistance) continue;
    best = step;
    bestDistance = distance;
  }
  return { ...lattice, step: best };
}

/** Smallest squared distance between blocks of a packet in neighbouring rounds; stops where it is no more than `enough`. */
function shortest({ width, height, packets, step }: Lattice, { columns, rows }: BlockGrid, enough: number): number {
  const spacing = { x: width / columns, y: height / rows };
  let distance = Number.POSITIVE_INFINITY;
  for (let sample = 0; sample < samples; sample++) {
    const place = Math.floor((sample * packets) / samples);
    for (
      let round = 1;
      round <= samples && (round - 1) * packets < 4 * columns * Math.ceil(packets / columns);
      round++
    ) {
      // The block of this round that goes to the packet of block `place` of round 0.
      const other = round * packets + ((((place - step * round) % packets) + packets) % packets);
      const dx = ((other % columns) - (place % columns)) * spacing.x;
      const dy = (Math.floor(other / columns) - Math.floor(place / columns)) * spacing.y;
      distance = Math.min(distance, dx * dx + dy * dy);
      if (distance <= enough) return distance;
    }
  }
  return distance;
}
