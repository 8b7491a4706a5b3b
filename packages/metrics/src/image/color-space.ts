/** Planes of an image: its channels, or one of brightness. */
import type { AnyImage } from '@vqkit/images';

/** What of the colours is compared. */
export type ColorSpace = 'rgb' | 'y' | 'gray';

/** Copies `width` values of row `y`, from column `x` on, to `target` at `offset`. */
export type RowReader = (y: number, x: number, width: number, target: Float64Array, offset: number) => void;

// BT.601 studio range, for R, G, B in 0 … 255: 16 + (65.481 R + 128.553 G + 24.966 B) / 255.
const lumaWeights = [65.481 / 255, 128.553 / 255, 24.966 / 255] as const;
/** MATLAB's rgb2gray: the first row of the inverse of NTSC's YIQ matrix. */
const grayWeights = [0.298936021293775, 0.587043074451121, 0.114020904255103] as const;

/** @internal One reader per plane. Gray images have one plane whatever the colour space. */
export function planesOf(image: AnyImage, colorSpace: ColorSpace, dataRange: number): RowReader[] {
  const step = image.data.length / (image.width * image.height);
  if (step === 1) return [channel(image, 1, 0)];
  if (colorSpace === 'rgb') return [0, 1, 2].map((k) => channel(image, step, k));
  if (colorSpace === 'y') return [weighted(image, step, lumaWeights, (16 / 255) * dataRange, false)];
  const isInteger = !(image.data instanceof Float32Array || image.data instanceof Float64Array);
  return [weighted(image, step, grayWeights, 0, isInteger)];
}

function channel({ data, width: stride }: AnyImage, step: number, k: number): RowReader {
  return (y, x, width, target, offset) => {
    for (let i = 0, from = (y * stride + x) * step + k; i < width; i++, from += step) target[offset + i] = data[from]!;
  };
}

function weighted(
  { data, width: stride }: AnyImage,
  step: number,
  [red, green, blue]: readonly [number, number, number],
  black: number,
  isRounded: boolean,
): RowReader {
  return (y, x, width, target, offset) => {
    for (let i = 0, from = (y * stride + x) * step; i < width; i++, from += step) {
      const value = black + red * data[from]! + green * data[from + 1]! + blue * data[from + 2]!;
      // values are not negative, so this rounds halves up
      target[offset + i] = isRounded ? (value + 0.5) | 0 : value;
    }
  };
}
