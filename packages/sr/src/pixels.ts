/** Images of any depth as the network takes them, and what it makes as images of that depth. */
import {
  checkImage,
  type InputImage,
  type IntegerSamples,
  type Raster,
  type RowSource,
  rowsOf,
  splitImage,
  spreadMirrored,
} from '@vqkit/images';
import type { Size } from './target-size.ts';

/** An image taken apart. */
export interface Pixels extends Size {
  /** f32 RGB in [−1, 1], of the padded size; what nobody sees is filled from around it. */
  readonly rgb: RowSource<Float32Array>;
  /** One sample a pixel, of the image's depth; undefined when the image is opaque. */
  readonly alpha: RowSource<IntegerSamples> | undefined;
  readonly isGrey: boolean;
  /** Largest sample: 255, or 65535 for 16 bits. */
  readonly top: number;
  /** Channels of the image, which the result has too. */
  readonly channels: number;
}

/**
 * @param padded  Size that colours are brought to, at the right and below, in a mirror.
 * @throws ImageError `IMAGE_INVALID`
 */
export function pixelsOf(image: InputImage, padded: (size: Size) => Size): Pixels {
  const channels = checkImage(image);
  const { data, width, height } = image;
  const split = splitImage(image);
  // Without alpha nothing holds these bytes.
  const filled = split.alpha && { data: split.rgb, width, height, channels: 3 };
  const size = padded(image);
  const top = topOf(data);
  const isMono = channels <= 2;
  const alpha = filled && samplesOf(top, width * height);
  if (alpha) for (let i = 0; i < alpha.length; i++) alpha[i] = data[(i + 1) * channels - 1]!;
  const read = async (from: number, rows: number): Promise<Raster<Float32Array>> => {
    const place = { left: 0, top: from, width: size.width, height: rows };
    const shown = spreadMirrored({ ...image, channels }, place).data;
    const hidden = filled && spreadMirrored(filled, place).data;
    const rgb = new Float32Array(size.width * rows * 3);
    for (let i = 0; i < rgb.length; i++) {
      const pixel = Math.floor(i / 3);
      const isHidden = hidden !== undefined && shown[(pixel + 1) * channels - 1] === 0;
      const value = isHidden ? hidden[i]! / 255 : shown[pixel * channels + (isMono ? 0 : i % 3)]! / top;
      rgb[i] = 2 * value - 1;
    }
    return { data: rgb, width: size.width, height: rows, channels: 3 };
  };
  return {
    width,
    height,
    rgb: { ...size, read },
    alpha: alpha && rowsOf({ data: alpha, width, height, channels: 1 }),
    isGrey: isMono || (split.isGrey && (top === 255 || isGreyExactly(data, channels))),
    top,
    channels,
  };
}

function isGreyExactly(data: IntegerSamples, channels: number): boolean {
  for (let i = 0; i < data.length; i += channels) {
    const isHidden = channels === 4 && data[i + 3] === 0;
    if (!isHidden && (data[i] !== data[i + 1] || data[i] !== data[i + 2])) return false;
  }
  return true;
}

/** The largest sample of an image's depth. */
export function topOf(data: InputImage['data']): number {
  return data instanceof Uint16Array ? 65535 : 255;
}

/** Samples of the image's depth, for rounding into. */
export function samplesOf(top: number, length: number): IntegerSamples {
  return top === 255 ? new Uint8ClampedArray(length) : new Uint16Array(length);
}

/** Colours in [−1, 1] as samples; grey images get their luma (BT.601) in all channels. */
export function toSamples(rgb: Float32Array, { top, isGrey }: Pick<Pixels, 'top' | 'isGrey'>): IntegerSamples {
  const samples = samplesOf(top, rgb.length);
  const sample = (value: number): number => Math.round(Math.min(Math.max((value + 1) / 2, 0), 1) * top);
  for (let i = 0; i < rgb.length; i += 3) {
    const [r, g, b] = [rgb[i]!, rgb[i + 1]!, rgb[i + 2]!];
    if (isGrey) samples.fill(sample(0.299 * r + 0.587 * g + 0.114 * b), i, i + 3);
    else for (let c = 0; c < 3; c++) samples[i + c] = sample(rgb[i + c]!);
  }
  return samples;
}

/** Colours and alpha together, with as many channels as the image had. */
export function joinPixels(
  rgb: Raster<IntegerSamples>,
  alpha: Raster<IntegerSamples> | undefined,
  { top, channels }: Pick<Pixels, 'top' | 'channels'>,
): Raster<IntegerSamples> {
  const { width, height } = rgb;
  if (channels === 3) return rgb;
  const data = samplesOf(top, width * height * channels);
  const colours = channels <= 2 ? 1 : 3;
  for (let i = 0; i < width * height; i++) {
    for (let c = 0; c < colours; c++) data[i * channels + c] = rgb.data[3 * i + c]!;
    if (channels % 2 === 0) data[(i + 1) * channels - 1] = alpha ? alpha.data[i]! : top;
  }
  return { data, width, height, channels };
}
