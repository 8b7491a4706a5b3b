/** Pictures as bitmaps, which move to the page. */
import type { InputImage } from '@vqkit/images';
import { toImageData } from '@vqkit/images/browser';
import { transfer } from 'comlink';

/** A picture for the page to draw. */
export interface Shown {
  readonly bitmap: ImageBitmap;
  readonly width: number;
  readonly height: number;
  /** Milliseconds that it took. */
  readonly ms: number;
}

/** Makes one. */
export async function show(picture: InputImage, ms: number): Promise<Shown> {
  const bitmap = await createImageBitmap(toImageData(picture), { premultiplyAlpha: 'none' });
  return transfer({ bitmap, width: picture.width, height: picture.height, ms }, [bitmap]);
}
