/** One photo at as many bytes in two ways: coded whole, or coded at half its size and enlarged by super-resolution. */
import type { Codec } from '@vqkit/codec';
import type { IntegerSamples, Raster } from '@vqkit/images';
import { type LpipsMeter, resizeMatlabBicubic } from '@vqkit/metrics';
import type { Upscaler } from '@vqkit/sr';
import { type Scores, scoresOf } from '../harness/scores.ts';

/** How close a restored photo is, and in how many bytes. */
export interface CodedScores extends Scores {
  readonly bytes: number;
}

/** A photo, both ways; `bicubic` is the half-size photo enlarged without a network. */
export interface HalfSizeResult {
  readonly pixels: number;
  readonly superResolution: CodedScores;
  readonly bicubic: CodedScores;
  /** Undefined where the codec cannot code the whole photo in so few bytes. */
  readonly fullSize: CodedScores | undefined;
}

/** What both ways need. */
export interface HalfSizeTools {
  readonly codec: Codec;
  readonly upscaler: Upscaler;
  readonly meter: LpipsMeter;
}

/**
 * Compares both ways.
 *
 * @param photo  8-bit RGB.
 * @param codebookSize  Of the half-size photo; it says how many bytes the other may have.
 */
export async function compareHalfSize(
  photo: Raster,
  codebookSize: number,
  { codec, upscaler, meter }: HalfSizeTools,
): Promise<HalfSizeResult> {
  const { width, height } = photo;
  const size = { width, height };
  const score = async (restored: Raster<IntegerSamples>, { length }: Uint8Array): Promise<CodedScores> => {
    return { bytes: length, ...(await scoresOf(photo, restored, meter)) };
  };
  const half = resizeMatlabBicubic(photo, { width: Math.round(width / 2), height: Math.round(height / 2) });
  const bytes = await codec.encode(half, { codebookSize });
  const { image: small } = await codec.decode(bytes);
  const enlarged = await upscaler.upscale(small, size);
  const smooth = { ...resizeMatlabBicubic(small, size), channels: 3 };
  const whole = await codec.encode(photo, { maxBytes: bytes.length }).catch((error: unknown) => {
    if ((error as { code?: unknown }).code === 'RATE_TOO_LOW') return undefined;
    throw error;
  });
  return {
    pixels: width * height,
    superResolution: await score(enlarged, bytes),
    bicubic: await score(smooth, bytes),
    fullSize: whole && (await score((await codec.decode(whole)).image, whole)),
  };
}
