/** `@vqkit/tokenizer/node`: weights packages as folders. */
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readRegularFile } from '@vqkit/core';
import { TokenizerError } from './errors.ts';
import { manifestFile, type WeightsPackage } from './weights/manifest.ts';
import { parseManifest, type WeightsFiles } from './weights/pack.ts';

/**
 * Opens a folder that `writeWeights` made, or `vqkit train`.
 *
 * @throws TokenizerError `FOLDER_UNUSABLE` when there is no manifest, `MANIFEST_INVALID`; when a file is loaded that is not
 *   there, `FOLDER_UNUSABLE`.
 *
 * @example
 * const codec = await createCodec(await openWeights('./runs/digits'), { backend, quantizers: { looc } });
 */
export async function openWeights(folder: string): Promise<WeightsPackage> {
  const read = async (file: string, signal?: AbortSignal): Promise<Uint8Array> => {
    try {
      return await readRegularFile(join(folder, file), { signal });
    } catch (cause) {
      signal?.throwIfAborted();
      throw new TokenizerError({
        code: 'FOLDER_UNUSABLE',
        message: `expected the file '${file}' of a weights package in the folder '${folder}', got ${(cause as { code?: string }).code ?? (cause as Error).message}`,
        fix: 'Name a folder that vqkit train published',
        cause,
      });
    }
  };
  const manifest = parseManifest(await read(manifestFile), `the folder '${folder}'`);
  return { manifest, load: (file, { signal } = {}) => read(file, signal) };
}

/**
 * Writes the files of a package to a folder, each whole or not at all, the manifest last.
 *
 * @param files  From `packWeights`.
 */
export async function writeWeights(folder: string, files: WeightsFiles): Promise<void> {
  await mkdir(folder, { recursive: true });
  const names = Object.keys(files).sort((a, b) => Number(a === manifestFile) - Number(b === manifestFile));
  for (const name of names) {
    const part = join(folder, `.${name}.part`);
    await writeFile(part, files[name]!);
    await rename(part, join(folder, name));
  }
}
