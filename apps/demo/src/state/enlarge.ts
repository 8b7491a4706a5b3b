/** Enlarging: what is wanted, and what is there of it. */
import { signal } from '@preact/signals';
import { proxy } from 'comlink';
import type { EnlargeWeights } from '../worker/brought.ts';
import type { EnlargedFile } from '../worker/engine.ts';
import type { Part } from '../worker/enlarge.ts';
import { act, wish } from './actions.ts';
import { file, opened } from './photo.ts';
import { pictures } from './pictures.ts';

/** What there is to be enlarged. */
export type Source = 'original' | 'restored';

/** How large: so many times, or a width. */
export type Growth = '2' | '3' | '4' | 'width';

/** What is set. */
export const wanted = signal<{
  readonly of: Source;
  readonly weights: EnlargeWeights;
  readonly growth: Growth;
  readonly width: number;
}>({
  of: 'original',
  weights: 'clean',
  growth: '4',
  width: 1920,
});

/** Parts that are there so far, and the file once it is whole. */
export interface Enlarged {
  readonly of: Source;
  readonly width: number;
  readonly height: number;
  readonly parts: readonly Part[];
  readonly file?: EnlargedFile;
}

/** What there is. */
export const enlarged = signal<Enlarged | undefined>();

/** What is enlarged: a `.vqk` file has no original. */
export function sourceName(): Source {
  return opened.value?.isPhoto ? wanted.value.of : 'restored';
}

/** How large the result will be. */
export function wantedSize(): { readonly width: number; readonly height: number } | undefined {
  const { [sourceName()]: source } = pictures.value;
  if (source === undefined) return undefined;
  const { growth, width } = wanted.value;
  const times = growth === 'width' ? width / source.width : Number(growth);
  const side = (length: number): number => Math.max(1, Math.round(length * times));
  return { width: side(source.width), height: side(source.height) };
}

/** Enlarges the picture. */
export function enlarge(): Promise<void> {
  return wish(() =>
    act('enlarge', async ({ engine, signal, report }) => {
      const { growth, width, weights } = wanted.value;
      const of = sourceName();
      forgetEnlarged();
      enlarged.value = { of, ...wantedSize()!, parts: [] };
      report('Fetching the weights', 0);
      await engine.readyToEnlarge(
        weights,
        proxy((share: number) => report('Fetching the weights', share)),
      );
      signal.throwIfAborted();
      report('Enlarging', 0);
      const onPart = async (part: Part): Promise<void> => {
        if (signal.aborted || enlarged.value === undefined) return part.bitmap.close();
        enlarged.value = { ...enlarged.value, parts: [...uncovered(enlarged.value.parts, part), part] };
      };
      const onShare = (share: number): void => report('Enlarging', share);
      const target = growth === 'width' ? { width } : { scale: Number(growth) };
      const restored = of === 'restored' ? file.value?.bytes : undefined;
      const made = await engine.enlarge({ restored, weights, ...target }, proxy(onPart), proxy(onShare), signal);
      if (!signal.aborted && enlarged.value) enlarged.value = { ...enlarged.value, file: made };
    }),
  );
}

/** Parts without those that rows of the file now lie over. */
function uncovered(parts: readonly Part[], { isFinal, top, height }: Part): Part[] {
  const isSeen = (old: Part): boolean => old.isFinal || !isFinal || old.top + old.height > top + height;
  for (const old of parts) if (!isSeen(old)) old.bitmap.close();
  return parts.filter(isSeen);
}

/** Nothing is enlarged yet. */
export function forgetEnlarged(): void {
  for (const { bitmap } of enlarged.value?.parts ?? []) bitmap.close();
  enlarged.value = undefined;
}
