/**
 * Images as the Inception network takes them. Published FIDs differ in how images are brought to 299×299; numbers of
 * different protocols are not comparable.
 */
import { type AnyImage, type ResampleOptions, resample } from '@vqkit/images';
import { channelsOf, checkFinite, dataRangeOf } from '../image/image.ts';
import { resizePillow, resizePillowFloat } from '../resize/pillow.ts';

/**
 * Whose resizing.
 * - `'pytorch-fid'`: bilinear, half-pixel centres, not antialiased, on floats; 2x − 1.
 * - `'tensorflow'`: bilinear, corner-anchored, not antialiased; (x − 128)/128. The first FID code and torch-fidelity.
 * - `'clean-fid'`: Pillow's bicubic on floats, antialiased, clipped; (x − 128)/128.
 * - `'cvq'`: Pillow's bilinear to 229×229 on 8 bits, then `'pytorch-fid'`. The evaluations of CVQ-VAE and LooC.
 */
export type FidProtocol = 'pytorch-fid' | 'tensorflow' | 'clean-fid' | 'cvq';

/** Height and width that the network takes. */
export const inceptionSize = 299;

const bilinear: ResampleOptions = { interpolation: 'bilinear', border: 'repeat', isAntialiased: false };

/**
 * Resizes and scales an image for `inceptionFeatures`; gray images are repeated to RGB.
 *
 * @returns f32 `[299, 299, 3]`, about −1 … 1.
 * @throws InputError `IMAGE_INVALID`, `NOT_FINITE`, `VALUE_OUT_OF_RANGE`
 */
export function prepareForInception(
  image: AnyImage,
  { protocol = 'pytorch-fid', dataRange }: { readonly protocol?: FidProtocol; readonly dataRange?: number } = {},
): Float32Array {
  const rgb = toRgb255(image, dataRange);
  const to = { width: inceptionSize, height: inceptionSize };
  if (protocol === 'clean-fid') {
    const resized = resizePillowFloat(rgb, { ...to, interpolation: 'bicubic' });
    return resized.map((value) => (Math.min(Math.max(value, 0), 255) - 128) / 128);
  }
  const source = protocol === 'cvq' ? resizePillow(round(rgb), { width: 229, height: 229 }) : rgb;
  const anchor = protocol === 'tensorflow' ? 'corner' : 'half-pixel';
  const values = resample(source.data, { ...source, channels: 3 }, to, { ...bilinear, anchor });
  return Float32Array.from(values, (value) => (protocol === 'tensorflow' ? (value - 128) / 128 : value / 127.5 - 1));
}

/** @internal RGB in 0 … 255, whatever the image had. @throws InputError `IMAGE_INVALID`, `NOT_FINITE`, `VALUE_OUT_OF_RANGE` */
export function toRgb255(image: AnyImage, dataRange: number | undefined): AnyImage {
  const channels = channelsOf(image);
  checkFinite('features', image.data);
  const scale = 255 / dataRangeOf('features', image, dataRange);
  const { data, width, height } = image;
  const step = data.length / (width * height);
  const values = new Float64Array(width * height * 3);
  for (let i = 0; i < values.length; i++) {
    const channel = channels === 1 ? 0 : i % 3;
    values[i] = data[Math.floor(i / 3) * step + channel]! * scale;
  }
  return { data: values, width, height };
}

function round({ data, width, height }: AnyImage): AnyImage {
  return { data: Uint8ClampedArray.from(data), width, height };
}
