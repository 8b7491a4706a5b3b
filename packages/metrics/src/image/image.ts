/**
 * Images as metrics take them, and pairs of images that are read row by row, so that large ones need no copies.
 */
import type { AnyImage } from '@vqkit/images';
import { InputError } from '../errors.ts';
import { type ColorSpace, planesOf, type RowReader } from './color-space.ts';

/** What is compared. */
export interface PairOptions {
  /** Distance between black and white. Default 255 for 8-bit and 65535 for 16-bit data; floats need it. */
  readonly dataRange?: number;
  /** `'rgb'`: the channels as they are. `'y'`: BT.601 studio-range luma, not rounded. `'gray'`: MATLAB's rgb2gray. Default `'rgb'`. */
  readonly colorSpace?: ColorSpace;
  /** Pixels left out at each side (super-resolution papers: the scale). Default 0. */
  readonly cropBorder?: number;
}

/** One plane of two images. */
export interface PlanePair {
  readonly width: number;
  readonly height: number;
  /** Fills row `y` of both planes, from `offset` on. */
  readRow(y: number, a: Float64Array, b: Float64Array, offset: number): void;
}

/** @internal Two checked images, split into planes that are compared one by one. */
export interface ImagePair {
  readonly width: number;
  readonly height: number;
  readonly dataRange: number;
  readonly planes: readonly PlanePair[];
}

/**
 * Values per pixel that count: 1 or 3.
 *
 * @throws InputError `IMAGE_INVALID` when sizes and data do not fit.
 */
export function channelsOf(image: AnyImage): 1 | 3 {
  const { data, width, height } = image;
  const channels = data.length / (width * height);
  const isValid = [width, height].every((n) => Number.isInteger(n) && n > 0) && [1, 3, 4].includes(channels);
  if (isValid) return channels === 1 ? 1 : 3;
  throw new InputError({
    code: 'IMAGE_INVALID',
    message: `expected width·height·channels values with 1, 3 or 4 channels, got ${data.length} for ${width}×${height}`,
    fix: 'Pass { data, width, height } with interleaved gray, RGB or RGBA values',
  });
}

/** The range of an image's values. @throws InputError `VALUE_OUT_OF_RANGE` for floats without `dataRange`. */
export function dataRangeOf(metric: string, { data }: AnyImage, dataRange: number | undefined): number {
  const known = data instanceof Uint16Array ? 65535 : data instanceof Uint8Array || data instanceof Uint8ClampedArray;
  const range = dataRange ?? (known === true ? 255 : known || Number.NaN);
  if (range > 0 && Number.isFinite(range)) return range;
  throw new InputError({
    code: 'VALUE_OUT_OF_RANGE',
    message: `${metric}: expected a positive dataRange for floating-point images, got ${dataRange}`,
    fix: 'State the distance between black and white, e.g. { dataRange: 1 }',
  });
}

/** The range of both images, which is one. @throws InputError `RANGE_MISMATCH`, `VALUE_OUT_OF_RANGE` */
function rangeOfPair(metric: string, a: AnyImage, b: AnyImage, dataRange: number | undefined): number {
  const [range, other] = [dataRangeOf(metric, a, dataRange), dataRangeOf(metric, b, dataRange)];
  if (range === other) return range;
  throw new InputError({
    code: 'RANGE_MISMATCH',
    message: `${metric}: expected images of one data range, got 0 … ${range} and 0 … ${other}`,
    fix: 'Bring 16 bits to 8, e.g. Uint8Array.from(data, (value) => Math.round(value / 257))',
  });
}

/** @throws InputError `VALUE_OUT_OF_RANGE` for values that are not 8-bit, which would be cut off or wrap around. */
export function check8Bit(name: string, { data }: AnyImage): void {
  if (data instanceof Uint8Array || data instanceof Uint8ClampedArray) return;
  throw new InputError({
    code: 'VALUE_OUT_OF_RANGE',
    message: `${name}: expected 8-bit values, got a ${data.constructor.name}`,
    fix: 'Scale them to 0 … 255 and round: Uint8Array.from(data, …)',
  });
}

/** @throws InputError `NOT_FINITE` */
export function checkFinite(metric: string, values: ArrayLike<number>): void {
  if (values instanceof Uint8Array || values instanceof Uint8ClampedArray || values instanceof Uint16Array) return;
  for (let i = 0; i < values.length; i++) {
    if (Number.isFinite(values[i])) continue;
    throw new InputError({
      code: 'NOT_FINITE',
      message: `${metric}: expected finite values, got ${values[i]} at ${i}`,
      fix: 'Look for a division by zero or a diverged model before this',
    });
  }
}

/**
 * @internal Checks two images and makes their planes readable.
 *
 * @throws InputError `IMAGE_INVALID`, `SIZE_MISMATCH`, `CHANNELS_MISMATCH`, `RANGE_MISMATCH`, `NOT_FINITE`, `VALUE_OUT_OF_RANGE`, `IMAGE_TOO_SMALL`
 */
export function openPair(metric: string, a: AnyImage, b: AnyImage, options: PairOptions): ImagePair {
  const [channels, other] = [channelsOf(a), channelsOf(b)];
  if (a.width !== b.width || a.height !== b.height) {
    throw new InputError({
      code: 'SIZE_MISMATCH',
      message: `${metric}: expected images of one size, got ${a.width}×${a.height} and ${b.width}×${b.height}`,
      fix: 'Crop or resize one of them first',
    });
  }
  if (channels !== other) {
    throw new InputError({
      code: 'CHANNELS_MISMATCH',
      message: `${metric}: expected both images gray or both in colour, got ${channels} and ${other} channels`,
      fix: 'Repeat the gray channel three times, or compare the luma of both',
    });
  }
  checkFinite(metric, a.data);
  checkFinite(metric, b.data);
  const dataRange = rangeOfPair(metric, a, b, options.dataRange);
  const { cropBorder = 0, colorSpace = 'rgb' } = options;
  const [width, height] = [a.width - 2 * cropBorder, a.height - 2 * cropBorder];
  if (!Number.isInteger(cropBorder) || cropBorder < 0 || width < 1 || height < 1) {
    throw new InputError({
      code: 'IMAGE_TOO_SMALL',
      message: `${metric}: expected a whole border ≥ 0 that leaves something of ${a.width}×${a.height}, got ${cropBorder}`,
      fix: 'Crop less',
    });
  }
  const [planesA, planesB] = [a, b].map((image) => planesOf(image, colorSpace, dataRange)) as [
    RowReader[],
    RowReader[],
  ];
  const planes = planesA.map(
    (readA, i): PlanePair => ({
      width,
      height,
      readRow: (y, rowA, rowB, offset) => {
        readA(y + cropBorder, cropBorder, width, rowA, offset);
        planesB[i]!(y + cropBorder, cropBorder, width, rowB, offset);
      },
    }),
  );
  return { width, height, dataRange, planes };
}
