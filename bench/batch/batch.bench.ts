/**
 * Images a second of `vqkit batch` on the Kodak photos, again and again as links: one process, a pool, and workers behind a queue, each a run of the
 * command line with the published weights; and the most memory that its processes had together.
 *
 *   npm run bench -- batch [--copies 50] [--command encode | decode | tokenize]
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { lacksRedis, startRedis } from '../../tooling/redis.ts';
import { dataPath } from '../../tooling/shared-data.ts';
import { describeMachine } from '../harness/machine.ts';
import type { BenchItem, Benchmark } from '../harness/report.ts';

/** What is compared: processes here, or processes of each worker behind a queue. */
const candidates = [
  { name: 'one process, 1 thread', workers: 1, threads: 1 },
  { name: 'one process, 2 threads', workers: 1, threads: 2 },
  { name: 'pool of 2 processes, 1 thread each', workers: 2, threads: 1 },
  { name: 'queue, 1 worker of 1 process', workers: 1, threads: 1, queued: 1 },
  { name: 'queue, 2 workers of 1 process', workers: 1, threads: 1, queued: 2 },
] as const;

/** Starts the command line from sources, as this program was. */
function vqkit(args: readonly string[]): ChildProcess {
  const bin = fileURLToPath(new URL('../../packages/cli/src/bin.ts', import.meta.url));
  return spawn(process.execPath, [...process.execArgv, bin, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
}

/** Megabytes that these processes and all that they started hold now; pages that they share count for each. */
function megabytesOf(pids: readonly number[]): number {
  const rows = execFileSync('ps', ['-e', '-o', 'pid=,ppid=,rss='], { encoding: 'utf8' }).trim().split('\n');
  const processes = rows.map((row) => row.trim().split(/\s+/).map(Number) as [number, number, number]);
  const ours = new Set(pids);
  // A child's number may be smaller than its parent's: as often as something is found.
  for (let size = 0; size !== ours.size; ) {
    size = ours.size;
    for (const [pid, parent] of processes) if (ours.has(parent)) ours.add(pid);
  }
  return processes.filter(([pid]) => ours.has(pid)).reduce((sum, [, , kilobytes]) => sum + kilobytes, 0) / 1000;
}

async function measure(
  candidate: (typeof candidates)[number],
  command: string,
  source: string,
  output: string,
): Promise<BenchItem> {
  const { name, workers, threads } = candidate;
  const sizes = ['--workers', String(workers), '--threads', String(threads)];
  const queued = 'queued' in candidate ? candidate.queued : 0;
  const redis = queued > 0 ? await startRedis() : undefined;
  const queue = redis ? ['--queue', redis.url] : [];
  const helpers = Array.from({ length: queued }, () => vqkit(['worker', ...queue, ...sizes]));
  // As many jobs as keep two workers busy to the end.
  const batch = vqkit([
    'batch',
    command,
    source,
    '-o',
    output,
    '--shard',
    '50',
    '--as',
    command === 'tokenize' ? 'tar' : 'files',
    ...sizes,
    ...queue,
    '--json',
  ]);
  let peakMegabytes = 0;
  const timer = setInterval(() => {
    peakMegabytes = Math.max(peakMegabytes, megabytesOf([batch, ...helpers].map(({ pid }) => pid!)));
  }, 5000); // looking costs a few hundredths of a second of a core
  try {
    const { images, failed, seconds, imagesPerSecond } = JSON.parse(await text(batch.stdout!)) as Record<
      string,
      number
    >;
    return {
      name,
      images: images!,
      failed: failed!,
      seconds: seconds!,
      imagesPerSecond: imagesPerSecond!,
      peakMegabytes,
    };
  } finally {
    clearInterval(timer);
    for (const helper of helpers) {
      helper.kill('SIGINT');
      await once(helper, 'exit');
    }
    await redis?.stop();
  }
}

const batchBenchmark: Benchmark = async ({ args, log }) => {
  const { values } = parseArgs({
    args: [...args],
    options: { copies: { type: 'string' }, command: { type: 'string' } },
  });
  const { copies = '50', command = 'encode' } = values;
  const folder = mkdtempSync(join(tmpdir(), 'vqkit-bench-batch-'));
  try {
    const kodak = resolve(dataPath('kodak'));
    const photos = readdirSync(kodak).filter((file) => file.endsWith('.png'));
    let source = join(folder, 'photos');
    for (let copy = 0; copy < Number(copies); copy++) {
      mkdirSync(join(source, String(copy)), { recursive: true });
      for (const photo of photos) symlinkSync(join(kodak, photo), join(source, String(copy), photo));
    }
    if (command === 'decode') {
      log('encoding first');
      const encode = vqkit(['batch', 'encode', source, '-o', join(folder, 'coded')]);
      await text(encode.stdout!);
      source = join(folder, 'coded');
    }
    const items: BenchItem[] = [];
    const possible = candidates.filter((candidate) => !('queued' in candidate) || !lacksRedis());
    for (const [i, candidate] of possible.entries()) {
      log(candidate.name);
      items.push(await measure(candidate, command, source, join(folder, `results-${i}`)));
    }
    const speed = (at: number): number => Number(items[at]!.imagesPerSecond);
    const summary = {
      poolToOneProcess: speed(2) / speed(0),
      poolToOneProcessOfTwoThreads: speed(2) / speed(1),
      copies: Number(copies),
    };
    return { machine: describeMachine(), items, summary };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

export default batchBenchmark;
