/** Smaller planes for structural similarity: the box filters of its implementations, in steps of one row. */
import type { Steps } from '@vqkit/core';
import type { PlanePair } from '../image/image.ts';

/** @internal Planes held in memory. */
function arrayPair(a: Float64Array, b: Float64Array, width: number, height: number): PlanePair {
  return {
    width,
    height,
    readRow: (y, rowA, rowB, offset) => {
      rowA.set(a.subarray(y * width, (y + 1) * width), offset);
      rowB.set(b.subarray(y * width, (y + 1) * width), offset);
    },
  };
}

/** Boxes of `factor` pixels side by side, the first of which begins `before` pixels outside of the plane. */
interface Boxes {
  readonly factor: number;
  readonly before: readonly [column: number, row: number];
  readonly width: number;
  readonly height: number;
  /** What lies outside: the plane mirrored with its border pixels, or zeros that count. */
  readonly outside: 'mirror' | 'zero';
}

/**
 * @internal Wang's `ssim.m`: an f×f box over the image mirrored with its border pixels, then every f-th pixel from the
 * first. For odd factors this differs from average pooling.
 */
export function boxDownsample(pair: PlanePair, factor: number): Steps<PlanePair> {
  const before = Math.floor((factor - 1) / 2);
  const [width, height] = [Math.ceil(pair.width / factor), Math.ceil(pair.height / factor)];
  return downsample(pair, { factor, before: [before, before], width, height, outside: 'mirror' });
}

/** @internal 2×2 means as torchmetrics takes them: an odd last row or column is left out. */
export function halveFloor(pair: PlanePair): Steps<PlanePair> {
  const [width, height] = [pair.width >> 1, pair.height >> 1];
  return downsample(pair, { factor: 2, before: [0, 0], width, height, outside: 'zero' });
}

/** @internal 2×2 means as pytorch-msssim takes them: an odd axis gets a zero before and after, which count. */
export function halveZeroPadded(pair: PlanePair): Steps<PlanePair> {
  const before = [pair.width & 1, pair.height & 1] as const;
  const [width, height] = [(pair.width + 1) >> 1, (pair.height + 1) >> 1];
  return downsample(pair, { factor: 2, before, width, height, outside: 'zero' });
}

function* downsample(pair: PlanePair, { factor, before, width, height, outside }: Boxes): Steps<PlanePair> {
  const [a, b] = [new Float64Array(width * height), new Float64Array(width * height)];
  const [left, top] = before;
  const length = Math.max(width * factor, left + pair.width);
  const [rowA, rowB] = [new Float64Array(length), new Float64Array(length)];
  const mirrored = (i: number, n: number): number => (i < 0 ? -1 - i : i >= n ? 2 * n - 1 - i : i);
  for (let y = 0; y < height; y++) {
    for (let k = 0; k < factor; k++) {
      const row = y * factor - top + k;
      const source = outside === 'mirror' ? mirrored(row, pair.height) : row;
      if (source < 0 || source >= pair.height) continue;
      pair.readRow(source, rowA, rowB, left);
      if (outside === 'mirror') {
        for (const values of [rowA, rowB]) {
          for (let i = 0; i < left; i++) values[i] = values[left + mirrored(i - left, pair.width)]!;
          for (let i = left + pair.width; i < length; i++) values[i] = values[left + mirrored(i - left, pair.width)]!;
        }
      }
      addBoxes(rowA, a, y * width, width, factor);
      addBoxes(rowB, b, y * width, width, factor);
    }
    yield;
  }
  const scale = 1 / (factor * factor);
  for (let i = 0; i < a.length; i++) {
    a[i]! *= scale;
    b[i]! *= scale;
  }
  return arrayPair(a, b, width, height);
}

/** Adds sums of `factor` neighbours to `count` values of `target`. */
function addBoxes(row: Float64Array, target: Float64Array, at: number, count: number, factor: number): void {
  if (factor === 2) {
    for (let x = 0; x < count; x++) target[at + x]! += row[2 * x]! + row[2 * x + 1]!;
    return;
  }
  for (let x = 0, k = 0; x < count; x++) {
    let sum = 0;
    for (const end = k + factor; k < end; k++) sum += row[k]!;
    target[at + x]! += sum;
  }
}
