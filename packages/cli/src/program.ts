/** The command line as a value: commands and how they end. */
import { createRequire } from 'node:module';
import { Command, CommanderError } from 'commander';
import { addBatch } from './commands/batch.ts';
import { addCompare } from './commands/compare.ts';
import { addCurve } from './commands/curve.ts';
import { addDecode } from './commands/decode.ts';
import { addEncode } from './commands/encode.ts';
import { addEval } from './commands/eval.ts';
import { addFid } from './commands/fid.ts';
import { addGenerate } from './commands/generate.ts';
import { addImportVqgan } from './commands/import-vqgan.ts';
import { addInspect } from './commands/inspect.ts';
import { addTrain } from './commands/train.ts';
import { addUpscale } from './commands/upscale.ts';
import { addWorker } from './commands/worker.ts';
import { CliError } from './errors.ts';
import { tell } from './output.ts';

/** The program with all its commands. */
export function createProgram(): Command {
  const program = new Command('vqkit')
    .description('Images below 0.04 bits per pixel, and the models behind them.')
    .version((createRequire(import.meta.url)('../package.json') as { version: string }).version);
  prepare(program);
  const ofImages = [addEncode, addDecode, addUpscale, addInspect, addCompare, addEval, addFid];
  for (const add of [...ofImages, addTrain, addImportVqgan, addGenerate, addCurve, addBatch, addWorker]) add(program);
  return program;
}

/** Makes a command throw instead of ending the process, and name its errors as ours are named. Inherited by subcommands. */
export function prepare(command: Command): Command {
  return command
    .exitOverride()
    .showHelpAfterError('Add --help to see what is possible.')
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'error USAGE: ')) });
}

/**
 * Runs the command line.
 *
 * @param args  What follows the program's name.
 * @param program  Default: the one with all commands.
 * @returns The exit status: 0; 2 for wrong usage; 130 after Ctrl-C; 1 for a failure, which is told on standard error as `error CODE: what, and what to do`.
 */
export async function main(args: readonly string[], program: Command = createProgram()): Promise<number> {
  try {
    await program.parseAsync(args, { from: 'user' });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    tell(`error ${codeOf(error)}: ${error instanceof Error ? error.message : String(error)}`);
    return error instanceof CliError ? error.exitCode : 1;
  }
}

/** Errors of vqkit carry a code and a fix; whatever does not was not foreseen. */
function codeOf(error: unknown): string {
  const { code, fix } = (error ?? {}) as { code?: unknown; fix?: unknown };
  return typeof code === 'string' && typeof fix === 'string' ? code : 'UNEXPECTED';
}
