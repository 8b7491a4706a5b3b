/** `vqkit curve <logs…> -o <picture>` */
import type { Command } from 'commander';
import { CliError } from '../errors.ts';
import { checkOutput, readInput, writeOutput } from '../io/files.ts';
import { convertPicture, formatOf } from '../io/images.ts';
import { interruptible } from '../io/interrupt.ts';
import { addForceOption } from '../output.ts';
import type { MeasuredScore } from '../train/quality-curve.ts';

interface CurveOptions {
  readonly output: string;
  readonly metric: string;
  readonly scores?: string;
  readonly scoresTitle?: string;
  readonly force?: boolean;
}

async function run(logs: readonly string[], options: CurveOptions): Promise<void> {
  const { output, metric, scores, scoresTitle, force } = options;
  await checkOutput(output, { kind: formatOf(output), inputs: [...logs, ...(scores ? [scores] : [])], force });
  await interruptible(async (signal) => {
    const measured = scores === undefined ? undefined : scoresOf(await readInput(scores, signal), scores);
    // The drawing library takes longer to load than everything else.
    const { drawQualityCurve } = await import('../train/quality-curve.ts');
    const picture = await drawQualityCurve({ logs, metric, scores: measured, scoresTitle });
    await writeOutput(output, await convertPicture(picture, output, signal), signal);
  });
}

function scoresOf(bytes: Uint8Array, path: string): MeasuredScore[] {
  try {
    const list = JSON.parse(new TextDecoder().decode(bytes)) as MeasuredScore[];
    const isScore = ({ log, step, value }: MeasuredScore): boolean => [log, step, value].every(Number.isFinite);
    if (Array.isArray(list) && list.every(isScore)) return list;
  } catch {
    // Told below.
  }
  throw new CliError({
    code: 'USAGE',
    message: `expected a list of { "log", "step", "value" } in '${path}', got something else`,
    fix: 'See vqkit curve --help',
  });
}

const help = `
Logs follow each other in time, as the stages of a training do. Scores are points on the same axes:
  [{ "log": 1, "step": 4000, "value": 0.2376 }, …], where log counts from 1.

Example:
  vqkit curve run/photo/log.jsonl run/rates/log.jsonl -o curve.png --scores kodak.json --scores-title Kodak`;

/** Adds `curve` to the program. */
export function addCurve(program: Command): void {
  const command = program
    .command('curve')
    .description('draw quality against training time')
    .argument('<logs...>', 'log.jsonl files of consecutive runs')
    .requiredOption('-o, --output <file>', 'the picture')
    .option('--metric <name>', 'a metric of the logs', 'lpips')
    .option('--scores <file.json>', 'scores of test images at some steps')
    .option('--scores-title <text>', 'what they were measured on')
    .addHelpText('after', help);
  addForceOption(command).action(run);
}
