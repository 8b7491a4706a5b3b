/**
 * LPIPS of whole images, ready to use: takes 8-bit or float images of any size, works tile by tile where they are large,
 * and sums in float64.
 */
import { type Backend, type Compiled, compile, disposeTree, type Tensor, tensor, tidy } from '@vqkit/core';
import { InputError } from '../errors.ts';
import { type MetricImage, openPair } from '../image/image.ts';
import type { WeightsSource } from '../weights/source.ts';
import { type LoadLpipsOptions, loadLpips } from './load-lpips.ts';
import { type LpipsOptions, type LpipsParams, lpipsBackbones, lpipsMap, lpipsTapMaps } from './lpips.ts';

/** Which LPIPS, how its weights are read, and how large tiles are. */
export interface LpipsMeterOptions extends LpipsOptions, LoadLpipsOptions {
  /** Side of a tile's own area in pixels, a multiple of 16. Default 1024, for `vgg` 512. */
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
  measure(a: MetricImage, b: MetricImage, options?: LpipsMeasureOptions): Promise<number>;
  /** Where the images differ, one value per pixel; in one piece, so memory grows with the image. */
  map(a: MetricImage, b: MetricImage, options?: LpipsMeasureOptions): Promise<DistanceMap>;
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
  const { tileSize = backbone === 'vgg' ? 512 : 1024 } = options;
  if (!(Number.isInteger(tileSize / 16) && tileSize > 0)) {
    throw new InputError({
      code: 'VALUE_OUT_OF_RANGE',
      message: `createLpipsMeter: expected a tile size that is a multiple of 16, got ${tileSize}`,
      fix: 'Tiles start where the networks would place a window of their own',
    });
  }
  const params = await loadLpips(backend, source, options);
  const tapMaps = compile(lpipsTapMaps({ backbone, version }));
  const fullMap = compile(lpipsMap({ backbone, version }));
  const toTensors = (a: MetricImage, b: MetricImage, { dataRange }: LpipsMeasureOptions): [Tensor, Tensor] => {
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
  for (const top of startsOf(pair.height, tileSize)) {
    for (const left of startsOf(pair.width, tileSize)) {
      signal?.throwIfAborted();
      await addTile(job, left, top, sums);
    }
  }
  return sums.reduce((sum, { total, count }) => sum + total / count, 0);
}

/** Where tiles start; a last piece under half a tile belongs to the one before. */
function startsOf(length: number, tileSize: number): number[] {
  const count = Math.max(1, Math.round(length / tileSize));
  return Array.from({ length: count }, (_, i) => i * tileSize);
}

/** Measures a tile with its margin, and adds those values of each tap that lie in the tile itself. */
async function addTile(job: Job, left: number, top: number, sums: { total: number; count: number }[]): Promise<void> {
  const { pair, tileSize, params, tapMaps, strides, backend } = job;
  const endOf = (start: number, length: number): number =>
    startsOf(length, tileSize).at(-1) === start ? length : start + tileSize;
  const [right, bottom] = [endOf(left, pair.width), endOf(top, pair.height)];
  const area: Area = {
    left: Math.max(left - margin, 0),
    top: Math.max(top - margin, 0),
    right: Math.min(right + margin, pair.width),
    bottom: Math.min(bottom + margin, pair.height),
  };
  const maps = tidy(() => tapMaps(params, ...readTile(backend, pair, area)));
  try {
    for (const [i, map] of maps.entries()) {
      const values = await map.data();
      const [, height, width] = map.shape as [number, number, number, number];
      const stride = strides[i]!;
      const lastColumn = right === pair.width ? width : (right - area.left) / stride;
      const lastRow = bottom === pair.height ? height : (bottom - area.top) / stride;
      const sum = sums[i]!;
      for (let y = (top - area.top) / stride; y < lastRow; y++) {
        for (let x = (left - area.left) / stride; x < lastColumn; x++) {
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
