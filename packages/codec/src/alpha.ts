/** Alpha on its way into a file: exactly, coarsely, or not at all. */
import { encodeAlpha } from './bitstream/index.ts';
import { CodecError } from './errors.ts';

/** What becomes of an alpha channel. */
export type AlphaMode = 'keep' | 'lossy' | 'drop';

/** Steps of coarse alpha from nothing to full: steps of an eighth. */
const levels = 8;

/** Bits per pixel that coarse alpha may cost before its cells grow: about half of what colours cost. */
const lossyBpp = 0.015;

/**
 * Codes an alpha channel.
 *
 * @returns Its bytes; undefined where it is dropped, or became opaque everywhere.
 * @throws CodecError `OPTIONS_INVALID`
 */
export function codeAlpha(
  alpha: Uint8Array,
  {
    width,
    height,
    mode,
    scale,
  }: { readonly width: number; readonly height: number; readonly mode: AlphaMode; readonly scale: number },
): Uint8Array | undefined {
  if (mode === 'keep') return encodeAlpha(alpha, width, height);
  if (mode === 'drop') return undefined;
  if (mode === 'lossy') {
    const budget = Math.ceil((width * height * lossyBpp) / 8);
    for (const cell of [1, Math.ceil(scale / 4), scale]) {
      const coarse = coarseAlpha(alpha, width, height, cell);
      if (coarse.every((value) => value === 255)) return undefined;
      const bytes = encodeAlpha(coarse, width, height);
      if (bytes.length <= budget || cell === scale) return bytes;
    }
  }
  throw new CodecError({
    code: 'OPTIONS_INVALID',
    message: `expected alpha to be keep, lossy or drop, got ${String(mode)}`,
    fix: 'Choose one of them, or leave it out to keep alpha exactly',
  });
}

/** Alpha in a few levels, constant on cells of so many pixels. */
function coarseAlpha(alpha: Uint8Array, width: number, height: number, cell: number): Uint8Array {
  const coarse = new Uint8Array(alpha.length);
  for (let top = 0; top < height; top += cell) {
    for (let left = 0; left < width; left += cell) {
      const [right, bottom] = [Math.min(left + cell, width), Math.min(top + cell, height)];
      let sum = 0;
      for (let y = top; y < bottom; y++) for (let x = left; x < right; x++) sum += alpha[y * width + x]!;
      const mean = sum / ((right - left) * (bottom - top));
      const level = Math.round((Math.round((mean * levels) / 255) * 255) / levels);
      for (let y = top; y < bottom; y++) coarse.fill(level, y * width + left, y * width + right);
    }
  }
  return coarse;
}
