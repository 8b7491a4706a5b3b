/** Weights packages as the command line names them. */
import { stat } from 'node:fs/promises';
import { isAbsolute, resolve, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { WeightsPackage } from '@vqkit/tokenizer';
import { openWeights } from '@vqkit/tokenizer/node';
import { CliError, reasonOf } from './errors.ts';

/**
 * Imports a weights package by its npm name, which is looked for beside the command, or a file whose path begins with `./`, `../` or a root. Nothing else is looked for
 * in the current folder: it may hold files from strangers.
 *
 * @throws CliError `WEIGHTS_UNUSABLE`
 */
export async function importWeights(name: string): Promise<WeightsPackage> {
  const isFile = isWeightsPath(name);
  try {
    if (!isFile && !packageName.test(name)) throw new Error('this is neither an npm name nor a path with ./ before it');
    const found = isFile ? await stat(resolve(name)).catch(() => undefined) : undefined;
    if (found?.isDirectory()) return await openWeights(resolve(name));
    if (found?.isFile() === false) throw new Error('a pipe or a device');
    const module = (await import(isFile ? pathToFileURL(resolve(name)).href : name)) as Partial<WeightsPackage>;
    if (module.manifest !== undefined && typeof module.load === 'function') return module as WeightsPackage;
    throw new Error('it does not export `manifest` and `load`');
  } catch (cause) {
    throw new CliError({
      code: 'WEIGHTS_UNUSABLE',
      message: `expected a weights package at '${name}', got: ${reasonOf(cause)}`,
      fix: isFile
        ? 'Name another file or folder'
        : `Install it where vqkit is, with npm install ${name} (and -g if vqkit was); put ./ before the path of a file or folder`,
      cause,
    });
  }
}

/** Whether an error of `importWeights` says that there is no such package at all; one that lacks a package of its own is there. */
export function isNotInstalled(error: unknown, name: string): boolean {
  const { code, message } = ((error as CliError).cause ?? {}) as { readonly code?: unknown; readonly message?: string };
  return code === 'ERR_MODULE_NOT_FOUND' && message?.includes(`'${name}'`) === true;
}

/** Whether a name of weights is a path, and none of a package. */
export function isWeightsPath(name: string): boolean {
  return isAbsolute(name) || ['./', '../', `.${sep}`, `..${sep}`].some((start) => name.startsWith(start));
}

/** An npm name, perhaps with a path inside the package. */
const packageName = /^(@[\w~-][\w.~-]*\/)?[\w~-][\w.~-]*(\/[\w~-][\w.~-]*)*$/;
