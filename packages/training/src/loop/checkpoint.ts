/** Checkpoints: one safetensors file with the whole training state, replaced atomically. */
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type Backend, disposeTree, restoreTree, saveTree } from '@vqkit/core';
import { TrainingError } from '../errors.ts';

/** What a checkpoint says besides the tensors. */
export interface CheckpointInfo {
  readonly recipe: string;
  /** Steps done. */
  readonly step: number;
  readonly seed: number;
}

/** Writes `tree` to `path`: first beside it, then renamed, so that a crash never leaves half a file. */
export async function writeCheckpoint(path: string, tree: unknown, info: CheckpointInfo): Promise<void> {
  const bytes = await saveTree(tree, {
    metadata: { recipe: info.recipe, step: String(info.step), seed: String(info.seed) },
  });
  await mkdir(dirname(path), { recursive: true });
  await writeFile(`${path}.part`, bytes);
  await rename(`${path}.part`, path);
}

/**
 * Reads a checkpoint back into a tree of the shape of `template`, whose own tensors are disposed.
 *
 * @returns undefined when there is no file.
 * @throws TrainingError `CHECKPOINT_MISMATCH` when it belongs to another model or is damaged.
 */
export async function readCheckpoint<S>(
  path: string,
  backend: Backend,
  template: S,
): Promise<{ state: S; info: CheckpointInfo } | undefined> {
  const bytes = await readFile(path).catch(() => undefined);
  if (bytes === undefined) return undefined;
  try {
    const { tree, metadata } = await restoreTree(backend, new Uint8Array(bytes), template);
    disposeTree(template);
    return {
      state: tree,
      info: { recipe: metadata.recipe ?? '', step: Number(metadata.step), seed: Number(metadata.seed) },
    };
  } catch (cause) {
    throw new TrainingError({
      code: 'CHECKPOINT_MISMATCH',
      message: `expected a checkpoint of this recipe at '${path}'`,
      fix: 'Resume with the options that the run was started with, or choose another --out folder',
      cause,
    });
  }
}
