/**
 * Pillow's resizing, to the bit: antialiased, kernels cut at the border, columns before rows. 8-bit images are rounded
 * after each axis and their weights have 22 fractional bits, as in Pillow.
 *
 * @see python-pillow/Pillow: src/libImaging/Resample.c (the arithmetic)
 */
import type { AnyImage, InputImage } from '@vqkit/images';
import { channelsOf, check8Bit } from '../image/image.ts';
import { type AxisWeights, axisWeights, type Interpolation } from './resample.ts';

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
  return { data: twoPasses(image, data, options, round, toByte, (n) => new Uint8Array(n)), width, height };
}

/** Fixed-point sum to a byte. */
function toByte(sum: number): number {
  return Math.min(Math.max(Math.floor((sum + 2 ** (fractionalBits - 1)) / 2 ** fractionalBits), 0), 255);
}

/** Resizes the channels as floating-point images (Pillow's mode F): float32, neither clipped nor rounded. */
export function resizePillowFloat(image: AnyImage, options: PillowOptions): Float32Array {
  const keep = (value: number): number => value;
  return twoPasses(image, Float32Array.from(image.data), options, keep, keep, (n) => new Float32Array(n));
}

/** The shorter side to 256 pixels, bilinear, where it is longer: the protocol of DISTS. */
export function resizeForDists(image: AnyImage): AnyImage {
  const shorter = Math.min(image.width, image.height);
  if (shorter <= 256) return image;
  const scaled = (n: number): number => (n === shorter ? 256 : Math.trunc((256 * n) / shorter));
  return resizePillow(image, { width: scaled(image.width), height: scaled(image.height) });
}

function twoPasses<T extends Uint8Array | Float32Array>(
  image: AnyImage,
  data: T,
  { width, height, interpolation = 'bilinear' }: PillowOptions,
  toWeight: (weight: number) => number,
  toValue: (sum: number) => number,
  allocate: (n: number) => T,
): T {
  channelsOf(image);
  const channels = data.length / (image.width * image.height);
  const axis = (from: number, to: number): AxisWeights => {
    const exact = axisWeights(from, to, { interpolation, border: 'cut', isAntialiased: true });
    return { ...exact, weights: exact.weights.map(toWeight) };
  };
  const along = (source: T, outer: number, from: number, to: number, inner: number): T =>
    from === to ? source : pass(source, outer, from, inner, axis(from, to), toValue, allocate(outer * to * inner));
  const narrowed = along(data, image.height, image.width, width, channels);
  return along(narrowed, 1, image.height, height, width * channels);
}

function pass<T extends Uint8Array | Float32Array>(
  source: T,
  outer: number,
  n: number,
  inner: number,
  { taps, indices, weights }: AxisWeights,
  toValue: (sum: number) => number,
  result: T,
): T {
  const to = indices.length / taps;
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < to; i++) {
      for (let c = 0; c < inner; c++) {
        let sum = 0;
        for (let k = i * taps; k < (i + 1) * taps; k++) {
          sum += weights[k]! * source[(o * n + indices[k]!) * inner + c]!;
        }
        result[(o * to + i) * inner + c] = toValue(sum);
      }
    }
  }
  return result;
}
