/** The folder of a run: a fresh one, one that is gone on from, or one that is begun anew. */
import { access, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { TrainingError } from '../errors.ts';
import { type FolderLock, lockFolder } from '../files/lock-folder.ts';
import { removeParts, unwritable } from '../files/write-whole.ts';

/** What happens to a run that is there already. */
export interface RunFolderOptions {
  /** Go on from the checkpoint in the folder, if there is one. */
  readonly resume?: boolean;
  /** Begin anew where there is a run: its checkpoint and log are removed. */
  readonly restart?: boolean;
}

/** A folder that is ours until it is released. */
export interface RunFolder extends FolderLock {
  readonly checkpoint: string;
  readonly log: string;
}

/**
 * Makes and locks the folder.
 *
 * @throws TrainingError `RUN_LOCKED`; `RUN_EXISTS` when there is a run and nothing says what to do with it;
 *   `OPTION_INVALID` when both are said; `OUTPUT_UNWRITABLE`
 */
export async function openRunFolder(out: string, { resume, restart }: RunFolderOptions): Promise<RunFolder> {
  if (resume && restart) {
    throw new TrainingError({
      code: 'OPTION_INVALID',
      message: 'expected resume or restart, got both',
      fix: 'Resume goes on from the checkpoint, restart throws it away',
    });
  }
  await mkdir(out, { recursive: true }).catch((cause: unknown) => {
    throw unwritable(out, cause);
  });
  const lock = await lockFolder(out);
  try {
    const [checkpoint, log] = [join(out, 'checkpoint.safetensors'), join(out, 'log.jsonl')];
    const there = (await Promise.all([checkpoint, log].map(isThere))).some(Boolean);
    if (there && !resume && !restart) {
      throw new TrainingError({
        code: 'RUN_EXISTS',
        message: `expected a folder without a run, got one in '${out}'`,
        fix: 'Resume it, choose another folder, or say restart to throw its checkpoint and log away',
      });
    }
    await removeParts(out);
    if (restart) await Promise.all([checkpoint, log].map((path) => rm(path, { force: true })));
    return { ...lock, checkpoint, log };
  } catch (error) {
    await lock.release();
    throw error;
  }
}

function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
