/**
 * Benchmarks whose results are large arrays run in a process that keeps the memory it has. By default glibc gives large
 * blocks back to the system when they are freed and gets them again page by page: for a result of 4 MB a thousand page
 * faults, up to twice the time of the work that is measured, more or less at random, and the same for all candidates.
 */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { BenchReport } from './report.ts';

const keepAll = { MALLOC_MMAP_THRESHOLD_: '1000000000', MALLOC_TRIM_THRESHOLD_: '2000000000' };

/** Whether this process keeps its memory (or was told otherwise by whoever started it). */
export function hasSteadyMemory(): boolean {
  return process.env.MALLOC_TRIM_THRESHOLD_ !== undefined;
}

/**
 * Runs a benchmark once more, in a process of its own that keeps its memory, as do those that it starts.
 *
 * @param name  Of the benchmark.
 * @throws Error when it fails.
 */
export async function inSteadyMemory(name: string, args: readonly string[]): Promise<BenchReport> {
  const run = fileURLToPath(new URL('../run.ts', import.meta.url));
  const child = spawn(process.execPath, [...process.execArgv, run, name, '--json', ...args], {
    env: { ...process.env, ...keepAll },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  const code = await new Promise((resolve, reject) => child.on('error', reject).on('close', resolve));
  if (code !== 0) throw new Error(`bench ${name}: expected exit code 0, got ${String(code)}`);
  return JSON.parse(output) as BenchReport;
}
