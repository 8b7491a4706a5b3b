/** `vqkit worker --queue <url>` */
import { once } from 'node:events';
import { stat } from 'node:fs/promises';
import { createPool } from '@vqkit/batch';
import { type Command, Option } from 'commander';
import { backendNames } from '../backends.ts';
import { type BatchFlags, balance, workModule } from '../batch/plan.ts';
import type { BatchCommand } from '../batch/work.ts';
import { CliError } from '../errors.ts';
import { importWeights, isWeightsPath } from '../import-weights.ts';
import { nameOfInput } from '../io/files.ts';
import { interruptible } from '../io/interrupt.ts';
import { integerFrom, numberFrom } from '../io/numbers.ts';
import { tell } from '../output.ts';

interface WorkerFlags extends Pick<BatchFlags, 'workers' | 'threads'> {
  readonly queue: string;
  readonly backend?: string;
  readonly weights?: string;
  readonly within?: string;
  readonly lostAfter: number;
}

/** Seconds that timers of Node can count. */
const lostAfter = numberFrom(0.001, 2_147_483);

async function run(flags: WorkerFlags): Promise<void> {
  const { queue, backend, weights, within } = flags;
  const { workers, threads } = balance(flags);
  // What every job would fail for is told at once.
  if (weights !== undefined) await importWeights(weights);
  if (within !== undefined && !(await isFolder(within))) {
    throw new CliError({
      code: 'USAGE',
      message: `expected a folder after --within, got ${nameOfInput(within)}`,
      fix: 'Make it first, or name another',
    });
  }
  await interruptible(async (signal) => {
    const { startWorker } = await import('@vqkit/batch/queue');
    const pool = createPool(workModule, { workers });
    const worker = await startWorker(queue, {
      pool,
      override: { threads, ...(backend !== undefined && { backend }), ...(weights !== undefined && { weights }) },
      lostAfterMs: 1000 * flags.lostAfter,
      within,
      checkOptions: (options: Partial<BatchCommand>) => checkWeights(options, weights !== undefined),
      onJob: ({ job, output, images, failed, error }) => {
        const end = error === undefined ? `${images} images, ${failed} failed` : `not done: ${error}`;
        tell(`job ${job} of ${output}: ${end}`);
      },
    }).catch(async (error: unknown) => {
      await pool.dispose();
      throw error;
    });
    tell(`waiting for jobs with ${workers} processes of ${threads} threads; Ctrl-C ends it`);
    await once(signal, 'abort');
    await worker.close();
    signal.throwIfAborted();
  }, 'What was not finished goes to other workers');
}

/**
 * Weights of a job: a file would be run as a program, and jobs may come from strangers.
 *
 * @param areOwn  Whether the weights that decode are those of this worker, whatever the job says.
 * @throws CliError `USAGE`
 */
export async function checkWeights({ weights, concealWeights }: Partial<BatchCommand>, areOwn: boolean): Promise<void> {
  for (const name of [...(areOwn ? [] : [weights]), ...(concealWeights === undefined ? [] : [concealWeights])]) {
    if (typeof name === 'string' && (!isWeightsPath(name) || (await isFolder(name)))) continue;
    throw new CliError({
      code: 'USAGE',
      message: `expected weights that are an npm package or a folder, got '${String(name)}'`,
      fix: 'Start the worker with --weights to have it use a file',
    });
  }
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
    .option('--workers <n>', 'processes (default: one per core)', integerFrom(1, 4096))
    .option(
      '--threads <n>',
      'threads of the onnx backend in each (default: cores over processes)',
      integerFrom(1, 1024),
    )
    .addOption(new Option('--backend <name>', 'where to compute, whatever the batch says').choices(backendNames))
    .option('--weights <package>', 'the weights, whatever the batch says: an npm name, a file, or a folder')
    .option('--within <folder>', 'read and write there only; jobs that name other places are refused')
    .option('--lost-after <seconds>', 'when the jobs of a worker that is not heard of go to others', lostAfter, 30)
    .action(run);
}
