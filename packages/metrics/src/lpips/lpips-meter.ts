/**
 * LPIPS of whole images, ready to use: takes 8-bit or float images of any size, works tile by tile where they are large,
 * and sums in float64.
 */

import { type Backend, compile, disposeTree, eventLoopTurn, tidy, workPerTurn } from '@vqkit/core';
import { type AnyImage, cut, fromTensor, type InputImage, type Raster, type Tile, tilesOf } from '@vqkit/images';
import { InputError } from '../errors.ts';
import { type ImagePair, openPair } from '../image/image.ts';
import { pairTensors } from '../image/pair-tensors.ts';
import type { WeightsSource } from '../weights/source.ts';
import { type LoadLpipsOptions, loadLpips } from './load-lpips.ts';
import { type LpipsOptions, lpipsBackbones, lpipsMap, lpipsTapMaps } from './lpips.ts';

/** Which LPIPS, how its weights are read, and how large tiles are. */
export interface LpipsMeterOptions extends LpipsOptions, LoadLpipsOptions {
  /** Longest side of a tile's own area in pixels, at least 32. Default 768, for `vgg` 512. */
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
  map(a: AnyImage, b: AnyImage, options?: LpipsMeasureOptions): Promise<InputImage<Float32Array>>;
  /** Frees the weights and what was compiled; idempotent. */
  dispose(): void;
}

/** Pixels around a tile that its own features may depend on: more than any backbone's taps reach to one side. */
const margin = 128;
/** Tiles start where the networks place windows of the whole image too: at multiples of the largest stride. */
const align = 16;
/** What the networks take for black and white. */
const unitLpips = [-1, 1] as const;
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
  if (!(Number.isInteger(tileSize) && tileSize >= 2 * align)) {
    throw new InputError({
      code: 'VALUE_OUT_OF_RANGE',
      message: `createLpipsMeter: expected a whole tile size of at least ${2 * align}, got ${tileSize}`,
      fix: 'Larger tiles are faster; 768 fits most memories',
    });
  }
  const params = await loadLpips(backend, source, options);
  const tapMaps = compile(lpipsTapMaps({ backbone, version }), { cacheSize, workPerTurn });
  const fullMap = compile(lpipsMap({ backbone, version }), { cacheSize, workPerTurn });
  const { strides } = lpipsBackbones[backbone];
  const open = (a: AnyImage, b: AnyImage, { dataRange }: LpipsMeasureOptions): ImagePair =>
    openPair(`lpips-${backbone}`, a, b, { dataRange });
  return {
    id: `lpips-${backbone}${version === '0.0' ? '-v0.0' : ''}`,
    measure: async (a, b, measureOptions = {}) => {
      const { signal } = measureOptions;
      const pair = open(a, b, measureOptions);
      const sums = strides.map(() => ({ total: 0, count: 0 }));
      for (const tile of tilesOf(pair.height, pair.width, { window: tileSize + 2 * margin, halo: margin, align })) {
        await eventLoopTurn(signal);
        const maps = tidy(() => tapMaps(params, ...pairTensors(backend, pair, tile.window, unitLpips)));
        try {
          for (const [i, map] of maps.entries()) {
            const [raster] = await fromTensor<Float32Array>(map, { signal });
            const values = keptValues(raster!, tile, strides[i]!, pair);
            sums[i]!.total += values.reduce((sum, value) => sum + value, 0);
            sums[i]!.count += values.length;
          }
        } finally {
          disposeTree(maps);
        }
      }
      return sums.reduce((sum, { total, count }) => sum + total / count, 0);
    },
    map: async (a, b, measureOptions = {}) => {
      const { signal } = measureOptions;
      const pair = open(a, b, measureOptions);
      const whole = { left: 0, top: 0, width: pair.width, height: pair.height };
      const result = tidy(() => fullMap(params, ...pairTensors(backend, pair, whole, unitLpips)));
      try {
        return { data: (await result.data({ signal })) as Float32Array, width: a.width, height: a.height };
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

/** The values of a tap's map in the kept part of a tile; what the last windows leave over belongs to the last tiles. */
function keptValues(map: Raster<Float32Array>, { window, kept }: Tile, stride: number, pair: ImagePair): Float32Array {
  const [left, top] = [kept.left / stride, kept.top / stride];
  const isLast = window.left + window.width === pair.width;
  const isLowest = window.top + window.height === pair.height;
  const width = isLast ? map.width - left : kept.width / stride;
  const height = isLowest ? map.height - top : kept.height / stride;
  return cut(map, { left, top, width, height });
}
