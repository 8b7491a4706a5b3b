/** Smaller planes for structural similarity: the box filters of its implementations. */
import type { PlanePair } from '../image/image.ts';

/** @internal Planes held in memory. */
export function arrayPair(a: Float64Array, b: Float64Array, width: number, height: number): PlanePair {
  return {
    width,
    height,
    readRow: (y, rowA, rowB, offset) => {
      rowA.set(a.subarray(y * width, (y + 1) * width), offset);
      rowB.set(b.subarray(y * width, (y + 1) * width), offset);
    },
  };
}

/** Which source rows (or columns) one output pixel averages; undefined stands for a zero that counts. */
type Taps = (i: number) => readonly (number | undefined)[];

/**
 * @internal Wang's `ssim.m`: an f×f box over the image mirrored with its border pixels, then every f-th pixel from the
 * first. For odd sizes this differs from average pooling.
 */
export function boxDownsample(pair: PlanePair, factor: number): PlanePair {
  const before = Math.floor((factor - 1) / 2);
  const taps = (n: number): Taps => {
    const reflect = (i: number): number => (i < 0 ? -1 - i : i >= n ? 2 * n - 1 - i : i);
    return (i) => Array.from({ length: factor }, (_, k) => reflect(i * factor - before + k));
  };
  const sizeOf = (n: number): number => Math.ceil(n / factor);
  return downsample(pair, sizeOf(pair.width), sizeOf(pair.height), taps(pair.width), taps(pair.height));
}

/** @internal 2×2 means as torchmetrics takes them: an odd last row or column is left out. */
export function halveFloor(pair: PlanePair): PlanePair {
  const taps: Taps = (i) => [2 * i, 2 * i + 1];
  return downsample(pair, pair.width >> 1, pair.height >> 1, taps, taps);
}

/** @internal 2×2 means as pytorch-msssim takes them: an odd axis gets a zero before and after, which count. */
export function halveZeroPadded(pair: PlanePair): PlanePair {
  const taps = (n: number): Taps => {
    const odd = n & 1;
    const inside = (i: number): number | undefined => (i >= 0 && i < n ? i : undefined);
    return (i) => [inside(2 * i - odd), inside(2 * i + 1 - odd)];
  };
  return downsample(pair, (pair.width + 1) >> 1, (pair.height + 1) >> 1, taps(pair.width), taps(pair.height));
}

function downsample(pair: PlanePair, width: number, height: number, columns: Taps, rows: Taps): PlanePair {
  const [a, b] = [new Float64Array(width * height), new Float64Array(width * height)];
  const [rowA, rowB] = [new Float64Array(pair.width + 1), new Float64Array(pair.width + 1)];
  // The slot after the row stays 0 and serves the taps outside.
  const table = Array.from({ length: width }, (_, x) => columns(x).map((i) => i ?? pair.width));
  const taps = Int32Array.from(table.flat());
  const count = table[0]!.length;
  for (let y = 0; y < height; y++) {
    const sources = rows(y);
    const scale = 1 / (sources.length * count);
    for (const source of sources) {
      if (source === undefined) continue;
      pair.readRow(source, rowA, rowB, 0);
      for (let x = 0, k = 0; x < width; x++) {
        let [sumA, sumB] = [0, 0];
        for (const end = k + count; k < end; k++) {
          sumA += rowA[taps[k]!]!;
          sumB += rowB[taps[k]!]!;
        }
        a[y * width + x]! += sumA * scale;
        b[y * width + x]! += sumB * scale;
      }
    }
  }
  return arrayPair(a, b, width, height);
}
