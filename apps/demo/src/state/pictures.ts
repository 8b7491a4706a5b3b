/** Pictures that can be shown, by what they are. A picture that is replaced gives its memory back. */
import { signal } from '@preact/signals';

/** What there may be a picture of. */
export type PictureName = 'original' | 'restored' | 'codes' | 'bits' | 'damaged' | 'lost' | 'learned' | 'drawn';

/** A bitmap with its size. */
export interface Picture {
  readonly bitmap: ImageBitmap;
  readonly width: number;
  readonly height: number;
}

/** The pictures there are. */
export const pictures = signal<Partial<Record<PictureName, Picture>>>({});

/** Puts pictures in the places of older ones; undefined takes one away. */
export function putPictures(changes: Partial<Record<PictureName, Picture | undefined>>): void {
  const old = Object.keys(changes).map((name) => pictures.value[name as PictureName]);
  pictures.value = { ...pictures.value, ...changes } as typeof pictures.value;
  for (const picture of old) picture?.bitmap.close();
}
