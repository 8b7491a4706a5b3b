/** Images of any depth as the network takes them, and what it makes as images of that depth. */
import { checkImage, type InputImage, type IntegerSamples, type Raster, splitImage } from '@vqkit/images';

/** An image taken apart. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  /** f32 `[h, w, 3]` in [−1, 1]; what nobody sees is filled from around it. */
  readonly rgb: Raster<Float32Array>;
  /** f32 `[h, w, 1]` in [0, 1]; undefined when the image is opaque. */
  readonly alpha: Raster<Float32Array> | undefined;
  readonly isGrey: boolean;
  /** Largest sample: 255, or 65535 for 16 bits. */
  readonly top: number;
  /** Channels of the image, which the result has too. */
  readonly channels: number;
}

/** @throws ImageError `IMAGE_INVALID` */
export function pixelsOf(image: InputImage): Pixels {
  const channels = checkImage(image);
  const { data, width, height } = image;
  const { rgb: bytes, alpha: alphaBytes, isGrey } = splitImage(image);
  const top = data instanceof Uint16Array ? 65535 : 255;
  const isMono = channels <= 2;
  const rgb = new Float32Array(width * height * 3);
  const alpha = alphaBytes && new Float32Array(width * height);
  for (let i = 0; i < width * height; i++) {
    const opacity = alpha ? data[(i + 1) * channels - 1]! / top : 1;
    if (alpha) alpha[i] = opacity;
    for (let c = 0; c < 3; c++) {
      const shown = data[i * channels + (isMono ? 0 : c)]! / top;
      rgb[3 * i + c] = 2 * (opacity === 0 ? bytes[3 * i + c]! / 255 : shown) - 1;
    }
  }
  return {
    width,
    height,
    rgb: { data: rgb, width, height, channels: 3 },
    alpha: alpha && { data: alpha, width, height, channels: 1 },
    isGrey: isMono || (isGrey && (top === 255 || isGreyExactly(rgb))),
    top,
    channels,
  };
}

function isGreyExactly(rgb: Float32Array): boolean {
  for (let i = 0; i < rgb.length; i += 3) if (rgb[i] !== rgb[i + 1] || rgb[i] !== rgb[i + 2]) return false;
  return true;
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
