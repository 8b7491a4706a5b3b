/** Which files a command makes of which: one of one, or a folder of many. */
import { mkdir, stat } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { CliError } from '../errors.ts';
import { standardStream } from '../io/files.ts';
import { listImages } from './list-images.ts';

/** Where an input goes. */
export interface Job {
  readonly input: string;
  readonly output: string;
}

/**
 * One file into a file, or into a folder that is there; several, or a folder, into a folder that is made if need be.
 *
 * @param extensionOf  Of what an input becomes in a folder, with its dot.
 * @throws CliError `USAGE`, `INPUT_UNREADABLE`, `FOLDER_EMPTY`
 */
export async function jobsOf(
  inputs: readonly string[],
  output: string,
  extensionOf: (input: string) => string,
): Promise<Job[]> {
  const kindOfPath = async (path: string): Promise<'folder' | 'other' | undefined> => {
    const found = path === standardStream ? undefined : await stat(path).catch(() => undefined);
    return found && (found.isDirectory() ? 'folder' : 'other');
  };
  const target = await kindOfPath(output);
  const isSingle = inputs.length === 1 && (await kindOfPath(inputs[0]!)) !== 'folder';
  if (isSingle && target !== 'folder') return [{ input: inputs[0]!, output }];
  if (!isSingle && (output === standardStream || target === 'other')) {
    throw new CliError({
      code: 'USAGE',
      message: `expected -o with a folder for several images, got '${output}'`,
      fix: 'Name a folder; it is made when it is not there',
    });
  }
  const lists = await Promise.all(inputs.map((input) => (input === standardStream ? [input] : listImages(input))));
  const files = [...new Set(lists.flat())];
  if (target === undefined) await mkdir(output, { recursive: true });
  const stem = (file: string): string => (file === standardStream ? 'stdin' : basename(file, extname(file)));
  return files.map((input) => {
    const isShared = files.some((other) => other !== input && stem(other) === stem(input));
    return { input, output: join(output, `${isShared ? basename(input) : stem(input)}${extensionOf(input)}`) };
  });
}
