/** Gives the visitor a file. */
import { opened } from '../state/photo.ts';

/** Saves a file; its name is that of the photo, where one is open, with something behind it. */
export function save(blob: Blob, ending: string): void {
  const name = opened.value?.source.name.replace(/\.[^.]*$/, '') ?? 'vqkit';
  const link = Object.assign(document.createElement('a'), { href: URL.createObjectURL(blob), download: name + ending });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href));
}
