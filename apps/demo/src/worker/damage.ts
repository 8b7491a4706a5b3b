/** What becomes of a file when packets are lost on the way. */
import { encodeIndices, readContainer, splitFile, writeContainer } from '@vqkit/codec/bitstream';
import { random } from '@vqkit/core';
import { drawGrid, gridOver, type Size } from './grid.ts';
import { type InsideTools, priorsFor } from './inside.ts';
import type { Concealment, Session } from './session.ts';

/** How a file is cut. */
export interface CutRequest {
  readonly packets: number;
  readonly parity: number;
}

/** How packets are lost. */
export interface DamageRequest {
  /** Share of the packets, 0 to 1. */
  readonly loss: number;
  /** Here and there, or in one run. */
  readonly pattern: 'random' | 'burst';
  readonly seed: number;
  /** What fills in lost positions. */
  readonly concealBy: Concealment;
}

/** Writes an intact file again in other packets: the same indices, so it restores the same picture. */
export async function cutFile(
  { codec, weights }: Pick<InsideTools, 'codec' | 'weights'>,
  bytes: Uint8Array,
  { packets, parity }: CutRequest,
): Promise<Uint8Array<ArrayBuffer>> {
  const { header, alpha } = readContainer(bytes);
  const map = await codec.decodeToIndices(bytes);
  const priors = await priorsFor(weights, map.codebookSizes);
  const prior = priors.find(({ codebookSizes }) => codebookSizes.join() === map.codebookSizes.join());
  return writeContainer({ ...header, indices: encodeIndices(map, { prior, packets }), alpha, parity });
}

/** Leaves packets out of a file. The header arrives: without it nothing can be shown. */
export function losePackets(bytes: Uint8Array, { loss, pattern, seed }: Omit<DamageRequest, 'concealBy'>) {
  const { header, packets } = splitFile(bytes);
  const count = packets.length;
  const lostPackets = Math.round(loss * count);
  const stream = random(seed);
  const start = stream.integer(Math.max(1, count));
  const order = pattern === 'random' ? stream.permutation(count) : packets.map((_, i) => (start + i) % count);
  const lost = new Set(order.slice(0, lostPackets));
  const kept = [header, ...packets.filter((_, i) => !lost.has(i))];
  const whole = new Uint8Array(kept.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of kept) {
    whole.set(part, at);
    at += part.length;
  }
  return { bytes: whole, packets: count, lostPackets };
}

/** The lost positions, to lie over the picture; undefined when all arrived. */
export async function drawLost({ codec, model }: Session, bytes: Uint8Array, size: Size) {
  const { lost, ...map } = await codec.decodeToIndices(bytes);
  const grid = gridOver(size, map, (await model()).network.scale);
  return lost && drawGrid(grid, size, (position) => [255, 106, 40, 170 * lost[position]!]);
}
