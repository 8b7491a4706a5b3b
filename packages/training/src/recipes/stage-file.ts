/** Files that the stages of a training hand on: safetensors, with how they were made in the metadata. */
import { type Backend, disposeTree, loadTree, openSafetensors, readRegularFile, restoreTree } from '@vqkit/core';
import { reasonOf } from '../data/photos.ts';
import { TrainingError } from '../errors.ts';

/**
 * Reads how a file was made.
 *
 * @param stage  Name of the recipe that published it.
 * @param read  Facts from names of tensors and metadata; what it throws says that this is another file.
 * @throws TrainingError `DATA_MISSING` when it cannot be read or is another one.
 */
export async function readStageInfo<T>(
  path: string,
  stage: string,
  read: (file: { readonly names: readonly string[]; readonly metadata: Readonly<Record<string, string>> }) => T,
): Promise<T> {
  try {
    return read(await openSafetensors(await readRegularFile(path)));
  } catch (cause) {
    throw another(path, stage, cause);
  }
}

/** Reads the tensors of a file whose facts were accepted; the caller disposes them. */
export async function readStageTensors<T>(backend: Backend, path: string): Promise<T> {
  return (await loadTree(backend, await readRegularFile(path))).tree as T;
}

/**
 * Reads the tensors of a file into a tree of the shape of `template`, whose own tensors are disposed.
 *
 * @throws TrainingError `DATA_MISSING` when it cannot be read or has other tensors.
 */
export async function restoreStage<T>(backend: Backend, path: string, stage: string, template: T): Promise<T> {
  try {
    const { tree } = await restoreTree(backend, await readRegularFile(path), template);
    disposeTree(template);
    return tree;
  } catch (cause) {
    throw another(path, stage, cause);
  }
}

function another(path: string, stage: string, cause: unknown): TrainingError {
  return new TrainingError({
    code: 'DATA_MISSING',
    message: `expected what the recipe ${stage} publishes at '${path}', got: ${reasonOf(cause)}`,
    fix: 'Name the .safetensors file of the stage before',
    cause,
  });
}
