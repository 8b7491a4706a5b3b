/** Strokes that look a little like digits, for tests of training. */
import { writeFile } from 'node:fs/promises';
import { random } from '@vqkit/core';
import sharp from 'sharp';

const side = 28;

/** 28×28 pixels of a stroke. */
export function digit(seed: number): Uint8Array {
  const stream = random(seed);
  const points = Array.from({ length: 4 }, () => [6 + 16 * stream.next(), 4 + 20 * stream.next()] as const);
  return Uint8Array.from({ length: side * side }, (_, i) => {
    const distances = points.slice(1).map(([x1, y1], k) => {
      const [x0, y0] = points[k]!;
      const [dx, dy, px, py] = [x1 - x0, y1 - y0, (i % side) - x0, Math.floor(i / side) - y0];
      const t = Math.min(Math.max((px * dx + py * dy) / (dx * dx + dy * dy), 0), 1);
      return (px - t * dx) ** 2 + (py - t * dy) ** 2;
    });
    return 255 * Math.exp(-Math.min(...distances) / 4);
  });
}

/** Writes one as an image file. */
export async function writeDigit(path: string, seed: number): Promise<void> {
  await sharp(digit(seed), { raw: { width: side, height: side, channels: 1 } }).toFile(path);
}

/** Writes many as one file of MNIST's format. */
export async function writeDigits(path: string, count: number): Promise<void> {
  const idx = new Uint8Array(16 + count * side * side);
  const view = new DataView(idx.buffer);
  for (const [i, value] of [0x0803, count, side, side].entries()) view.setUint32(4 * i, value);
  for (let i = 0; i < count; i++) idx.set(digit(i), 16 + i * side * side);
  await writeFile(path, idx);
}
