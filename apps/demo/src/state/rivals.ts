/** What other codecs make of as many bytes, when the visitor asks. */
import { signal } from '@preact/signals';
import { type Rival, type RivalName, rivalNames } from '../worker/rivals.ts';
import { act, wish } from './actions.ts';
import { file } from './photo.ts';
import type { Picture } from './pictures.ts';

/** A codec's best, or undefined where even its smallest file is larger. */
export interface Answer {
  readonly name: RivalName;
  readonly rival: Rival | undefined;
  readonly picture: Picture | undefined;
}

/** For how many bytes, and what there is so far. */
export const rivals = signal<{ readonly bytes: number; readonly answers: readonly Answer[] } | undefined>();

/** The codec whose picture stands beside ours, in the place of the original. */
export const beside = signal<RivalName | undefined>();

/** Puts the picture of a codec in the place of the original, or the original back. */
export function showBeside(name: RivalName | undefined): void {
  beside.value = name;
}

/** Forgets what was found for another file. */
export function forgetRivals(): void {
  for (const { picture } of rivals.value?.answers ?? []) picture?.bitmap.close();
  [rivals.value, beside.value] = [undefined, undefined];
}

/** Lets the others try. */
export function findRivals(): Promise<void> {
  return wish(() =>
    act('rivals', async ({ engine, signal, report }) => {
      const bytes = file.value!.bytes.length;
      forgetRivals();
      rivals.value = { bytes, answers: [] };
      for (const name of rivalNames) {
        report(`${name.toUpperCase()} at ${bytes} bytes`);
        const found = await engine.rival(name, bytes, signal);
        if (signal.aborted) return;
        const { shown, ...rival } = found ?? { shown: undefined };
        const answer: Answer = { name, rival: found && (rival as Rival), picture: shown };
        rivals.value = { bytes, answers: [...rivals.value!.answers, answer] };
      }
    }),
  );
}

/** As a picture of the stage. */
export function pictureBeside(): Picture | undefined {
  return rivals.value?.answers.find(({ name }) => name === beside.value)?.picture;
}
