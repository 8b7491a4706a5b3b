/** Images at the edges: plain typed arrays, with however many channels and bits they come. */
import { ImageError } from './errors.ts';
import { fillHidden } from './hidden.ts';
import type { Raster, Samples } from './region.ts';

/** Samples of images that codecs take: 8 bits, or 16. */
export type IntegerSamples = Uint8Array | Uint8ClampedArray | Uint16Array;

/**
 * An image as row-major interleaved samples, rows from the top. The number of channels is `data.length / (width·height)`: 1 grey,
 * 2 grey and alpha, 3 RGB, 4 RGBA. A `Uint16Array` holds 16-bit samples, 0 … 65535; the range of floats is the reader's to state.
 */
export interface InputImage<T extends Samples = IntegerSamples> {
  readonly data: T;
  readonly width: number;
  readonly height: number;
}

/** An image with samples of any kind. */
export type AnyImage = InputImage<Samples>;

/** Colours and alpha apart, 8 bits. */
export interface SplitImage {
  readonly width: number;
  readonly height: number;
  /** RGB, 3 bytes a pixel; equal channels for grey images. */
  readonly rgb: Uint8Array;
  /** One byte a pixel; undefined when the image is opaque. */
  readonly alpha: Uint8Array | undefined;
  /** Whether every pixel is grey: the restored image is made grey too. */
  readonly isGrey: boolean;
}

/** The largest image, in pixels: 2²⁸, a square of 16,384. */
export const maxPixels = 2 ** 28;

/**
 * Makes sure that a value is an image, whatever the caller's types said.
 *
 * @returns Channels: 1 grey, 2 grey and alpha, 3 RGB, 4 RGBA.
 * @throws ImageError `IMAGE_INVALID`; the message says what came and what to pass.
 */
export function checkImage(image: unknown): number {
  const { data, width, height } = (image ?? {}) as Partial<InputImage>;
  const isData = data instanceof Uint8Array || data instanceof Uint8ClampedArray || data instanceof Uint16Array;
  const isSized =
    Number.isInteger(width) && Number.isInteger(height) && width! > 0 && height! > 0 && width! * height! <= maxPixels;
  const channels = isData && isSized ? data.length / (width! * height!) : 0;
  if ([1, 2, 3, 4].includes(channels)) return channels;
  throw new ImageError({
    code: 'IMAGE_INVALID',
    message: `expected { data, width, height } with 1 to 4 samples a pixel as Uint8Array, Uint8ClampedArray or Uint16Array, at least 1 pixel and at most ${maxPixels}, got ${describe(image)}`,
    fix: fixFor(image),
  });
}

function describe(image: unknown): string {
  if (typeof image !== 'object' || image === null) return image === null ? 'null' : `a ${typeof image}`;
  const kind = (value: unknown): string =>
    (value as { constructor?: { name?: string } } | undefined)?.constructor?.name ?? String(value);
  if (ArrayBuffer.isView(image) || !('data' in image)) return `a ${kind(image)}`;
  const { data, width, height } = image as Partial<InputImage>;
  return `${String(width)}×${String(height)} with ${data?.length ?? 'no'} samples in ${kind(data)}`;
}

function fixFor(image: unknown): string {
  const data = ArrayBuffer.isView(image) ? image : (image as { data?: unknown } | null)?.data;
  const start = data instanceof Uint8Array ? [...data.subarray(0, 4)].join() : '';
  // PNG, JPEG, GIF, RIFF (WebP).
  if (['137,80,78,71', '255,216,255', '71,73,70,56', '82,73,70,70'].some((magic) => start.startsWith(magic)))
    return 'These are the bytes of an image file: decode it to pixels first, e.g. with sharp or createImageBitmap';
  if (data instanceof Float32Array || data instanceof Float64Array)
    return 'Scale the samples to 0…255: Uint8ClampedArray.from(data, (value) => 255 * value)';
  if (data instanceof Int8Array) return 'Wrap the same bytes: new Uint8Array(data.buffer)';
  if (Array.isArray(data)) return 'Wrap the samples: Uint8Array.from(data)';
  return 'Pass { data, width, height } with data.length = width·height·channels';
}

/** The samples in 8 bits: 16-bit ones are rounded, v/257; others are a view. */
export function to8Bit({ data }: Pick<InputImage, 'data'>): Uint8Array {
  if (data instanceof Uint16Array) return Uint8Array.from(data, (value) => Math.round(value / 257));
  return new Uint8Array(data.buffer, data.byteOffset, data.length);
}

/**
 * Separates colours from alpha and reduces samples to 8 bits. Colours under alpha 0 are replaced by the visible ones
 * around them, so that what nobody sees changes nothing.
 *
 * @throws ImageError `IMAGE_INVALID`
 */
export function splitImage(image: InputImage): SplitImage {
  const channels = checkImage(image);
  const { width, height } = image;
  const data = to8Bit(image);
  const isMono = channels <= 2;
  const rgb = new Uint8Array(width * height * 3);
  const alpha = channels % 2 === 0 ? new Uint8Array(width * height) : undefined;
  let isOpaque = true;
  for (let i = 0; i < width * height; i++) {
    const from = i * channels;
    for (let c = 0; c < 3; c++) rgb[i * 3 + c] = data[isMono ? from : from + c]!;
    if (alpha === undefined) continue;
    alpha[i] = data[from + channels - 1]!;
    if (alpha[i] !== 255) isOpaque = false;
  }
  if (alpha) fillHidden(rgb, alpha, width, height);
  return { width, height, rgb, alpha: isOpaque ? undefined : alpha, isGrey: isMono || isGreyEverywhere(rgb) };
}

function isGreyEverywhere(rgb: Uint8Array): boolean {
  for (let i = 0; i < rgb.length; i += 3) if (rgb[i] !== rgb[i + 1] || rgb[i] !== rgb[i + 2]) return false;
  return true;
}

/** Puts restored colours and alpha together. @param rgb  3 bytes a pixel. */
export function joinImage(
  rgb: Uint8Array | Uint8ClampedArray,
  { width, height, alpha, isGrey }: Omit<SplitImage, 'rgb'>,
): Raster<Uint8ClampedArray<ArrayBuffer>> {
  const channels = alpha ? 4 : 3;
  const data = new Uint8ClampedArray(width * height * channels);
  for (let i = 0; i < width * height; i++) {
    const [r, g, b] = [rgb[i * 3]!, rgb[i * 3 + 1]!, rgb[i * 3 + 2]!];
    // Luma of BT.601, so that grey images come back grey.
    const luma = Math.round(0.299 * r + 0.587 * g + 0.114 * b);
    const to = i * channels;
    data[to] = isGrey ? luma : r;
    data[to + 1] = isGrey ? luma : g;
    data[to + 2] = isGrey ? luma : b;
    if (alpha) data[to + 3] = alpha[i]!;
  }
  return { data, width, height, channels };
}
