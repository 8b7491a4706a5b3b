/** `vqkit train <recipe>`: makes weights; Ctrl-C leaves a checkpoint, `--resume` goes on from it. */
import { mkdir } from 'node:fs/promises';
import { Argument, type Command } from 'commander';
import { openBackend } from '../backends.ts';
import { positiveInteger, positiveNumber } from '../io/numbers.ts';
import type { TrainArguments } from '../train/arguments.ts';
import { type GradientRecipe, runGradientRecipe } from '../train/gradient-recipes.ts';
import { runPriorRecipe } from '../train/prior-recipe.ts';

type RecipeName = GradientRecipe | 'photo-priors';

async function run(recipe: RecipeName, args: TrainArguments): Promise<void> {
  await mkdir(args.out, { recursive: true });
  const backend = await openBackend(args.backend, args.threads);
  try {
    if (recipe === 'photo-priors') await runPriorRecipe(args, backend);
    else await runGradientRecipe(recipe, args, backend);
  } finally {
    backend.dispose();
  }
}

/** Adds `train` to the program. */
export function addTrain(program: Command): void {
  const recipes = [
    'photo (autoencoder and codebook)',
    'photo-rates (decoder for all rates)',
    'photo-texture (decoder, with a discriminator)',
    'photo-priors (entropy coder)',
  ];
  program
    .command('train')
    .description('make weights; stop with Ctrl-C and go on with --resume')
    .addArgument(
      new Argument('<recipe>', recipes.join(', ')).choices(['photo', 'photo-rates', 'photo-texture', 'photo-priors']),
    )
    .requiredOption('--data <folder>', 'training photos')
    .requiredOption('--out <folder>', 'checkpoint, log and weights')
    .option('--steps <n>', 'steps of the whole run', positiveInteger, 6000)
    .option('--minutes <n>', 'stop after this time', positiveNumber)
    .option('--resume', 'go on from the checkpoint in --out')
    .option('--from <file>', 'weights to start from')
    .option('--lpips-weights <file>', 'SqueezeNet LPIPS weights (safetensors)')
    .option('--batch <n>', 'crops per step (default: 12)', positiveInteger)
    .option('--crop <pixels>', 'size of a crop (default: 128)', positiveInteger)
    .option('--codes <n>', 'codebook size of recipe photo (default: 2048)', positiveInteger)
    .option('--rate <n>', 'peak learning rate', positiveNumber)
    .option('--photos <n>', 'photos that recipe photo-priors learns from (default: all)', positiveInteger)
    .option('--seed <n>', 'seed of everything random', positiveInteger, 1)
    .option('--backend <name>', 'where to compute: auto, onnx, webgpu, tfjs or cpu', 'auto')
    .option('--threads <n>', 'threads of the onnx backend', positiveInteger)
    .action(run);
}
