/** Which files of a folder are pictures: the one list of extensions. */
import { readdir, stat } from 'node:fs/promises';
import { extname, join } from 'node:path';

/** Extensions of the pictures that `readPicture` reads, in small letters. */
export const pictureExtensions: readonly string[] = [
  ...['png', 'jpg', 'jpeg', 'jpe', 'jfif', 'webp', 'avif', 'tif', 'tiff', 'gif', 'svg'],
  ...['bmp', 'ppm', 'pgm', 'pbm', 'pnm'],
];

/**
 * Paths of the pictures in a folder, sorted by name. Folders and hidden files (such as the `._a.jpg` of macOS) are none; a link that
 * leads nowhere is one, so that whoever reads it can say so.
 *
 * @throws what `readdir` throws when there is no such folder.
 */
export async function listPictures(folder: string): Promise<string[]> {
  const isNamed = (name: string): boolean =>
    !name.startsWith('.') && pictureExtensions.includes(extname(name).slice(1).toLowerCase());
  const paths = (await readdir(folder)).filter(isNamed).sort();
  const found = await Promise.all(
    paths.map(async (name) => {
      const path = join(folder, name);
      const isFile = await stat(path).then(
        (stats) => stats.isFile(),
        () => true,
      );
      return isFile ? [path] : [];
    }),
  );
  return found.flat();
}
