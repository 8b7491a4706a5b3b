/** The golden cases of `metric-golden/golden.json`, as images. For tests and the calibration table only. */

import type { AnyImage, InputImage } from '@vqkit/images';
import sharp from 'sharp';
import { type MatlabBicubicOptions, resizeMatlabBicubic } from '../resize/matlab-bicubic.ts';
import { dataPath } from './data.ts';

/** A reference and what is compared with it. */
export interface GoldenPair {
  readonly reference: AnyImage;
  readonly degraded: AnyImage;
}

/** An image of the golden folder, without its ending. */
export async function goldenImage(name: string): Promise<InputImage<Uint8Array>> {
  const file = sharp(dataPath(`metric-golden/${name}.png`));
  const { channels } = await file.metadata(); // gray stays one channel
  const pixels = file.toColourspace(channels === 1 ? 'b-w' : 'srgb').raw();
  const { data, info } = await pixels.toBuffer({ resolveWithObject: true });
  return { data: new Uint8Array(data), width: info.width, height: info.height };
}

/** Cuts a rectangle out. */
function crop(
  { data, width, height }: AnyImage,
  left: number,
  top: number,
  newWidth: number,
  newHeight: number,
): AnyImage {
  const channels = data.length / (width * height);
  const rows = Array.from({ length: newHeight }, (_, y) => {
    const from = ((top + y) * width + left) * channels;
    return data.subarray(from, from + newWidth * channels);
  });
  return { data: Uint8Array.from(rows.flatMap((row) => [...row])), width: newWidth, height: newHeight };
}

/**
 * An image of BasicSR's test data and its ×4 enlargement from the low resolution beside it. BasicSR's own numbers are
 * of an enlargement in float32, which differs in three values of baboon by one; NumPy's are of one in float64.
 */
export async function basicsrPair(name: 'baboon' | 'comic', options: MatlabBicubicOptions = {}): Promise<GoldenPair> {
  const [reference, small] = [await goldenImage(`basicsr_${name}_gt`), await goldenImage(`basicsr_${name}_x4lr`)];
  return { reference, degraded: resizeMatlabBicubic(small, reference, options) };
}

/** A quarter of the size and back, both by MATLAB's bicubic. */
export function quarterAndBack(reference: AnyImage): GoldenPair & { readonly small: AnyImage } {
  const small = resizeMatlabBicubic(reference, { width: reference.width / 4, height: reference.height / 4 });
  return { reference, small, degraded: resizeMatlabBicubic(small, reference) };
}

/** The three scikit-image cases. */
export async function skimageReference(name: 'astronaut' | 'chelsea' | 'camera'): Promise<AnyImage> {
  const image = await goldenImage(`skimage_${name}`);
  if (name === 'astronaut') return crop(image, 128, 128, 256, 256);
  return name === 'chelsea' ? crop(image, 0, 0, 448, 296) : image;
}
