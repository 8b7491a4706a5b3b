/** What is in the file: codes, bits, and the position that the visitor points at. */
import { signal } from '@preact/signals';
import type { Inside } from '../worker/inside.ts';
import { act, wish } from './actions.ts';
import { file } from './photo.ts';
import { putPictures } from './pictures.ts';

/** The file's codes; undefined until they were looked at. */
export const inside = signal<Inside | undefined>();

/** What lies over the photo. */
export const layer = signal<'codes' | 'bits'>('codes');

/** Number of the position that is pointed at. */
export const pointed = signal<number | undefined>();

/** Looks into the file, at one of its planes. */
export async function look(plane = 0): Promise<void> {
  const bytes = file.value?.bytes;
  if (bytes === undefined || inside.value?.plane === plane) return;
  await wish(() =>
    act('inside', async ({ engine, signal, report }) => {
      report('Looking inside');
      const { pictures, ...found } = await engine.inside(bytes, plane, signal);
      [inside.value, pointed.value] = [found, undefined];
      putPictures(pictures);
    }),
  );
}

/** Another file: nothing was looked at yet. */
export function forgetInside(): void {
  [inside.value, pointed.value] = [undefined, undefined];
}
