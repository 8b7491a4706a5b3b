/** The images that a command is to work on. */
import { readdir, stat } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { CliError, reasonOf } from '../errors.ts';
import { pictureExtensions } from '../io/file-kind.ts';

/** Images of a folder, by name, those whose name begins with a dot aside; or the one file. @throws CliError `INPUT_UNREADABLE`, `FOLDER_EMPTY` */
export async function listImages(folder: string): Promise<string[]> {
  try {
    if (!(await stat(folder)).isDirectory()) return [folder];
    const names = (await readdir(folder)).filter(isPictureName).sort();
    const paths = names.map((name) => join(folder, name));
    // Folders can have names of pictures; a link that leads nowhere is reported when it is read.
    const isFile = await Promise.all(
      paths.map((path) =>
        stat(path)
          .then((found) => found.isFile())
          .catch(() => true),
      ),
    );
    const files = paths.filter((_, i) => isFile[i]);
    if (files.length > 0) return files;
  } catch (cause) {
    throw new CliError({
      code: 'INPUT_UNREADABLE',
      message: `expected an image or a folder of images at '${folder}', got: ${reasonOf(cause)}`,
      fix: 'Check the path and its permissions',
      cause,
    });
  }
  throw new CliError({
    code: 'FOLDER_EMPTY',
    message: `expected images (${pictureExtensions.join(', ')}) in '${folder}', got none`,
    fix: 'Check the path',
  });
}

function isPictureName(name: string): boolean {
  const extension = extname(name).slice(1).toLowerCase();
  return !name.startsWith('.') && (pictureExtensions as readonly string[]).includes(extension);
}
