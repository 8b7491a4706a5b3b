/** Drawing new images with a generator, on one sheet. */
import { imageSheet } from '@vqkit/images';
import type { Drawn, Generator } from '@vqkit/tokenizer/generation';
import type { OnShare, Picture } from './session.ts';

/** What to draw. */
export interface DrawRequest {
  readonly count: number;
  readonly seed: number;
  /** Of all images; undefined for each class in turn. */
  readonly label: number | undefined;
}

/** What was drawn. */
export interface DrawnSheet {
  readonly sheet: Picture;
  /** Of one image, in pixels. */
  readonly width: number;
  readonly height: number;
  /** As `vqkit generate --json` says it; undefined where pages may not digest. */
  readonly indices: string | undefined;
}

/** Draws images, the same for the same seed as anywhere else. */
export async function drawSheet(
  generator: Generator,
  { count, seed, label }: DrawRequest,
  onShare: OnShare,
  signal: AbortSignal,
): Promise<DrawnSheet> {
  const onProgress = ({ done, total }: { done: number; total: number }): void => onShare(done / total);
  const drawn = await generator.draw(count, { seed, label, signal, onProgress });
  const sheet = imageSheet(drawn.map(({ image }) => image));
  const data = new Uint8ClampedArray(sheet.data.buffer);
  const { width, height } = drawn[0]!.image;
  return { sheet: { ...sheet, data }, width, height, indices: await digestOf(drawn) };
}

/** Sixteen digits of the SHA-256 of all indices. */
async function digestOf(drawn: readonly Drawn[]): Promise<string | undefined> {
  const planes = drawn.flatMap(({ map }) => map.planes as Uint32Array<ArrayBuffer>[]);
  const bytes = await new Blob(planes).arrayBuffer();
  const digest = await globalThis.crypto?.subtle?.digest('SHA-256', bytes);
  if (digest === undefined) return undefined;
  return Array.from(new Uint8Array(digest, 0, 8), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
