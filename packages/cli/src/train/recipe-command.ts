/** A subcommand of `vqkit train` from a row of the table of recipes. */
import type { RecipeInfo, RecipeOption } from '@vqkit/training';
import { parseOption, rangeOf } from '@vqkit/training';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { positiveInteger, positiveNumber } from '../io/numbers.ts';

/** Options that every run has. */
export interface RunArguments {
  readonly out: string;
  readonly minutes?: number;
  readonly resume?: true;
  readonly restart?: true;
  readonly checkpointMinutes?: number;
  readonly seed: number;
  readonly backend: string;
  readonly threads?: number;
}

/** Names of these options, which are none of the recipe's. */
const runOptions = ['out', 'minutes', 'resume', 'restart', 'checkpointMinutes', 'seed', 'backend', 'threads'];

/** A run as the command line gives it: the recipe's own options, unchecked against each other, and the run's. */
export type RunRecipe = (options: Readonly<Record<string, unknown>>, run: RunArguments) => Promise<void>;

/** Adds `train <recipe>`. */
export function addRecipeCommand(
  train: Command,
  { name, description, options, publishes }: RecipeInfo,
  run: RunRecipe,
): void {
  const command = train.command(name).description(description);
  for (const [key, option] of Object.entries(options)) command.addOption(optionOf(key, option));
  command
    .requiredOption('--out <folder>', 'checkpoint, log and weights')
    .option('--minutes <n>', 'stop after this time', positiveNumber)
    .option('--resume', 'go on from the checkpoint in --out')
    .option('--restart', 'begin anew where --out has a run: its checkpoint and log are removed')
    .option('--checkpoint-minutes <n>', 'minutes between checkpoints (default: 5)', positiveNumber)
    .option('--seed <n>', 'seed of everything random', positiveInteger, 1)
    .option('--backend <name>', 'where to compute: auto, onnx, webgpu, tfjs or cpu', 'auto')
    .option('--threads <n>', 'threads of the onnx backend', positiveInteger)
    .addHelpText(
      'after',
      `\nPublishes:\n${Object.entries(publishes)
        .map(([file, what]) => `  ${file}  ${what}\n`)
        .join('')}`,
    )
    .action(async (all: RunArguments & Readonly<Record<string, unknown>>) => {
      const own = Object.entries(all).filter(([key]) => !runOptions.includes(key));
      await run(Object.fromEntries(own), all);
    });
}

const placeholders: Readonly<Record<RecipeOption['type'], string>> = {
  integer: 'n',
  number: 'x',
  integers: 'n,n,…',
  choice: 'name',
  file: 'file',
  folder: 'folder',
  path: 'path',
};

function optionOf(key: string, option: RecipeOption): Option {
  const flag = key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  const words = [
    ...(option.type === 'choice' ? [option.choices.join(', ')] : []),
    ...('min' in option || 'max' in option ? [rangeOf(option).replace(/^a (whole )?number /, '')] : []),
    ...(option.default === undefined ? [] : [`default: ${option.default}`]),
  ];
  const text = words.length === 0 ? option.description : `${option.description} (${words.join('; ')})`;
  return new Option(`--${flag} <${placeholders[option.type]}>`, text)
    .makeOptionMandatory(option.isNeeded ?? false)
    .argParser((value: string) => {
      const read = parseOption(option, value);
      if ('value' in read) return read.value;
      throw new InvalidArgumentError(`Expected ${read.problem}.`);
    });
}
