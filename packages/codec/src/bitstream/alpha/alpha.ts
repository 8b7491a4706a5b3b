/**
 * Lossless coding of an alpha channel: one byte for a constant one, adaptive range coding for others.
 */
import { RangeDecoder, RangeEncoder } from '../entropy/range-coder.ts';
import { BitstreamError, checkInteger, limitOf } from '../errors.ts';
import { alphaStepsPerByte, bytesFor, checkWork, freeSteps, pad } from '../work.ts';
import { codeAlpha } from './alpha-model.ts';

/** First byte of coded alpha: what follows. */
const kinds = { constant: 0, coded: 1 } as const;

/**
 * Codes an alpha channel. A picture that is opaque everywhere needs none; leave it out of the file.
 *
 * @param alpha  `width · height` bytes in raster order, 255 is opaque.
 * @throws BitstreamError `VALUE_OUT_OF_RANGE` when the length does not fit.
 */
export function encodeAlpha(
  alpha: Uint8Array | Uint8ClampedArray,
  width: number,
  height: number,
): Uint8Array<ArrayBuffer> {
  checkInteger('Width', width, 1, 0xffffff);
  checkInteger('Height', height, 1, 0xffffff);
  checkInteger('Bytes of alpha', alpha.length, width * height, width * height);
  const first = alpha[0]!;
  if (alpha.every((value) => value === first))
    return first === 255 ? Uint8Array.of(kinds.constant) : Uint8Array.of(kinds.constant, first);
  const encoder = new RangeEncoder();
  let steps = 0;
  codeAlpha(encoder, Uint8Array.from(alpha), width, height, true, (more) => {
    steps += more;
  });
  const data = pad(encoder.finish(), bytesFor(steps, freeSteps, alphaStepsPerByte));
  const bytes = new Uint8Array(1 + data.length);
  bytes[0] = kinds.coded;
  bytes.set(data, 1);
  return bytes;
}

/** What decoding alpha may cost. */
export interface DecodeAlphaOptions {
  /**
   * Most steps of work, about a pixel each that is not copied from the row above; default 2²⁴ and 4096 per byte, which every
   * result of `encodeAlpha` keeps to. Infinity for trusted files of other encoders.
   */
  readonly maxWork?: number | undefined;
}

/**
 * Decodes an alpha channel.
 *
 * @param bytes  Coded alpha, from `readContainer`.
 * @param width  Width of the picture; checked against `maxPixels` by `readContainer`.
 * @returns `width · height` bytes in raster order.
 * @throws BitstreamError `PAYLOAD_INVALID` for data that no encoder writes; `LIMIT_EXCEEDED` when they ask for too much work.
 */
export function decodeAlpha(
  bytes: Uint8Array,
  width: number,
  height: number,
  options: DecodeAlphaOptions = {},
): Uint8Array {
  checkInteger('Width', width, 1, 0xffffff);
  checkInteger('Height', height, 1, 0xffffff);
  const data = bytes.subarray(1);
  const limit = limitOf('maxWork', options.maxWork, freeSteps + alphaStepsPerByte * data.length);
  if (bytes[0] === kinds.constant && data.length <= 1) return new Uint8Array(width * height).fill(data[0] ?? 255);
  // A row costs at least a decision of −log2(65535/65536) bits, 21 · 2⁻²⁰.
  if (bytes[0] !== kinds.coded || height * 21 > (data.length + 5) * 8 * 1048576) {
    throw new BitstreamError({
      code: 'PAYLOAD_INVALID',
      message: `${bytes.length} bytes are no alpha channel of ${width} × ${height} pixels`,
      fix: 'The file is damaged or hostile; get another copy',
    });
  }
  const alpha = new Uint8Array(width * height);
  let steps = 0;
  codeAlpha(new RangeDecoder(data), alpha, width, height, false, (more) => {
    steps += more;
    checkWork(steps, limit);
  });
  return alpha;
}
