/** Files that are there whole or not at all, whatever happens while they are written. */
import { randomUUID } from 'node:crypto';
import { type FileHandle, mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { TrainingError } from '../errors.ts';

/**
 * Writes beside the place under a name of its own, then renames; what was there stays until then, and nothing is left
 * behind when it fails.
 *
 * @throws TrainingError `OUTPUT_UNWRITABLE`: a full disc, a missing permission.
 */
export async function writeWhole(path: string, bytes: Uint8Array | string): Promise<void> {
  const part = join(dirname(path), `.${basename(path)}.${randomUUID()}.part`);
  try {
    await mkdir(dirname(path), { recursive: true });
    await withFile(part, async (file) => {
      await file.writeFile(bytes);
      await file.sync(); // Renamed files whose content is still in memory are empty after a power cut.
    });
    await rename(part, path);
  } catch (cause) {
    await rm(part, { force: true }).catch(() => undefined);
    throw unwritable(path, cause);
  }
}

async function withFile(path: string, use: (file: FileHandle) => Promise<void>): Promise<void> {
  const file = await open(path, 'wx');
  try {
    await use(file);
  } finally {
    await file.close();
  }
}

/** Removes what writers that were killed left in a folder; only its one writer may do so. */
export async function removeParts(folder: string): Promise<void> {
  const left = (await readdir(folder)).filter((name) => name.startsWith('.') && name.endsWith('.part'));
  await Promise.all(left.map((name) => rm(join(folder, name), { force: true })));
}

/** The error of a file that cannot be written. */
export function unwritable(path: string, cause: unknown): TrainingError {
  return new TrainingError({
    code: 'OUTPUT_UNWRITABLE',
    message: `expected to write '${path}', got: ${cause instanceof Error ? cause.message : String(cause)}`,
    fix: 'Free space on the disc or check permissions; then resume from the last checkpoint',
    cause,
  });
}
