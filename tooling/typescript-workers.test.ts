/** TypeScript sources run in worker threads, under the tests and under the scripts, with names resolved to sources. */
import { execFile } from 'node:child_process';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { typeScriptRuntime } from '../scripts/lib/run.mjs';

describe('TypeScript worker threads', () => {
  it('start from a test', async () => {
    const worker = new Worker(new URL('./fixtures/double.ts', import.meta.url), { workerData: [4, 5] });
    const answer = await new Promise((resolve, reject) => {
      worker.on('message', resolve);
      worker.on('error', reject);
    });
    expect(answer).toBe(40);
  });

  it('start from a program that a script runs, in whatever folder', async () => {
    const { execArgv, env } = typeScriptRuntime();
    const program = fileURLToPath(new URL('./fixtures/start-double.ts', import.meta.url));
    const { stdout } = await promisify(execFile)(process.execPath, [...execArgv, program], { env, cwd: tmpdir() });
    expect(stdout).toBe('12\n');
  });
});
