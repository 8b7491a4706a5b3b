/**
 * LPIPS of whole images, ready to use: takes 8-bit or float images of any size, works tile by tile where they are large,
 * and sums in float64.
 */

import { type Backend, type Compiled, compile, disposeTree, type Tensor, tensor, tidy } from '@vqkit/core';
import type { AnyImage } from '@vqkit/images';
import { InputError } from '../errors.ts';
import { openPair } from '../image/image.ts';
import type { WeightsSource } from '../weights/source.ts';
import { type LoadLpipsOptions, loadLpips } from './load-lpips.ts';
import { type LpipsOptions, type LpipsParams, lpipsBackbones, lpipsMap, lpipsTapMaps } from './lpips.ts';

/** Which LPIPS, how its weights are read, and how large tiles are. */
export interface LpipsMeterOptions extends LpipsOptions, LoadLpipsOptions {
  /** Longest side of a tile's own area in pixels, a multiple of 16. Default 768, for `vgg` 512. */
  readonly tileSize?: number;
}

/** An image pair's options. */
export interface LpipsMeasureOptions {
  /** Distance between black (0) and white; needed for floats. */
  readonly dataRange?: number;
  readonly signal?: AbortSignal;
}

/** Measures LPIPS. Made by `createLpipsMeter`. */
export interface LpipsMeter {
  /** `lpips-alex`, `lpips-vgg` or `lpips-squeeze`, with `-v0.0` for the old version. */
  readonly id: string;
  /**
   * The distance of two images; gray ones count as RGB with equal channels.
   *
   * @throws InputError as `psnr`, and `IMAGE_TOO_SMALL`; the signal's reason when aborted.
   */
  measure(a: AnyImage, b: AnyImage, options?: LpipsMeasureOptions): Promise<number>;
  /** Where the images differ, one value per pixel; in one piece, so memory grows with the image. */
  map(a: AnyImage, b: AnyImage, options?: LpipsMeasureOptions): Promise<DistanceMap>;
  /** Frees the weights and what was compiled; idempotent. */
  dispose(): void;
}

/** Values per pixel. */
export interface DistanceMap {
  readonly data: Float32Array;
  readonly width: number;
  readonly height: number;
}

/** Pixels around a tile that its own features may depend on: more than any backbone's taps reach to one side. */
const margin = 128;
/** Sizes for which the network stays prepared, each with its working memory: portrait and landscape. */
const cacheSize = 2;

/**
 * Loads weights and prepares measuring.
 *
 * @param source  As `loadLpips`.
 * @throws WeightsError as `loadLpips`; InputError `VALUE_OUT_OF_RANGE` for a bad tile size.
 *
 * @example
 * const meter = await createLpipsMeter(backend, 'lpips_squeeze_v0.1.safetensors', { backbone: 'squeeze' });
 * await meter.measure(original, restored);
 */
export async function createLpipsMeter(
  backend: Backend,
  source: WeightsSource | undefined,
  options: LpipsMeterOptions,
): Promise<LpipsMeter> {
  const { backbone, version } = options;
  const { tileSize = backbone === 'vgg' ? 512 : 768 } = options;
  if (!(Number.isInteger(tileSize / 16) && tileSize > 0)) {
    throw new InputError({
      code: 'VALUE_OUT_OF_RANGE',
      message: `createLpipsMeter: expected a tile size that is a multiple of 16, got ${tileSize}`,
      fix: 'Tiles start where the networks would place a window of their own',
    });
  }
  const params = await loadLpips(backend, source, options);
  const tapMaps = compile(lpipsTapMaps({ backbone, version }), { cacheSize });
  const fullMap = compile(lpipsMap({ backbone, version }), { cacheSize });
  const toTensors = (a: AnyImage, b: AnyImage, { dataRange }: LpipsMeasureOptions): [Tensor, Tensor] => {
    const pair = openPair(`lpips-${backbone}`, a, b, { dataRange });
    return readTile(backend, pair, { left: 0, top: 0, right: pair.width, bottom: pair.height });
  };
  return {
    id: `lpips-${backbone}${version === '0.0' ? '-v0.0' : ''}`,
    measure: async (a, b, measureOptions = {}) => {
      const pair = openPair(`lpips-${backbone}`, a, b, { dataRange: measureOptions.dataRange });
      const { strides, minimumSize } = lpipsBackbones[backbone];
      return measureTiles({ backend, params, tapMaps, pair, strides, tileSize, minimumSize }, measureOptions.signal);
    },
    map: async (a, b, measureOptions = {}) => {
      const result = tidy(() => fullMap(params, ...toTensors(a, b, measureOptions)));
      try {
        return { data: (await result.data()) as Float32Array, width: a.width, height: a.height };
      } finally {
        result.dispose();
      }
    },
    dispose: () => {
      disposeTree(params);
      tapMaps.dispose();
      fullMap.dispose();
    },
  };
}

