/** `vqkit worker --queue <url>` */
import { once } from 'node:events';
import { createPool } from '@vqkit/batch';
import type { Command } from 'commander';
import { type BatchFlags, balance, workModule } from '../batch/plan.ts';
import { interruptible } from '../io/interrupt.ts';
import { positiveInteger, positiveNumber } from '../io/numbers.ts';

interface WorkerFlags extends Pick<BatchFlags, 'workers' | 'threads'> {
  readonly queue: string;
  readonly backend?: string;
  readonly lostAfter: number;
}

async function run(flags: WorkerFlags): Promise<void> {
  const { queue, backend, lostAfter } = flags;
  const { workers, threads } = balance(flags);
  await interruptible(async (signal) => {
    const { startWorker } = await import('@vqkit/batch/queue');
    const worker = await startWorker(queue, {
      pool: createPool(workModule, { workers }),
      override: { threads, ...(backend !== undefined && { backend }) },
      lostAfterMs: 1000 * lostAfter,
      onJob: ({ job, output, images, failed, error }) => {
        const end = error === undefined ? `${images} images, ${failed} failed` : `not done: ${error}`;
        process.stderr.write(`job ${job} of ${output}: ${end}\n`);
      },
    });
    process.stderr.write(`waiting for jobs with ${workers} processes of ${threads} threads; Ctrl-C ends it\n`);
    await once(signal, 'abort');
    await worker.close();
    signal.throwIfAborted();
  }, 'What was not finished goes to other workers');
}

/** Adds `worker` to the program. */
export function addWorker(program: Command): void {
  program
    .command('worker')
    .description('work on the jobs of vqkit batch --queue, on any number of machines')
    .requiredOption('--queue <url>', 'Redis: redis://host:6379, or rediss://')
    .option('--workers <n>', 'processes (default: one per core)', positiveInteger)
    .option('--threads <n>', 'threads of the onnx backend in each (default: cores over processes)', positiveInteger)
    .option('--backend <name>', 'where to compute, whatever the batch says')
    .option('--lost-after <seconds>', 'when the jobs of a worker that is not heard of go to others', positiveNumber, 30)
    .action(run);
}
