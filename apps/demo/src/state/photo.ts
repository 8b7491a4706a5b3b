/** The file that the visitor opened: a photo, or a `.vqk` file. */
import { signal } from '@preact/signals';
import type { AlphaMode, CodecProgress } from '@vqkit/codec';
import { proxy } from 'comlink';
import type { EncodedFile, EncodeRequest, Judged } from '../worker/engine.ts';
import { act, failures, type Work, wish } from './actions.ts';
import { carry } from './engine.ts';
import { pictures, putPictures } from './pictures.ts';

/** What is open. */
export interface OpenFile {
  readonly source: File;
  /** A `.vqk` file shows what was restored of a photo that nobody has here. */
  readonly isPhoto: boolean;
  readonly hasAlpha?: boolean;
}

/** Times of a picture, in milliseconds. */
export interface Times {
  readonly open?: number;
  readonly encode?: number;
  readonly decode?: number;
  readonly compare?: number;
}

/** What is to be forgotten with the photo, and with the file that was made of it. */
export const replaced: Record<'photo' | 'file', (() => void)[]> = { photo: [], file: [] };

function replace(what: 'photo' | 'file'): void {
  for (const forget of replaced[what]) forget();
}

/** What is open now. */
export const opened = signal<OpenFile | undefined>();

/** The `.vqk` file of the photo, or the one that was opened. */
export const file = signal<Omit<EncodedFile, 'ms'> | undefined>();

/** Quality of what was restored; undefined while it is measured, and without a photo. */
export const judged = signal<Judged | undefined>();

/** How long the steps took. */
export const times = signal<Times>({});

/** Milliseconds that a slider rests before it counts. */
const restMs = 150;

/** Units of the rate. */
export type RateUnit = 'bpp' | 'bytes';

/** How large the file may be. */
export const rate = signal<{ readonly unit: RateUnit; readonly value: number }>({ unit: 'bpp', value: 0.03 });

/** How transparency is coded, of photos that have it. */
export const alpha = signal<AlphaMode>('keep');

/** Efforts, from 0 on. */
const efforts = ['none', 'little', 'more', 'most'] as const;

/** One of them. */
export type Effort = (typeof efforts)[number];

/** How long to look for codes that restore the picture better; it takes the weights of LPIPS. */
export const effort = signal<Effort>('none');

/** The size limit as options of `encode`. */
function rateRequest(): EncodeRequest {
  const { unit, value } = rate.value;
  const limit = unit === 'bpp' ? { targetBpp: value } : { maxBytes: value };
  return { ...limit, alpha: alpha.value, effort: efforts.indexOf(effort.value) };
}

const isVqk = async (blob: Blob): Promise<boolean> => (await blob.slice(0, 3).text()) === 'vqk';

/** Opens a photo, which is compressed then, or a `.vqk` file. */
export async function openPicture(source: File): Promise<unknown> {
  const isPhoto = !/\.vqk$/i.test(source.name) && !(await isVqk(source));
  const isOpen = await act('photo', async (work) => {
    work.report('Opening');
    await (isPhoto ? openPhoto(source, work) : openVqk(source, work));
  });
  return isOpen && isPhoto && compress();
}

async function openPhoto(source: File, { engine, signal }: Work): Promise<void> {
  const shown = await engine.openPhoto(source);
  if (signal.aborted) return shown.bitmap.close();
  carry({ photo: source });
  forget();
  putPictures({ original: shown });
  times.value = { open: shown.ms };
  opened.value = { source, isPhoto: true, hasAlpha: shown.hasAlpha };
}

async function openVqk(source: File, work: Work): Promise<void> {
  const bytes = new Uint8Array(await source.arrayBuffer());
  const info = await work.engine.inspect(bytes);
  const restored = await work.engine.decode(bytes, work.signal, progressOf('Decoding', work));
  await work.engine.closePhoto();
  carry({ photo: undefined });
  forget();
  file.value = { bytes, info, isOver: false };
  putPictures({ restored });
  times.value = { decode: restored.ms };
  opened.value = { source, isPhoto: false };
}

/** Nothing of the last photo is shown with the next. */
function forget(): void {
  replace('photo');
  replace('file');
  [file.value, judged.value, failures.value] = [undefined, undefined, {}];
  const { drawn: _, ...ofThisPhoto } = pictures.value;
  putPictures(Object.fromEntries(Object.keys(ofThisPhoto).map((name) => [name, undefined])));
}

/** Does it again, on another place. */
export function again(): Promise<void> {
  const { isPhoto, source } = opened.value!;
  return wish(() => (isPhoto ? compress() : openPicture(source)));
}

let rested = 0;

/** Chooses how transparency is coded. */
export function setAlpha(mode: AlphaMode): void {
  alpha.value = mode;
  void wish(compress);
}

/** Chooses how long to look for better codes. */
export function setEffort(value: Effort): void {
  effort.value = value;
  void wish(compress);
}

/** Compresses once the rate has come to rest. */
export function compressSoon(): Promise<void> {
  const own = ++rested;
  return wish(async () => {
    await new Promise((done) => setTimeout(done, restMs));
    if (own === rested) await compress();
  });
}

/** Compresses the photo at the rate that is set, restores it and measures how good it is. */
export function compress(): Promise<boolean> {
  return act('compress', async (work) => {
    if (!opened.value?.isPhoto) return;
    await encodeAndShow(work, rateRequest());
  });
}

/** Tells the visitor how many tiles are done, where there are several, and how far the steps of effort are. */
function progressOf(label: string, { report }: Work) {
  report(label);
  return proxy(({ done, total }: CodecProgress) =>
    report(label, total > 1 || !Number.isInteger(done) ? done / total : undefined),
  );
}

async function encodeAndShow(work: Work, request: EncodeRequest): Promise<void> {
  const { engine, signal, report } = work;
  const made = await engine.encode(request, signal, progressOf('Encoding', work));
  signal.throwIfAborted();
  if (made.bytes.join() !== file.value?.bytes.join()) replace('file');
  file.value = made;
  judged.value = undefined;
  const restored = await engine.decode(made.bytes, signal, progressOf('Decoding', work));
  if (signal.aborted) return restored.bitmap.close();
  putPictures({ restored });
  times.value = { open: times.value.open, encode: made.ms, decode: restored.ms };
  report('Measuring');
  judged.value = await engine.compare(signal);
  times.value = { ...times.value, compare: judged.value?.ms };
}
