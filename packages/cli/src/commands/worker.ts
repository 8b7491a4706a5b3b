/** `vqkit worker --queue <url>` */
import { once } from 'node:events';
import { stat } from 'node:fs/promises';
import { createPool } from '@vqkit/batch';
import type { Command } from 'commander';
import { type BatchFlags, balance, workModule } from '../batch/plan.ts';
import type { BatchCommand } from '../batch/work.ts';
import { CliError } from '../errors.ts';
import { isWeightsPath } from '../import-weights.ts';
import { interruptible } from '../io/interrupt.ts';
import { positiveInteger, positiveNumber } from '../io/numbers.ts';
import { tell } from '../output.ts';

interface WorkerFlags extends Pick<BatchFlags, 'workers' | 'threads'> {
  readonly queue: string;
  readonly backend?: string;
  readonly weights?: string;
  readonly within?: string;
  readonly lostAfter: number;
}

async function run(flags: WorkerFlags): Promise<void> {
  const { queue, backend, weights, within, lostAfter } = flags;
  const { workers, threads } = balance(flags);
  await interruptible(async (signal) => {
    const { startWorker } = await import('@vqkit/batch/queue');
    const worker = await startWorker(queue, {
      pool: createPool(workModule, { workers }),
      override: { threads, ...(backend !== undefined && { backend }), ...(weights !== undefined && { weights }) },
      lostAfterMs: 1000 * lostAfter,
      within,
      checkOptions: weights === undefined ? checkWeights : undefined,
      onJob: ({ job, output, images, failed, error }) => {
        const end = error === undefined ? `${images} images, ${failed} failed` : `not done: ${error}`;
        tell(`job ${job} of ${output}: ${end}`);
      },
    });
    tell(`waiting for jobs with ${workers} processes of ${threads} threads; Ctrl-C ends it`);
    await once(signal, 'abort');
    await worker.close();
    signal.throwIfAborted();
  }, 'What was not finished goes to other workers');
}

/** Weights of a job: a file would be run as a program, and jobs may come from strangers. @throws CliError `USAGE` */
async function checkWeights(options: Partial<BatchCommand>): Promise<void> {
  const { weights } = options;
  if (typeof weights === 'string' && (!isWeightsPath(weights) || (await isFolder(weights)))) return;
  throw new CliError({
    code: 'USAGE',
    message: `expected weights that are an npm package or a folder, got '${String(weights)}'`,
    fix: 'Start the worker with --weights to have it use a file',
  });
}

const isFolder = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );

/** Adds `worker` to the program. */
export function addWorker(program: Command): void {
  program
    .command('worker')
    .description('work on the jobs of vqkit batch --queue, on any number of machines')
    .requiredOption('--queue <url>', 'Redis: redis://host:6379, or rediss://')
    .option('--workers <n>', 'processes (default: one per core)', positiveInteger)
    .option('--threads <n>', 'threads of the onnx backend in each (default: cores over processes)', positiveInteger)
    .option('--backend <name>', 'where to compute, whatever the batch says')
    .option('--weights <package>', 'the weights, whatever the batch says: an npm name, a file, or a folder')
    .option('--within <folder>', 'read and write there only; jobs that name other places are refused')
    .option('--lost-after <seconds>', 'when the jobs of a worker that is not heard of go to others', positiveNumber, 30)
    .action(run);
}
