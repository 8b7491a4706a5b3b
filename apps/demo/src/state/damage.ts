/** Losing packets of the file that is shown, cut for it. */
import { signal } from '@preact/signals';
import type { FileInfo } from '@vqkit/codec';
import { proxy } from 'comlink';
import type { CutRequest, DamageRequest } from '../worker/damage.ts';
import { act, wish } from './actions.ts';
import { file, opened } from './photo.ts';
import { putPictures } from './pictures.ts';

/** How the file is cut, and how it is damaged. */
export interface DamageSettings extends CutRequest, DamageRequest {}

/** What became of it. */
export interface DamageResult {
  readonly info: FileInfo;
  readonly packets: number;
  readonly lostPackets: number;
  readonly lostShare: number;
  readonly quality: { readonly psnr: number; readonly ssim: number | undefined } | undefined;
}

/** What is set. */
export const settings = signal<DamageSettings>({
  packets: 16,
  parity: 0,
  loss: 0.2,
  pattern: 'random',
  seed: 1,
  concealBy: 'neighbours',
});

/** What was found last. */
export const damageResult = signal<DamageResult | undefined>();

/** Whether the lost positions are marked. */
export const isLostShown = signal(false);

let cut: (CutRequest & Record<'whole' | 'bytes', Uint8Array> & { readonly info: FileInfo }) | undefined;
let turns = 0;

/** Changes a setting; the damage follows once it rests. */
export function setDamage(change: Partial<DamageSettings>): void {
  settings.value = { ...settings.value, ...change };
  const own = ++turns;
  void wish(async () => {
    await new Promise((done) => setTimeout(done, 150));
    if (own === turns) await damage();
  });
}

/** Cuts the file into packets, loses some and restores what is left. */
export function damage(): Promise<void> {
  return wish(() =>
    act('damage', async ({ engine, signal, report }) => {
      if (!opened.value?.isPhoto || !file.value) return;
      const { packets, parity, ...request } = settings.value;
      // the indices of the file that is shown: packets and parity are on top of its size
      const { bytes: whole } = file.value;
      if (cut?.whole !== whole || cut.packets !== packets || cut.parity !== parity) {
        report('Cutting into packets');
        cut = { whole, packets, parity, ...(await engine.cut(whole, { packets, parity }, signal)) };
      }
      if (request.concealBy === 'transformer') {
        report('Fetching the weights', 0);
        await engine.readyToConceal(proxy((share: number) => report('Fetching the weights', share)));
        signal.throwIfAborted();
      }
      report('Losing packets');
      const { damaged, lost, ...numbers } = await engine.damage(cut.bytes, request, signal);
      putPictures({ damaged, lost });
      damageResult.value = { info: cut.info, ...numbers };
    }),
  );
}

/** Another photo: nothing is cut yet. */
export function forgetDamage(): void {
  [cut, damageResult.value] = [undefined, undefined];
}
