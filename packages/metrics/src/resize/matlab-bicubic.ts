/** MATLAB's `imresize` with its default bicubic kernel: how the low-resolution images of super-resolution papers are made. */
import { type AnyImage, type InputImage, resample } from '@vqkit/images';
import { channelsOf, check8Bit } from '../image/image.ts';

/** How `resizeMatlabBicubic` computes. */
export interface MatlabBicubicOptions {
  /**
   * `'float64'` as MATLAB; `'float32'` as its ports to PyTorch (BasicSR's `imresize`), on values in [0, 1]. About one value
   * in a hundred thousand lies so near to a half that the two round it differently. Default `'float64'`.
   */
  readonly precision?: 'float32' | 'float64';
}

/**
 * Bicubic resizing as MATLAB's `imresize` does it: a = −0.5, antialiased when shrinking, mirrored borders, rounded to 8 bits.
 *
 * @param image  8-bit gray or RGB; the alpha of RGBA is resized like the colours.
 * @throws InputError `IMAGE_INVALID`, `VALUE_OUT_OF_RANGE` unless the values are 8-bit.
 *
 * @example
 * const small = resizeMatlabBicubic(image, { width: image.width / 4, height: image.height / 4 });
 */
export function resizeMatlabBicubic(
  image: AnyImage,
  to: { readonly width: number; readonly height: number },
  { precision = 'float64' }: MatlabBicubicOptions = {},
): InputImage<Uint8Array> {
  channelsOf(image);
  check8Bit('resizeMatlabBicubic', image);
  const channels = image.data.length / (image.width * image.height);
  const { width, height } = to;
  const options = { interpolation: 'bicubic', border: 'mirror', isAntialiased: true, precision } as const;
  if (precision === 'float32') {
    const unit = Float32Array.from(image.data, (value) => value / 255);
    const values = resample(unit, { ...image, channels }, to, options);
    return { data: Uint8Array.from(values, (value) => toByte(Math.fround(value * 255))), width, height };
  }
  // MATLAB resamples the axis that shrinks more first; the order only matters to the last bit.
  const first = to.width / image.width < to.height / image.height ? 'columns' : 'rows';
  const values = resample(image.data, { ...image, channels }, to, { ...options, first });
  return { data: Uint8Array.from(values, toByte), width, height };
}

/** Clipped and rounded, halves to even as NumPy does: the golden values were made so. MATLAB itself rounds halves up. */
function toByte(value: number): number {
  const clipped = Math.min(Math.max(value, 0), 255);
  const rounded = Math.floor(clipped + 0.5);
  return rounded - clipped === 0.5 && rounded % 2 === 1 ? rounded - 1 : rounded;
}
