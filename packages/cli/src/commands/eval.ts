/** `vqkit eval <folder>` */
import { dirname, relative } from 'node:path';
import type { Command } from 'commander';
import { InvalidArgumentError } from 'commander';
import { openBackend } from '../backends.ts';
import { CliError } from '../errors.ts';
import { type BaselineName, baselines } from '../eval/baselines.ts';
import { type Evaluation, evaluate, highestRate, type Rate } from '../eval/evaluate.ts';
import { createJudge } from '../eval/judge.ts';
import { writeReport } from '../eval/report.ts';
import { formatEvaluation } from '../eval/table.ts';
import { importWeights } from '../import-weights.ts';
import { linesOfSkipped } from '../io/each-file.ts';
import { checkOutput, standardStream, writeOutput } from '../io/files.ts';
import { convertPicture, formatOf } from '../io/images.ts';
import { interruptible } from '../io/interrupt.ts';
import { positiveInteger, positiveNumbers } from '../io/numbers.ts';
import { progressBar } from '../io/progress.ts';
import { addReportOptions, printReport } from '../output.ts';
import { addComputeOptions, addEffortOptions, checkCodes, type EncodeComputeOptions, openSession } from '../session.ts';
import { listImages } from './list-images.ts';

interface EvalOptions extends EncodeComputeOptions {
  readonly bpp?: readonly number[];
  readonly codes?: readonly number[];
  readonly against: readonly BaselineName[];
  readonly picture?: string;
  readonly report?: string;
  readonly limit?: number;
  readonly json?: boolean;
  readonly force?: boolean;
}

async function run(folder: string, options: EvalOptions): Promise<void> {
  const { against, effort, lpipsWeights, limit, json, picture, report, force } = options;
  const streamed = [picture, report].filter((file) => file === standardStream);
  if (streamed.length > (json ? 0 : 1)) {
    throw new CliError({
      code: 'USAGE',
      message: 'expected one thing on standard output, got several of --picture -, --report - and --json',
      fix: 'Name files for the others',
    });
  }
  await checkCodes(options.weights, options.codes ?? []);
  await interruptible(async (signal) => {
    const files = (await listImages(folder)).slice(0, limit);
    if (picture !== undefined) await checkOutput(picture, { kind: formatOf(picture), inputs: files, force });
    if (report !== undefined) await checkOutput(report, { kind: 'text', inputs: files, force });
    const session = await openSession(options, signal);
    const judgeBackend = lpipsWeights === undefined ? undefined : await openBackend('auto', options.threads);
    const bar = progressBar('evaluating');
    try {
      const lpips = judgeBackend && lpipsWeights ? { weights: lpipsWeights, backend: judgeBackend } : undefined;
      const judge = await createJudge(lpips, signal);
      const { codec } = session;
      const rates = ratesOf(options);
      const result = await evaluate({ files, codec, judge, rates, effort, against, signal, onProgress: bar.update });
      judge.dispose();
      bar.stop();
      // First of all the numbers: pages may fail to be written.
      const lines = [...formatEvaluation(result), ...linesOfSkipped(files, result.skipped)];
      await printReport(reportOf(result, session.backend), lines, { json, file: streamed[0] });
      await writePages(result, options, session.backend, signal);
    } finally {
      bar.stop();
      judgeBackend?.dispose();
      session.dispose();
    }
  });
}

/** The chart and the page, where they are asked for. */
async function writePages(
  result: Evaluation,
  options: EvalOptions,
  backend: string,
  signal: AbortSignal,
): Promise<void> {
  const { picture, report } = options;
  if (picture !== undefined) {
    // The drawing library takes longer to load than everything else.
    const { drawEvaluation } = await import('../eval/chart.ts');
    await writeOutput(picture, await convertPicture(await drawEvaluation(result), picture, signal), signal);
  }
  if (report === undefined) return;
  const { manifest } = await importWeights(options.weights);
  const page = writeReport(result, {
    command: `vqkit ${process.argv.slice(2).join(' ')}`,
    modelId: manifest.id,
    backend,
    picture: picture && relative(dirname(report), picture),
  });
  await writeOutput(report, new TextEncoder().encode(page), signal);
}

function ratesOf({ bpp = [], codes = [] }: EvalOptions): Rate[] {
  const rates = [...bpp.map((targetBpp) => ({ targetBpp })), ...codes.map((codebookSize) => ({ codebookSize }))];
  return rates.length > 0 ? rates : [{}];
}

/** The highest rate stands at the top, where a single one is looked for; `rates` has them all. */
function reportOf(evaluation: Evaluation, backend: string): object {
  const { images, mean } = highestRate(evaluation);
  return { images, mean, ...evaluation, backend };
}

/** Reads names of baselines between commas. @throws InvalidArgumentError */
function baselineNames(text: string): BaselineName[] {
  return text.split(',').map((name) => {
    if (Object.hasOwn(baselines, name)) return name as BaselineName;
    throw new InvalidArgumentError(`Expected names of ${Object.keys(baselines).join(', ')}.`);
  });
}

const examples = `
Examples:
  vqkit eval photos --bpp 0.04,0.03,0.02 --against avif,avif-half,webp,jpeg
  vqkit eval photos --lpips-weights lpips_squeeze.safetensors --picture chart.png --report page.md --json > all.json`;

/** Adds `eval` to the program. */
export function addEval(program: Command): void {
  const command = program
    .command('eval')
    .description('code all images of a folder and score what comes back')
    .argument('<folder>', 'a folder of images, or one image')
    .option('--bpp <list>', 'rates to try: bits per pixel, at most, e.g. 0.012,0.02,0.04', positiveNumbers)
    .option('--codes <list>', 'rates to try: codebook sizes, e.g. 16,128,1024', positiveNumbers)
    .option('--against <list>', 'other codecs at their smallest: avif,webp,jpeg,avif-half', baselineNames, [])
    .option('--picture <file>', 'draw quality against rate, and image by image')
    .option('--report <file.md>', 'write a page with all numbers')
    .option('--limit <n>', 'only the first images', positiveInteger);
  addEffortOptions(command, 'measure LPIPS too: its SqueezeNet weights in one file, or <backbone>,<linear layers>');
  addReportOptions(addComputeOptions(command), examples).action(run);
}
