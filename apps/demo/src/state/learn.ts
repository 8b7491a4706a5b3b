/** The playground: what is learned, and how far it is. */
import { signal } from '@preact/signals';
import { proxy } from 'comlink';
import type { ShownFrame } from '../worker/engine.ts';
import type { LearnRequest } from '../worker/learn.ts';
import { act, wish } from './actions.ts';
import { type Picture, putPictures } from './pictures.ts';

/** What is set. */
export const request = signal<LearnRequest>({ kind: 'vq', bits: 6, steps: 200, seed: 1 });

/** The last moment, and the curve up to it. */
export const frame = signal<Omit<ShownFrame, 'learned'> | undefined>();
export const curve = signal<readonly { readonly step: number; readonly psnr: number }[]>([]);

/** Learns from the start. */
export function learnCodebook(): Promise<void> {
  return wish(() =>
    act('quantize', async ({ engine, signal, report }) => {
      const { steps } = request.value;
      forgetLearned();
      report('Learning', 0);
      const onFrame = ({ learned, ...rest }: ShownFrame): void => {
        const old: readonly Picture[] = frame.value?.shelves ?? [];
        if (signal.aborted) {
          for (const { bitmap } of [learned, ...rest.shelves]) bitmap.close();
          return;
        }
        frame.value = rest;
        curve.value = [...curve.value, { step: rest.step, psnr: rest.psnr }];
        putPictures({ learned });
        old.forEach(({ bitmap }) => bitmap.close());
        report('Learning', rest.step / steps);
      };
      await engine.learn(request.value, proxy(onFrame), signal);
    }),
  );
}

/** Nothing was learned yet. */
export function forgetLearned(): void {
  frame.value?.shelves.forEach(({ bitmap }) => bitmap.close());
  [frame.value, curve.value] = [undefined, []];
  putPictures({ learned: undefined });
}
