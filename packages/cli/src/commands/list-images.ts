/** The images that a command is to work on. */
import { stat } from 'node:fs/promises';
import { listPictures, pictureExtensions } from '@vqkit/images/node';
import { CliError, reasonOf } from '../errors.ts';
import { nameOfInput } from '../io/files.ts';

/** Images of a folder, by name, those whose name begins with a dot aside; or the one file. @throws CliError `INPUT_UNREADABLE`, `FOLDER_EMPTY` */
export async function listImages(folder: string): Promise<string[]> {
  try {
    if (!(await stat(folder)).isDirectory()) return [folder];
    const files = await listPictures(folder);
    if (files.length > 0) return files;
  } catch (cause) {
    throw new CliError({
      code: 'INPUT_UNREADABLE',
      message: `expected an image or a folder of images at ${nameOfInput(folder)}, got: ${reasonOf(cause)}`,
      fix: 'Check the path and its permissions',
      cause,
    });
  }
  throw new CliError({
    code: 'FOLDER_EMPTY',
    message: `expected images (${pictureExtensions.join(', ')}) in ${nameOfInput(folder)}, got none`,
    fix: 'Check the path',
  });
}
