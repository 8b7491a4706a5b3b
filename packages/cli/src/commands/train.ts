/** `vqkit train <recipe>`: runs a training recipe with a progress bar; Ctrl-C leaves a checkpoint. */
import { photoRecipe, type TrainingEvent, train } from '@vqkit/training';
import cliProgress from 'cli-progress';
import type { Command } from 'commander';
import { openBackend } from '../backends.ts';
import { CliError } from '../errors.ts';

interface TrainArguments {
  readonly data: string;
  readonly out: string;
  readonly steps: string;
  readonly minutes?: string;
  readonly resume?: boolean;
  readonly backend: string;
  readonly threads?: string;
  readonly batch?: string;
  readonly crop?: string;
  readonly codes?: string;
  readonly rate?: string;
  readonly from?: string;
  readonly seed: string;
  readonly lpipsWeights?: string;
}

const optionalNumber = (text: string | undefined): number | undefined =>
  text === undefined ? undefined : Number(text);

/** Shows steps, losses and the time left on standard error. */
function progressBar(): { update: (event: TrainingEvent) => void; stop: () => void } {
  const bar = new cliProgress.SingleBar({
    format: '{bar} {value}/{total}  {losses}  {speed} s/step  {eta_formatted} left',
    stream: process.stderr,
    noTTYOutput: true,
    notTTYSchedule: 60_000,
  });
  let isStarted = false;
  return {
    update: ({ step, steps, secondsPerStep, metrics }) => {
      const losses = Object.entries(metrics)
        .map(([name, value]) => `${name} ${value.toFixed(4)}`)
        .join('  ');
      const payload = { losses, speed: secondsPerStep.toFixed(2) };
      if (!isStarted) bar.start(steps, step, payload);
      isStarted = true;
      bar.update(step, payload);
    },
    stop: () => bar.stop(),
  };
}

async function run(recipe: string, options: TrainArguments): Promise<void> {
  if (recipe !== 'photo')
    throw new CliError({
      code: 'USAGE',
      message: `expected a recipe of: photo; got '${recipe}'`,
      fix: 'See vqkit train --help',
    });
  if (options.lpipsWeights === undefined) {
    throw new CliError({
      code: 'USAGE',
      message: 'expected --lpips-weights <file>: the photo recipe trains on LPIPS',
      fix: 'Pass the SqueezeNet LPIPS weights as a safetensors file',
    });
  }
  const backend = await openBackend(options.backend, optionalNumber(options.threads));
  const controller = new AbortController();
  const stop = (): void => controller.abort();
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  const bar = progressBar();
  try {
    const steps = Number(options.steps);
    const chosen = photoRecipe({
      data: options.data,
      lpipsWeights: options.lpipsWeights,
      steps,
      batch: optionalNumber(options.batch),
      crop: optionalNumber(options.crop),
      codes: optionalNumber(options.codes),
      rate: optionalNumber(options.rate),
      from: options.from,
    });
    const { step, reason } = await train(chosen, {
      backend,
      out: options.out,
      steps,
      minutes: optionalNumber(options.minutes),
      seed: Number(options.seed),
      resume: options.resume,
      signal: controller.signal,
      onProgress: bar.update,
    });
    process.stderr.write(
      `\n${reason} after ${step} steps; ${options.out} holds the checkpoint and photo.safetensors\n`,
    );
  } finally {
    bar.stop();
    backend.dispose();
  }
}

/** Adds `train` to the program. */
export function addTrain(program: Command): void {
  program
    .command('train')
    .argument('<recipe>', 'photo')
    .description('train a model; stop with Ctrl-C and go on with --resume')
    .requiredOption('--data <folder>', 'training photos')
    .requiredOption('--out <folder>', 'checkpoint, log and weights')
    .option('--steps <n>', 'steps of the whole run', '6000')
    .option('--minutes <n>', 'stop after this time')
    .option('--resume', 'go on from the checkpoint in --out')
    .option('--backend <name>', 'auto, onnx, webgpu, tfjs or cpu', 'auto')
    .option('--threads <n>', 'threads of the onnx backend')
    .option('--batch <n>', 'crops per step')
    .option('--crop <pixels>', 'size of a crop')
    .option('--codes <n>', 'codebook size')
    .option('--rate <n>', 'peak learning rate')
    .option('--from <file>', 'start from published weights')
    .option('--seed <n>', 'seed of everything random', '1')
    .option('--lpips-weights <file>', 'SqueezeNet LPIPS weights (safetensors)')
    .action(run);
}
