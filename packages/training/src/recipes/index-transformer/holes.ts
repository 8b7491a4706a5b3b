/**
 * Which positions of an index map are taken away in training: half of the maps lose scattered ones, a quarter what bursts of
 * packets take along, and a quarter any share up to everything, as drawing needs it.
 */

import { layPackets, ownerOf } from '@vqkit/codec/bitstream';
import type { Random } from '@vqkit/core';

/** Packets of a file, at most, and lost in a row. */
const [mostPackets, longestBurst] = [64, 8];

/** Most that is lost of a map whose positions are lost one by one. */
const mostScattered = 0.5;

/** 1 in holes, 0 elsewhere, f32 `[height, width]`; at least one hole. */
export function randomHoles(random: Random, height: number, width: number): Float32Array {
  const kind = random.next();
  const isLost =
    kind < 0.5
      ? scattered(random, random.next() * mostScattered)
      : kind < 0.75
        ? packets(random, height, width)
        : scattered(random, Math.cos((random.next() * Math.PI) / 2));
  const holes = Float32Array.from({ length: height * width }, (_, i) =>
    Number(isLost(i % width, Math.floor(i / width))),
  );
  holes[random.integer(holes.length)] = 1;
  return holes;
}

type IsLost = (x: number, y: number) => boolean;

/** Each position by itself. */
export function scattered(random: Random, share: number): IsLost {
  return () => random.next() < share;
}

/** One burst of packets of a file, interleaved as the codec does it. */
function packets(random: Random, height: number, width: number): IsLost {
  const count = 2 + random.integer(mostPackets - 1);
  const burst = 1 + random.integer(Math.min(longestBurst, count - 1));
  const first = random.integer(count);
  const owner = ownerOf(layPackets(width, height, count));
  return (x, y) => (owner(x, y) + first) % count < burst;
}
