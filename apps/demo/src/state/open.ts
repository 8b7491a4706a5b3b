/** The door through which all files come: photos, `.vqk` files, and weights of every kind. */
import type { BroughtKind } from '../worker/brought.ts';
import { act, failures, wish } from './actions.ts';
import { setDamage } from './damage.ts';
import { forgetDrawing } from './draw.ts';
import { carry } from './engine.ts';
import { forgetEnlarged, wanted } from './enlarge.ts';
import { compress, opened, openPicture } from './photo.ts';
import { goTo } from './tabs.ts';
import { brought } from './weights.ts';

/** What follows when weights have come. */
const next: Readonly<Record<BroughtKind, () => unknown>> = {
  lpips: compress,
  enlarge: () => {
    forgetEnlarged();
    wanted.value = { ...wanted.value, weights: 'brought' };
    if (opened.value) goTo('enlarge');
  },
  draw: () => {
    forgetDrawing();
    goTo('draw');
  },
  conceal: () => {
    setDamage({ concealBy: 'transformer' });
    if (opened.value?.isPhoto) goTo('damage');
  },
};

/** Opens whatever was dropped, pasted or chosen. */
export function openFiles(given: Promise<readonly File[]> | readonly File[]): Promise<void> {
  return wish(async () => {
    const files = await given;
    if (files.some(({ name }) => name === 'manifest.json' || /\.(safetensors|pth|pt)$/i.test(name))) {
      await bring(files);
    } else if (files[0]) {
      await openPicture(files[0]);
    } else {
      failures.value = { ...failures.value, photo: 'expected a photo, a .vqk file or weights, got an empty folder' };
    }
  });
}

async function bring(files: readonly File[]): Promise<void> {
  let kind: BroughtKind | undefined;
  await act('photo', async ({ engine, signal, report }) => {
    report('Reading the weights');
    const facts = await engine.bring(files);
    signal.throwIfAborted();
    kind = facts.kind;
    carry({ weights: { [kind]: files } });
    brought.value = { ...brought.value, [kind]: facts };
  });
  if (kind) await next[kind]();
}

/**
 * The files of a drop or a paste, those of a dropped folder among them, without folders within. To be called while the event
 * is handled; undefined where nothing is a file.
 */
export function filesOf(data: DataTransfer | null): Promise<readonly File[]> | undefined {
  const items = [...(data?.items ?? [])].filter(({ kind }) => kind === 'file');
  if (items.length === 0) return undefined;
  const found = items.map((item) => {
    const entry = item.webkitGetAsEntry?.();
    return entry?.isDirectory ? filesWithin(entry as FileSystemDirectoryEntry) : [item.getAsFile()];
  });
  return Promise.all(found).then((all) => all.flat().filter((file) => file !== null));
}

async function filesWithin(folder: FileSystemDirectoryEntry): Promise<File[]> {
  const reader = folder.createReader();
  const entries: FileSystemEntry[] = [];
  // some at a time, until there are no more
  for (let some = 1; some > 0; ) {
    const more = await new Promise<FileSystemEntry[]>((done, fail) => reader.readEntries(done, fail));
    entries.push(...more);
    some = more.length;
  }
  const files = entries.filter((entry) => entry.isFile) as FileSystemFileEntry[];
  return Promise.all(files.map((entry) => new Promise<File>((done, fail) => entry.file(done, fail))));
}
