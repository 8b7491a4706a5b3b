/** The command line as a value: commands and how they end. */
import { VqkitError } from '@vqkit/core';
import { Command, CommanderError } from 'commander';
import { addTrain } from './commands/train.ts';
import { CliError } from './errors.ts';

/** The program with all its commands. */
export function createProgram(): Command {
  const program = new Command('vqkit')
    .description('Images below 0.04 bits per pixel, and the models behind them.')
    .exitOverride();
  addTrain(program);
  return program;
}

/**
 * Runs the command line.
 *
 * @param args  What follows the program's name.
 * @returns The exit status: 0; 2 for wrong usage; 1 for a failure, which is told on standard error as `error CODE: what, and what to do`.
 */
export async function main(args: readonly string[]): Promise<number> {
  try {
    await createProgram().parseAsync(args, { from: 'user' });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    const code = error instanceof VqkitError ? error.code : 'UNEXPECTED';
    process.stderr.write(`error ${code}: ${error instanceof Error ? error.message : String(error)}\n`);
    return error instanceof CliError ? error.exitCode : 1;
  }
}
