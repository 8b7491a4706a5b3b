/**
 * Windowed means of two planes, row by row. Four quantities are enough for structural similarity: x, y, x² + y² and xy.
 * Only as many filtered rows are kept as the window is high, so memory does not grow with the image's height.
 */
import type { Steps } from '@vqkit/core';
import type { PlanePair } from '../image/image.ts';
import { mirror, type SsimSetting, windowWeights } from './window.ts';

/** Local means of one row: four runs of `width` values, E[x], E[y], E[x² + y²] and E[xy]. */
export type RowOfMeans = (means: Float64Array, width: number, y: number) => void;

/** Filters `source` (length `width + size − 1`) along a row. */
type RowFilter = (source: Float64Array, target: Float64Array, offset: number, width: number) => void;

/** Combines the last `size` filtered rows, the newest of which is `newest`. */
type ColumnFilter = (rows: readonly Float64Array[], newest: number, target: Float64Array) => void;

/** Calls `onRow` for every row of windows, from the top; each is a step. */
export function* forEachRowOfMeans(pair: PlanePair, setting: SsimSetting, onRow: RowOfMeans): Steps<void> {
  const { size, border } = setting;
  const reach = border === 'reflect' ? (size - 1) / 2 : 0;
  const [fullWidth, fullHeight] = [pair.width + 2 * reach, pair.height + 2 * reach];
  const width = fullWidth - size + 1;
  const { alongRow, alongColumn } = setting.sigma === undefined ? uniform(size, 4 * width) : weighted(setting);
  const [x, y, squares, products] = Array.from({ length: 4 }, () => new Float64Array(fullWidth)) as [
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  const rows = Array.from({ length: size }, () => new Float64Array(4 * width));
  const means = new Float64Array(4 * width);
  for (let j = 0; j < fullHeight; j++) {
    pair.readRow(mirror(j - reach, pair.height), x, y, reach);
    for (let i = 1; i <= reach; i++) {
      const [left, right] = [reach + mirror(-i, pair.width), reach + mirror(pair.width - 1 + i, pair.width)];
      x[reach - i] = x[left]!;
      y[reach - i] = y[left]!;
      x[fullWidth - 1 - reach + i] = x[right]!;
      y[fullWidth - 1 - reach + i] = y[right]!;
    }
    for (let i = 0; i < fullWidth; i++) {
      const [p, q] = [x[i]!, y[i]!];
      squares[i] = p * p + q * q;
      products[i] = p * q;
    }
    const row = rows[j % size]!;
    alongRow(x, row, 0, width);
    alongRow(y, row, width, width);
    alongRow(squares, row, 2 * width, width);
    alongRow(products, row, 3 * width, width);
    alongColumn(rows, j, means);
    if (j >= size - 1) onRow(means, width, j - size + 1);
    yield;
  }
}

/** Running sums: the cost does not depend on the window's size. Exact for integers. */
function uniform(size: number, length: number): { alongRow: RowFilter; alongColumn: ColumnFilter } {
  const sums = new Float64Array(length);
  const previous = Array.from({ length: size }, () => new Float64Array(length));
  return {
    alongRow: (source, target, offset, width) => {
      let sum = 0;
      for (let k = 0; k < size - 1; k++) sum += source[k]!;
      for (let i = 0; i < width; i++) {
        sum += source[i + size - 1]!;
        target[offset + i] = sum;
        sum -= source[i]!;
      }
    },
    alongColumn: (rows, newest, target) => {
      const row = rows[newest % size]!;
      const leaving = previous[newest % size]!;
      const scale = 1 / (size * size);
      for (let i = 0; i < length; i++) {
        sums[i] = sums[i]! + row[i]! - leaving[i]!;
        target[i] = sums[i]! * scale;
      }
      leaving.set(row);
    },
  };
}

/** A symmetric window of 11 taps, written out: half of the multiplications, and no inner loop. */
function weighted(setting: SsimSetting): { alongRow: RowFilter; alongColumn: ColumnFilter } {
  const [w0, w1, w2, w3, w4, w5] = windowWeights(setting) as unknown as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  return {
    alongRow: (s, target, offset, width) => {
      for (let i = 0; i < width; i++) {
        target[offset + i] =
          w0 * (s[i]! + s[i + 10]!) +
          w1 * (s[i + 1]! + s[i + 9]!) +
          w2 * (s[i + 2]! + s[i + 8]!) +
          w3 * (s[i + 3]! + s[i + 7]!) +
          w4 * (s[i + 4]! + s[i + 6]!) +
          w5 * s[i + 5]!;
      }
    },
    alongColumn: (rows, newest, target) => {
      if (newest < 10) return;
      const [a, b, c, d, e, f, g, h, p, q, r] = Array.from({ length: 11 }, (_, k) => rows[(newest + 1 + k) % 11]!) as [
        Float64Array,
        Float64Array,
        Float64Array,
        Float64Array,
        Float64Array,
        Float64Array,
        Float64Array,
        Float64Array,
        Float64Array,
        Float64Array,
        Float64Array,
      ];
      for (let i = 0; i < target.length; i++) {
        target[i] =
          w0 * (a[i]! + r[i]!) +
          w1 * (b[i]! + q[i]!) +
          w2 * (c[i]! + p[i]!) +
          w3 * (d[i]! + h[i]!) +
          w4 * (e[i]! + g[i]!) +
          w5 * f[i]!;
      }
    },
  };
}
