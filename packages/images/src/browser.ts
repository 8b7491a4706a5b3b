/**
 * `@vqkit/images/browser`: what browsers have of pictures, as plain images and back. Works in pages and in workers;
 * importing it touches nothing.
 */
import { ImageError } from './errors.ts';
import { type InputImage, joinImage, maxPixels, splitImage } from './image.ts';
import type { Raster } from './region.ts';

/** Pictures as browsers have them; a `File` is a `Blob`. */
export type BrowserImage =
  | ImageData
  | Blob
  | ImageBitmap
  | HTMLCanvasElement
  | OffscreenCanvas
  | HTMLImageElement
  | HTMLVideoElement
  | VideoFrame;

/**
 * The pixels of a picture: sRGB, RGBA, 8 bits. Files are decoded by the browser, upright. Canvases and bitmaps keep colours
 * multiplied by alpha, so colours of nearly transparent pixels come back rounded.
 *
 * @throws ImageError `IMAGE_UNREADABLE` for files that the browser cannot decode and for pictures without pixels, `IMAGE_TOO_LARGE`
 *   above 2²⁸ pixels.
 *
 * @example
 * const image = await fromBrowser(input.files[0]); // { data, width, height, channels: 4 }
 */
export async function fromBrowser(source: BrowserImage): Promise<Raster<Uint8ClampedArray<ArrayBuffer>>> {
  if (source instanceof ImageData) return rasterOf(source);
  if (!(source instanceof Blob)) return pixelsOf(source);
  const bitmap = await createImageBitmap(source, { premultiplyAlpha: 'none' }).catch((cause: unknown) => {
    throw new ImageError({
      code: 'IMAGE_UNREADABLE',
      message: `expected an image file that this browser decodes, got ${source.size} bytes of type '${source.type}': ${String(cause)}`,
      fix: 'Pass a PNG, JPEG, WebP or AVIF file',
      cause,
    });
  });
  try {
    return pixelsOf(bitmap);
  } finally {
    bitmap.close();
  }
}

/** RGBA pixels of any image, for `putImageData`; grey becomes three equal channels, 16 bits become 8. */
export function toImageData(image: InputImage): ImageData {
  const { rgb, alpha, width, height } = splitImage(image);
  const opaque = alpha ?? new Uint8Array(width * height).fill(255);
  const { data } = joinImage(rgb, { width, height, alpha: opaque, isGrey: false });
  return new ImageData(data as Uint8ClampedArray<ArrayBuffer>, width, height);
}

/** Draws an image on a canvas, which takes its size. @throws ImageError `CANVAS_TAKEN` when the canvas has another kind of context. */
export function drawOn(canvas: HTMLCanvasElement | OffscreenCanvas, image: InputImage): void {
  const pixels = toImageData(image);
  canvas.width = pixels.width;
  canvas.height = pixels.height;
  contextOf(canvas).putImageData(pixels, 0, 0);
}

/** An image as a file. @param options.type  Default `image/png`; a type that the browser cannot write becomes PNG. */
export function toBlob(
  image: InputImage,
  options: { readonly type?: string; readonly quality?: number } = {},
): Promise<Blob> {
  const canvas = new OffscreenCanvas(1, 1);
  drawOn(canvas, image);
  return canvas.convertToBlob(options);
}

type Drawable = Exclude<BrowserImage, ImageData | Blob>;

function pixelsOf(source: Drawable): Raster<Uint8ClampedArray<ArrayBuffer>> {
  // Each kind spells its size differently, and some have two: that on the page, and that of the picture.
  const any = (source ?? {}) as unknown as Record<string, number | undefined>;
  const width = any.displayWidth ?? any.videoWidth ?? any.naturalWidth ?? any.width ?? 0;
  const height = any.displayHeight ?? any.videoHeight ?? any.naturalHeight ?? any.height ?? 0;
  if (width < 1 || height < 1 || width * height > maxPixels) {
    throw new ImageError({
      code: width < 1 || height < 1 ? 'IMAGE_UNREADABLE' : 'IMAGE_TOO_LARGE',
      message: `expected a picture of 1 to ${maxPixels} pixels, got ${width}×${height}`,
      fix: 'Wait until it has loaded (img.decode()), and shrink larger ones first',
    });
  }
  const context = contextOf(new OffscreenCanvas(width, height));
  context.drawImage(source, 0, 0, width, height);
  return rasterOf(context.getImageData(0, 0, width, height));
}

function contextOf(
  canvas: HTMLCanvasElement | OffscreenCanvas,
): CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D {
  const context = canvas.getContext('2d', { willReadFrequently: true }) as CanvasRenderingContext2D | null;
  if (context) return context;
  throw new ImageError({
    code: 'CANVAS_TAKEN',
    message: "expected a canvas that gives a '2d' context, got one with another context",
    fix: 'Use a canvas of its own',
  });
}

function rasterOf({ data, width, height }: ImageData): Raster<Uint8ClampedArray<ArrayBuffer>> {
  return { data: Uint8ClampedArray.from(data), width, height, channels: 4 };
}
