/** Index maps: what a tokenizer makes of images. Planes as the entropy coder takes them, or positions as quantizers do. */
import type { Raster } from '@vqkit/images';
import { TokenizerError } from './errors.ts';

/** Indices on a grid of positions. */
export interface IndexMap {
  /** Grid in positions. */
  readonly width: number;
  readonly height: number;
  /** K of every plane: the slots of the quantizer. */
  readonly codebookSizes: readonly number[];
  /** One list per plane, `width · height` indices in raster order, each in `[0, K)`. */
  readonly planes: readonly Uint32Array[];
}

/** Takes planes `[from, from + sizes.length)` out of indices `[h, w, ΣS]`. */
export function planesOf(indices: Raster<Uint32Array>, codebookSizes: readonly number[], from: number): IndexMap {
  const { data, width, height, channels } = indices;
  const planes = codebookSizes.map((_, plane) =>
    Uint32Array.from({ length: width * height }, (_, i) => data[i * channels + from + plane]!),
  );
  return { width, height, codebookSizes, planes };
}

/** Indices of all planes position by position, `[h, w, S]`: as quantizers have them. */
export function positionsOf({ width, height, planes }: IndexMap): Raster<Uint32Array> {
  const channels = planes.length;
  const data = new Uint32Array(width * height * channels);
  planes.forEach((indices, plane) => {
    for (let i = 0; i < width * height; i++) data[i * channels + plane] = indices[i]!;
  });
  return { data, width, height, channels };
}

/**
 * Makes sure that an index map can be looked up.
 *
 * @throws TokenizerError `INDICES_INVALID`
 */
export function checkIndexMap({ width, height, codebookSizes, planes }: IndexMap): void {
  const bad = planes.findIndex(
    (indices, plane) =>
      indices.length !== width * height || indices.some((index) => !isBelow(index, codebookSizes[plane]!)),
  );
  if (planes.length === codebookSizes.length && planes.length > 0 && bad < 0) return;
  throw new TokenizerError({
    code: 'INDICES_INVALID',
    message: `expected ${codebookSizes.length} planes of ${width}×${height} indices below ${codebookSizes.join(', ')}, got ${planes.length} planes${bad < 0 ? '' : `, of which plane ${bad} does not fit`}`,
    fix: 'Pass an index map as encode returns it',
  });
}

function isBelow(index: number, size: number): boolean {
  return index >= 0 && index < size && Number.isInteger(index);
}
