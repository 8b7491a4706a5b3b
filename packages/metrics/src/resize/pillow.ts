/**
 * Pillow's resizing, to the bit: antialiased, kernels cut at the border, columns before rows. 8-bit images are rounded
 * after each axis and their weights have 22 fractional bits, as in Pillow.
 *
 * @see python-pillow/Pillow: src/libImaging/Resample.c (the arithmetic)
 */
import { type AnyImage, alongAxis, axisWeights, type InputImage, type Interpolation } from '@vqkit/images';
import { channelsOf, check8Bit } from '../image/image.ts';

/** Target size and kernel. */
export interface PillowOptions {
  readonly width: number;
  readonly height: number;
  /** Default `'bilinear'`. */
  readonly interpolation?: Interpolation;
}

const fractionalBits = 22;

/**
 * Resizes an 8-bit image like `Image.resize`.
 *
 * @throws InputError `IMAGE_INVALID`, `VALUE_OUT_OF_RANGE` unless the values are 8-bit.
 */
export function resizePillow(image: AnyImage, options: PillowOptions): InputImage<Uint8Array> {
  check8Bit('resizePillow', image);
  const { width, height } = options;
  const round = (weight: number): number => Math.trunc(weight * 2 ** fractionalBits + (weight < 0 ? -0.5 : 0.5));
  const data = Uint8Array.from(image.data);
  return { data: twoPasses(image, data, options, round, (sums) => Uint8Array.from(sums, toByte)), width, height };
}

/** Fixed-point sum to a byte. */
function toByte(sum: number): number {
  return Math.min(Math.max(Math.floor((sum + 2 ** (fractionalBits - 1)) / 2 ** fractionalBits), 0), 255);
}

/** Resizes the channels as floating-point images (Pillow's mode F): float32, neither clipped nor rounded. */
export function resizePillowFloat(image: AnyImage, options: PillowOptions): Float32Array {
  const keep = (value: number): number => value;
  return twoPasses(image, Float32Array.from(image.data), options, keep, (sums) => Float32Array.from(sums));
}

/** The shorter side to 256 pixels, bilinear, where it is longer: the protocol of DISTS. */
export function resizeForDists(image: AnyImage): AnyImage {
  const shorter = Math.min(image.width, image.height);
  if (shorter <= 256) return image;
  const scaled = (n: number): number => (n === shorter ? 256 : Math.trunc((256 * n) / shorter));
  return resizePillow(image, { width: scaled(image.width), height: scaled(image.height) });
}

/** Columns, then rows. @param store  Sums of an axis as they are kept. */
function twoPasses<T extends Uint8Array | Float32Array>(
  image: AnyImage,
  data: T,
  { width, height, interpolation = 'bilinear' }: PillowOptions,
  toWeight: (weight: number) => number,
  store: (sums: Float64Array) => T,
): T {
  channelsOf(image);
  const channels = data.length / (image.width * image.height);
  const along = (source: T, outer: number, from: number, to: number, inner: number): T => {
    if (from === to) return source;
    const exact = axisWeights(from, to, { interpolation, border: 'cut', isAntialiased: true });
    return store(alongAxis(source, [outer, from, inner], { ...exact, weights: exact.weights.map(toWeight) }));
  };
  const narrowed = along(data, image.height, image.width, width, channels);
  return along(narrowed, 1, image.height, height, width * channels);
}
