/** `vqkit train <recipe>`: makes weights; Ctrl-C leaves a checkpoint, `--resume` goes on from it. */
import { recipes } from '@vqkit/training';
import type { Command } from 'commander';
import { priorRecipe, runPriorRecipe } from '../train/prior-recipe.ts';
import { addRecipeCommand } from '../train/recipe-command.ts';
import { runRecipe } from '../train/run-recipe.ts';

/** Adds `train` to the program: one subcommand per recipe. */
export function addTrain(program: Command): void {
  const train = program.command('train').description('make weights; stop with Ctrl-C and go on with --resume');
  for (const entry of recipes) addRecipeCommand(train, entry, (options, run) => runRecipe(entry, options, run));
  addRecipeCommand(train, priorRecipe, runPriorRecipe);
}
