/** How large a result is to be. */
import { numberProblem } from '@vqkit/core';
import { maxPixels } from '@vqkit/images';
import { UpscalerError } from './errors.ts';

/** How much larger the networks make images. */
export const modelScale = 4;

/** Largest scale that is accepted; beyond the networks' own the result is resampled. */
const largestScale = 16;

/** Width and height in pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** What the caller wants: a scale, or a width, a height or both. One of the two sides follows from the other. */
export interface TargetSize {
  /** Times as large along each axis, above 0, at most 16. Default 4. */
  readonly scale?: number;
  /** Pixels. */
  readonly width?: number;
  readonly height?: number;
}

/** The size of the result. @throws UpscalerError `OPTIONS_INVALID` */
export function targetSize(image: Size, { scale, width, height }: TargetSize): Size {
  const hasSide = width !== undefined || height !== undefined;
  if (scale !== undefined && hasSide) refuse('scale, or width and height', 'both', 'Leave one of them out');
  const problem =
    numberProblem('scale', scale, { min: Number.MIN_VALUE, max: largestScale, isWhole: false }) ??
    numberProblem('width', width, { min: 1, max: maxPixels }) ??
    numberProblem('height', height, { min: 1, max: maxPixels });
  if (problem) throw new UpscalerError({ code: 'OPTIONS_INVALID', ...problem });
  const times = scale ?? (width ? width / image.width : height ? height / image.height : modelScale);
  const side = (length: number): number => Math.max(Math.round(length * times), 1);
  const target = { width: width ?? side(image.width), height: height ?? side(image.height) };
  const grows = Math.max(target.width / image.width, target.height / image.height);
  if (hasSide && grows > largestScale) {
    refuse(`a size at most ${largestScale} times as large`, `${target.width}×${target.height}`, 'Ask for less');
  }
  const pixels = Math.max(target.width * target.height, image.width * image.height * modelScale ** 2);
  if (pixels > maxPixels) {
    refuse(
      `a result of at most ${maxPixels} pixels, also at ×${modelScale}`,
      `${pixels} for ${image.width}×${image.height}`,
      'Cut the image into parts and enlarge them one by one',
    );
  }
  return target;
}

function refuse(expected: string, got: string, fix: string): never {
  throw new UpscalerError({ code: 'OPTIONS_INVALID', message: `expected ${expected}, got ${got}`, fix });
}
