/** The images that a command is to work on. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { CliError, reasonOf } from '../errors.ts';

const imagePattern = /\.(png|jpe?g|webp|avif|tiff?|gif)$/i;

/** Images of a folder, by name; or the one file. @throws CliError `INPUT_UNREADABLE`, `FOLDER_EMPTY` */
export async function listImages(folder: string): Promise<string[]> {
  try {
    if ((await stat(folder)).isFile()) return [folder];
    const names = (await readdir(folder)).filter((name) => imagePattern.test(name)).sort();
    if (names.length > 0) return names.map((name) => join(folder, name));
  } catch (cause) {
    throw new CliError({
      code: 'INPUT_UNREADABLE',
      message: `expected a folder of images at '${folder}', got: ${reasonOf(cause)}`,
      fix: 'Check the path and its permissions',
      cause,
    });
  }
  throw new CliError({
    code: 'FOLDER_EMPTY',
    message: `expected images (png, jpg, webp, avif, tiff, gif) in '${folder}', got none`,
    fix: 'Check the path',
  });
}
