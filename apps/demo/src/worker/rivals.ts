/** What other codecs make of the same bytes. They cannot go as low at full size, so they may code a smaller picture, enlarged again. */
import { toImageData } from '@vqkit/images/browser';
import { msSsim, psnr } from '@vqkit/metrics';
import { type Picture, turn } from './session.ts';

/** The other codecs. */
export const rivalNames = ['avif', 'webp', 'jpeg'] as const;

/** One of them. */
export type RivalName = (typeof rivalNames)[number];

/** Numbers of its best picture within the bytes. */
export interface Rival {
  readonly name: RivalName;
  readonly bytes: number;
  /** The photo's side over that of the picture that was coded. */
  readonly reduction: number;
  readonly psnr: number;
  readonly msSsim: number | undefined;
}

type Encode = (pixels: ImageData, quality: number) => Promise<Blob>;

/** By the browser's own encoder. */
function byCanvas(type: string): Encode {
  return async (pixels, quality) => {
    const canvas = new OffscreenCanvas(pixels.width, pixels.height);
    canvas.getContext('2d')!.putImageData(pixels, 0, 0);
    return canvas.convertToBlob({ type, quality: quality / 100 });
  };
}

/** By the browser if it can, else by jSquash's WebAssembly, which is loaded then. */
async function avifEncoder(): Promise<Encode> {
  const own = byCanvas('image/avif');
  if ((await own(new ImageData(1, 1), 50)).type === 'image/avif') return own;
  const [{ default: factory }, { default: address }, { defaultOptions }] = await Promise.all([
    import('@jsquash/avif/codec/enc/avif_enc.js'),
    import('@jsquash/avif/codec/enc/avif_enc.wasm?url'),
    import('@jsquash/avif/meta.js'),
  ]);
  const codec = await factory({ locateFile: () => new URL(address, self.location.href).href });
  return async ({ data, width, height }, quality) => {
    const bytes = codec.encode(new Uint8Array(data.buffer), width, height, { ...defaultOptions, quality, speed: 8 });
    if (!bytes) throw new Error('AVIF: expected a file from the encoder, got nothing. Reload the page');
    return new Blob([bytes as BlobPart], { type: 'image/avif' });
  };
}

let avif: Promise<Encode> | undefined;

function encoderOf(name: RivalName): Promise<Encode> {
  if (name !== 'avif') return Promise.resolve(byCanvas(`image/${name}`));
  avif ??= avifEncoder();
  return avif;
}

/** How much smaller the picture may be coded. */
const reductions = [1, 2, 3, 4, 6, 8, 12, 16];

function resized(source: ImageBitmap, width: number, height: number): ImageData {
  const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true })!;
  context.imageSmoothingQuality = 'high';
  context.drawImage(source, 0, 0, width, height);
  return context.getImageData(0, 0, width, height);
}

/**
 * The best that a codec makes of a photo in at most so many bytes, by PSNR: at each size the highest quality that fits, until
 * smaller pictures are worse again.
 *
 * @returns undefined when even its smallest file is larger.
 */
export async function bestRival(
  name: RivalName,
  original: Picture,
  maxBytes: number,
  signal: AbortSignal,
): Promise<{ rival: Rival; picture: Picture } | undefined> {
  const encode = await encoderOf(name);
  const { width, height } = original;
  const source = await createImageBitmap(toImageData(original));
  let best: { rival: Rival; picture: Picture } | undefined;
  try {
    for (const reduction of reductions) {
      const side = (length: number): number => Math.max(1, Math.round(length / reduction));
      const file = await largestFile(encode, resized(source, side(width), side(height)), maxBytes, signal);
      if (!file) continue;
      const bitmap = await createImageBitmap(file);
      const { data } = resized(bitmap, width, height);
      bitmap.close();
      const picture: Picture = { data, width, height, channels: 4 };
      const score = psnr(original, picture);
      if (best && score <= best.rival.psnr) break;
      best = { rival: { name, bytes: file.size, reduction, psnr: score, msSsim: undefined }, picture };
    }
  } finally {
    source.close();
  }
  if (!best || Math.min(width, height) < 161) return best;
  return { ...best, rival: { ...best.rival, msSsim: msSsim(original, best.picture) } };
}

/** By bisection: a higher quality makes a larger file. */
async function largestFile(encode: Encode, pixels: ImageData, maxBytes: number, signal: AbortSignal) {
  let [low, high, quality] = [1, 95, 1];
  let best: Blob | undefined;
  while (low <= high) {
    await turn(signal);
    const file = await encode(pixels, quality);
    if (file.size <= maxBytes) [best, low] = [file, quality + 1];
    else high = quality - 1;
    quality = (low + high) >> 1;
  }
  return best;
}