interface Area {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

interface Job {
  readonly backend: Backend;
  readonly params: LpipsParams;
  readonly tapMaps: Compiled<[LpipsParams, Tensor, Tensor], Tensor[]>;
  readonly pair: ReturnType<typeof openPair>;
  readonly strides: readonly number[];
  readonly tileSize: number;
  readonly minimumSize: number;
}

async function measureTiles(job: Job, signal: AbortSignal | undefined): Promise<number> {
  const { pair, strides, tileSize } = job;
  const sums = strides.map(() => ({ total: 0, count: 0 }));
  for (const rows of spansOf(pair.height, tileSize)) {
    for (const columns of spansOf(pair.width, tileSize)) {
      signal?.throwIfAborted();
      await addTile(job, rows, columns, sums);
    }
  }
  return sums.reduce((sum, { total, count }) => sum + total / count, 0);
}

/** A tile along one axis: its own pixels, and those that are read. */
interface Span {
  readonly start: number;
  readonly end: number;
  readonly from: number;
  readonly to: number;
}

/**
 * Cuts an axis into tiles. All read equally many pixels, so that the network is prepared once for all of them; they start
 * at multiples of 16, where the networks place windows of the whole image too, and the last one ends where the image does.
 */
function spansOf(length: number, tileSize: number): Span[] {
  const count = Math.ceil(length / tileSize);
  const own = Math.ceil(length / count / 16) * 16;
  const read = Math.min(length, own + 2 * margin + (length % 16));
  return Array.from({ length: count }, (_, i) => {
    const start = i * own;
    const from = Math.min(Math.max(start - margin, 0), length - read);
    return { start, end: Math.min(start + own, length), from, to: from + read };
  });
}

/** Measures a tile with its margin, and adds those values of each tap that lie in the tile itself. */
async function addTile(job: Job, rows: Span, columns: Span, sums: { total: number; count: number }[]): Promise<void> {
  const { pair, params, tapMaps, strides, backend } = job;
  const area: Area = { left: columns.from, top: rows.from, right: columns.to, bottom: rows.to };
  const maps = tidy(() => tapMaps(params, ...readTile(backend, pair, area)));
  try {
    for (const [i, map] of maps.entries()) {
      const values = await map.data();
      const [, height, width] = map.shape as [number, number, number, number];
      const stride = strides[i]!;
      const lastColumn = columns.end === pair.width ? width : (columns.end - columns.from) / stride;
      const lastRow = rows.end === pair.height ? height : (rows.end - rows.from) / stride;
      const sum = sums[i]!;
      for (let y = (rows.start - rows.from) / stride; y < lastRow; y++) {
        for (let x = (columns.start - columns.from) / stride; x < lastColumn; x++) {
          sum.total += values[y * width + x]!;
          sum.count++;
        }
      }
    }
  } finally {
    disposeTree(maps);
  }
}

/** A part of both images as `[1, H, W, 3]` in [−1, 1]. */
function readTile(backend: Backend, { planes, dataRange }: Job['pair'], area: Area): [Tensor, Tensor] {
  const [width, height] = [area.right - area.left, area.bottom - area.top];
  const [a, b] = [new Float32Array(width * height * 3), new Float32Array(width * height * 3)];
  const full = planes[0]!.width;
  const [rowA, rowB] = [new Float64Array(full), new Float64Array(full)];
  for (let k = 0; k < 3; k++) {
    const plane = planes[planes.length === 1 ? 0 : k]!;
    for (let y = 0; y < height; y++) {
      plane.readRow(area.top + y, rowA, rowB, 0);
      for (let x = 0; x < width; x++) {
        const at = (y * width + x) * 3 + k;
        a[at] = (2 * rowA[area.left + x]!) / dataRange - 1;
        b[at] = (2 * rowB[area.left + x]!) / dataRange - 1;
      }
    }
  }
  return [tensor(backend, a, [1, height, width, 3]), tensor(backend, b, [1, height, width, 3])];
}
