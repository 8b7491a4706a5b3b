/** Which positions of a map are lost: scattered, or with packets as the codec deals them out. */
import { layPackets, ownerOf } from '@vqkit/codec/bitstream';
import { random } from '@vqkit/core';

/** How positions are lost: each by itself; with packets of a file here and there; with packets in a row. */
export const patterns = ['scattered', 'packets', 'burst'] as const;

/** One of them. */
export type Pattern = (typeof patterns)[number];

/** Packets of a file that loses some. */
export const packetCount = 20;

/**
 * 1 at lost positions, `[height, width]`, as near to the share as whole positions or packets allow.
 *
 * @param share  0 to 1.
 */
export function lossOf(pattern: Pattern, share: number, width: number, height: number, seed: number): Uint8Array {
  const count = pattern === 'scattered' ? width * height : packetCount;
  const stream = random(seed);
  const first = stream.integer(count);
  const order =
    pattern === 'burst' ? Array.from({ length: count }, (_, i) => (first + i) % count) : [...stream.permutation(count)];
  const gone = new Set(order.slice(0, Math.round(share * count)));
  const owner =
    pattern === 'scattered' ? (x: number, y: number) => y * width + x : ownerOf(layPackets(width, height, count));
  return Uint8Array.from({ length: width * height }, (_, i) =>
    Number(gone.has(owner(i % width, Math.floor(i / width)))),
  );
}
