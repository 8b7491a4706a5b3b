/** Enlarging: parts are shown as soon as they are there, then rows as they will be in the file. */
import type { InputImage } from '@vqkit/images';
import { toImageData } from '@vqkit/images/browser';
import type { TargetSize, UpscaledTile, Upscaler } from '@vqkit/sr';
import type { OnShare } from './session.ts';

/** What browsers hold as one canvas, phones among them. */
const [mostPixels, longestSide] = [40_000_000, 16_384];

/** A part of the result, in its pixels. */
export interface Part {
  readonly bitmap: ImageBitmap;
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  /** Rows of the file; else a first look, which rows will lie over. */
  readonly isFinal: boolean;
}

/** Who is told. */
export interface EnlargeCalls {
  readonly onPart: (part: Part) => Promise<void>;
  readonly onShare: OnShare;
  readonly signal: AbortSignal;
}

/**
 * Enlarges a picture.
 *
 * @returns A PNG file and its size.
 * @throws Error for results that no canvas holds; UpscalerError.
 */
export async function enlarge(
  upscaler: Upscaler,
  picture: InputImage,
  target: TargetSize,
  { onPart, onShare, signal }: EnlargeCalls,
): Promise<{ readonly png: Blob; readonly width: number; readonly height: number }> {
  const { width, height } = upscaler.sizeOf(picture, target);
  if (width * height > mostPixels || Math.max(width, height) > longestSide) {
    throw new Error(
      `expected a result of at most ${mostPixels / 1e6} megapixels, its sides at most ${longestSide} pixels, got ${width}×${height}. Enlarge less, or use vqkit upscale, which knows no such limit`,
    );
  }
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d')!;
  const [across, down] = [width, height].map(
    (side, i) => side / (upscaler.scale * [picture.width, picture.height][i]!),
  );
  // one after the other, so that rows come after the first look at them
  let sent: Promise<void> = Promise.resolve();
  const send = (image: InputImage, place: Omit<Part, 'bitmap'>): void => {
    sent = sent.then(async () => onPart({ bitmap: await createImageBitmap(toImageData(image)), ...place }));
    sent.catch(() => undefined);
  };
  const onTile = ({ image, left, top }: UpscaledTile): void => {
    const size = { width: image.width * across!, height: image.height * down! };
    send(image, { left: left * across!, top: top * down!, ...size, isFinal: false });
  };
  const onProgress = ({ done, total }: { done: number; total: number }): void => onShare(done / total);
  let top = 0;
  for await (const rows of upscaler.upscaleRows(picture, { ...target, signal, onProgress, onTile })) {
    context.putImageData(toImageData(rows), 0, top);
    send(rows, { left: 0, top, width, height: rows.height, isFinal: true });
    await sent;
    top += rows.height;
  }
  return { png: await canvas.convertToBlob(), width, height };
}
