/** Data sets and weights that are no part of the repository: in the folder `VQKIT_DATA`, else in `shared/data` beside it. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Path of a file or folder there; of the folder itself without a name. */
export function dataPath(name = ''): string {
  return `${process.env.VQKIT_DATA ?? fileURLToPath(new URL('../../shared/data', import.meta.url))}/${name}`;
}

/** Whether one of these is missing: for `it.skipIf`. */
export function lacks(...names: string[]): boolean {
  return names.some((name) => !existsSync(dataPath(name)));
}
