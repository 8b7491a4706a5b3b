/** Drawing: what is wanted, and what was drawn. */
import { signal } from '@preact/signals';
import { proxy } from 'comlink';
import type { DrawRequest } from '../worker/draw.ts';
import type { ShownDrawing } from '../worker/engine.ts';
import { act, wish } from './actions.ts';
import { putPictures } from './pictures.ts';

/** What is set. */
export const drawRequest = signal<DrawRequest>({ count: 16, seed: 1, label: undefined });

/** What was drawn, and how many. */
export const drawing = signal<(Omit<ShownDrawing, 'sheet'> & DrawRequest & { readonly ms: number }) | undefined>();

/** Draws. */
export function draw(change: Partial<DrawRequest> = {}): Promise<void> {
  drawRequest.value = { ...drawRequest.value, ...change };
  return wish(() =>
    act('draw', async ({ engine, signal, report }) => {
      const request = drawRequest.value;
      report('Drawing', 0);
      const onShare = (share: number): void => report('Drawing', share);
      const { sheet, ...rest } = await engine.draw(request, proxy(onShare), signal);
      if (signal.aborted) return sheet.bitmap.close();
      putPictures({ drawn: sheet });
      drawing.value = { ...request, ...rest, ms: sheet.ms };
    }),
  );
}

/** Nothing was drawn yet. */
export function forgetDrawing(): void {
  drawing.value = undefined;
  drawRequest.value = { ...drawRequest.value, label: undefined };
  putPictures({ drawn: undefined });
}
