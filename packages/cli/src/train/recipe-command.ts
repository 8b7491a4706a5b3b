/** A subcommand of `vqkit train` from a row of the table of recipes. */
import { join } from 'node:path';
import type { RecipeInfo, RecipeOption } from '@vqkit/training';
import { parseOption, rangeOf } from '@vqkit/training';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { checkApart } from '../io/files.ts';
import { positiveInteger, positiveNumber } from '../io/numbers.ts';
import { addBackendOptions, type BackendOptions } from '../session.ts';

/** Options that every run has. */
export interface RunArguments extends BackendOptions {
  readonly out: string;
  readonly minutes?: number;
  readonly resume?: true;
  readonly restart?: true;
  readonly checkpointMinutes?: number;
  readonly seed: number;
  /** The command that goes on from the checkpoint. */
  readonly resumeCommand: string;
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
  addBackendOptions(command)
    .requiredOption('--out <folder>', 'checkpoint, log and weights')
    .option('--minutes <n>', 'stop after this time', positiveNumber)
    .option('--resume', 'go on from the checkpoint in --out')
    .option('--restart', 'begin anew where --out has a run: its checkpoint and log are removed')
    .option('--checkpoint-minutes <n>', 'minutes between checkpoints (default: 5)', positiveNumber)
    .option('--seed <n>', 'seed of everything random', positiveInteger, 1)
    .addHelpText(
      'after',
      `\nPublishes:\n${Object.entries(publishes)
        .map(([file, what]) => `  ${file}  ${what}\n`)
        .join('')}`,
    )
    .action(async (all: RunArguments & Readonly<Record<string, unknown>>) => {
      const own = Object.entries(all).filter(([key]) => !runOptions.includes(key));
      await checkInputs({ options, publishes }, all);
      await run(Object.fromEntries(own), { ...all, resumeCommand: resumeCommandOf(command) });
    });
}

/** Makes sure that a run does not write over what it reads. @throws CliError `OUTPUT_IS_INPUT` */
async function checkInputs(
  { options, publishes }: Pick<RecipeInfo, 'options' | 'publishes'>,
  { out, ...values }: RunArguments & Readonly<Record<string, unknown>>,
): Promise<void> {
  const written = [
    'checkpoint.safetensors',
    'log.jsonl',
    'curve.png',
    ...Object.keys(publishes).flatMap((names) => names.split(', ')),
  ];
  for (const [key, { type }] of Object.entries(options)) {
    const input = values[key as keyof typeof values] as unknown;
    if (typeof input !== 'string' || !['file', 'folder', 'path', 'weights'].includes(type)) continue;
    for (const output of [out, ...written.map((name) => join(out, name))])
      await checkApart(output, input, 'Choose another folder for --out');
  }
}

/** What to type to go on: the options that were given, and `--resume`. */
function resumeCommandOf(command: Command): string {
  const values = command.opts<Record<string, unknown>>();
  const given = command.options.filter((option) => {
    const name = option.attributeName();
    return command.getOptionValueSource(name) === 'cli' && !['resume', 'restart'].includes(name);
  });
  const words = given.flatMap((option) => [option.long!, quoted(String(values[option.attributeName()]))]);
  return ['vqkit train', command.name(), ...words, '--resume'].join(' ');
}

/** A word as shells take it. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

const placeholders: Readonly<Record<RecipeOption['type'], string>> = {
  integer: 'n',
  number: 'x',
  integers: 'n,n,…',
  choice: 'name',
  file: 'file',
  folder: 'folder',
  path: 'path',
  weights: 'package',
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
