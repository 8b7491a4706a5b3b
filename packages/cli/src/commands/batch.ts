/** `vqkit batch <encode | decode | upscale | tokenize> <inputs…> -o <folder>` */
import { createPool, type Executor, failuresFile, runBatch, runJob } from '@vqkit/batch';
import { type Command, Option } from 'commander';
import { batchBar, formatDuration } from '../batch/batch-bar.ts';
import { type BatchFlags, balance, formsOf, planOf, workModule } from '../batch/plan.ts';
import type { BatchCommand } from '../batch/work.ts';
import { addConcealOptions } from '../concealer.ts';
import { CliError } from '../errors.ts';
import { pictureFormats } from '../io/images.ts';
import { interruptible } from '../io/interrupt.ts';
import { formatBytes, integerFrom, numberFrom, positiveInteger, positiveNumber } from '../io/numbers.ts';
import { printReport, warn } from '../output.ts';
import { addComputeOptions, defaultSrWeights } from '../session.ts';

async function run(command: BatchCommand['command'], sources: readonly string[], flags: BatchFlags): Promise<void> {
  await interruptible(async (signal) => {
    const plan = await planOf(command, sources, flags);
    const executor = await openExecutor(flags);
    const stop = (): void => void executor.dispose();
    signal.addEventListener('abort', stop);
    const bar = batchBar(command);
    try {
      const report = await runBatch({ ...plan, signal, onProgress: bar.report }, executor);
      bar.stop();
      const { images, failed, resumed, bytes, shards, warnings, seconds, imagesPerSecond } = report;
      for (const { message, inputs } of warnings)
        warn(inputs === 1 ? message : `${message}; likewise ${inputs - 1} more of ${images} inputs`);
      if (failed > 0) warn(`${failed} of ${images + failed} inputs failed: see ${failuresFile} in '${flags.output}'`);
      const earlier = resumed > 0 ? ` (${resumed} of them before)` : '';
      const where = shards.length > 0 ? ` in ${shards.length} shards` : '';
      const line = `${flags.output}: ${images} images${earlier}${where}, ${formatBytes(bytes)}, ${formatDuration(seconds)}, ${imagesPerSecond.toFixed(1)} images/s`;
      await printReport({ output: flags.output, ...report }, [line], flags);
      if (images === 0) {
        throw new CliError({
          code: 'ALL_FAILED',
          message: `expected at least one usable input of ${failed}, got none`,
          fix: `See ${failuresFile} in '${flags.output}'`,
        });
      }
    } finally {
      signal.removeEventListener('abort', stop);
      bar.stop();
      await executor.dispose();
    }
  }, 'What is done stays; the same command goes on with the rest');
}

/** Workers behind a queue, or processes of this machine, which get the images of two jobs, so that none waits at the end of one. */
async function openExecutor(flags: BatchFlags): Promise<Executor & { dispose(): Promise<void> }> {
  if (flags.queue !== undefined) return (await import('@vqkit/batch/queue')).openQueue(flags.queue, { onWarn: warn });
  const pool = createPool(workModule, { workers: balance(flags).workers });
  return { concurrency: 2, execute: (job, onItem) => runJob(job, pool, onItem), dispose: pool.dispose };
}

const inputsHelp = 'folders, tars, lists (a path or URL a line), files, or s3://bucket/prefix';

const examples = `
Examples:
  vqkit batch encode photos -o coded --bpp 0.03
  vqkit batch tokenize photos.tar -o tokens --as tar,parquet
  vqkit batch decode coded -o restored --format webp

The same command goes on where it stopped.`;

/** Adds `batch` with its commands to the program. */
export function addBatch(program: Command): void {
  const batch = program
    .command('batch')
    .description('work on thousands of images with all cores, or on many machines')
    .addHelpText('after', examples);
  const add = (name: BatchCommand['command'], description: string, forms: string, weights?: string): Command => {
    const command = batch
      .command(name)
      .description(description)
      .argument('<inputs...>', inputsHelp)
      .requiredOption('-o, --output <folder>', 'where the results go: a folder, or s3://bucket/prefix')
      .option('--as <forms>', 'files, or tar (WebDataset) and parquet', formsOf, formsOf(forms))
      .option('--shard <n>', 'images of a shard, and of a job (default: 1000; files: 100)', integerFrom(1, 1e6))
      .option('--workers <n>', 'processes (default: one per core)', integerFrom(1, 4096))
      .option('--queue <url>', 'have it done by vqkit worker on other machines: redis://host:6379')
      .option('--retry-failed', 'work again on what failed before')
      .option('--restart', 'forget what an earlier batch left in the same place')
      .option('--json', 'print one JSON object')
      .action((inputs: string[], flags: BatchFlags) => run(name, inputs, flags));
    return addComputeOptions(command, weights);
  };
  const encode = add('encode', 'compress images into .vqk files', 'files');
  encode
    .option('--bpp <target>', 'bits per pixel of each file, at most', numberFrom(0, 1e9))
    .option('--bytes <max>', 'bytes of each file, at most', positiveInteger)
    .addOption(new Option('--alpha <mode>', 'transparency').choices(['keep', 'lossy', 'drop']).default('keep'));
  const decode = add('decode', 'restore images from .vqk files', 'files');
  const upscale = add('upscale', 'enlarge images by super-resolution', 'files', defaultSrWeights);
  upscale.option('--scale <n>', 'times as large along each axis (default: 4)', positiveNumber);
  addConcealOptions(decode);
  for (const command of [decode, upscale])
    command.addOption(new Option('--format <name>', 'of the images').choices(pictureFormats).default('png'));
  const tokenize = add('tokenize', 'write index maps for those who train on tokens', 'tar');
  for (const command of [encode, tokenize])
    command.option('--codes <n>', 'codebook size (default: the largest)', positiveInteger);
}
