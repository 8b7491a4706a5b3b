/** PBM, PGM and PPM, plain and raw, 1 to 16 bits: a header of numbers before the samples. @see netpbm.sourceforge.net/doc/ppm.html */
import type { Raster } from '../region.ts';

/**
 * Reads the first picture of a Netpbm file.
 *
 * @returns 8 bits where the largest value is at most 255, else 16; scaled to the whole range.
 * @throws Error for damaged files; the caller says where they came from.
 */
export function readNetpbm(bytes: Uint8Array, maxPixels: number): Raster<Uint8Array | Uint16Array> {
  const type = bytes[1]! - 48;
  const isPlain = type <= 3;
  const isBitmap = type === 1 || type === 4;
  const channels = type % 3 === 0 ? 3 : 1;
  const at = { offset: 2 };
  const [width, height] = [readNumber(bytes, at), readNumber(bytes, at)];
  const max = isBitmap ? 1 : readNumber(bytes, at);
  if (!(width > 0 && height > 0 && max > 0 && max < 65536)) throw new Error('the header is damaged');
  if (width * height > maxPixels) throw new Error(`${width}×${height} pixels are too many`);
  at.offset += 1; // one white space ends the header
  const count = width * height * channels;
  const rowBytes = isBitmap ? Math.ceil(width / 8) : width * channels * (max > 255 ? 2 : 1);
  if (bytes.length - at.offset < (isPlain ? count : rowBytes * height)) throw new Error('the file is cut off');
  const whole = max > 255 ? 65535 : 255;
  const data = max > 255 ? new Uint16Array(count) : new Uint8Array(count);
  const raw = (i: number): number => {
    if (max > 255) return bytes[at.offset + 2 * i]! * 256 + bytes[at.offset + 2 * i + 1]!;
    if (!isBitmap) return bytes[at.offset + i]!;
    const x = i % width;
    return (bytes[at.offset + Math.floor(i / width) * rowBytes + (x >> 3)]! >> (7 - (x & 7))) & 1;
  };
  for (let i = 0; i < count; i++) {
    const value = !isPlain ? raw(i) : isBitmap ? readDigit(bytes, at) : readNumber(bytes, at);
    if (!(value <= max)) throw new Error('a sample is missing or above the largest value');
    data[i] = Math.round(((isBitmap ? 1 - value : value) * whole) / max);
  }
  return { data, width, height, channels };
}

/** The offset of what follows white space and comments. */
function skipSpace(bytes: Uint8Array, at: { offset: number }): void {
  for (; at.offset < bytes.length; at.offset++) {
    const byte = bytes[at.offset]!;
    if (byte === 35) while (at.offset + 1 < bytes.length && bytes[at.offset + 1] !== 10) at.offset++;
    else if (byte !== 32 && !(byte >= 9 && byte <= 13)) return;
  }
}

function readDigit(bytes: Uint8Array, at: { offset: number }): number {
  skipSpace(bytes, at);
  const digit = (bytes[at.offset++] ?? 0) - 48;
  return digit >= 0 && digit <= 9 ? digit : Number.NaN;
}

function readNumber(bytes: Uint8Array, at: { offset: number }): number {
  let value = readDigit(bytes, at);
  for (; bytes[at.offset]! >= 48 && bytes[at.offset]! <= 57 && value < 1e9; at.offset++)
    value = value * 10 + bytes[at.offset]! - 48;
  return value;
}
