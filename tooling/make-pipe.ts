/** Named pipes, for tests of what reads files. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** Makes named pipes, into which nobody writes. */
export async function makePipe(...paths: string[]): Promise<void> {
  await promisify(execFile)('mkfifo', paths);
}
