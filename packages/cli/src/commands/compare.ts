/** `vqkit compare <reference> <distorted>` */
import type { Command } from 'commander';
import { openBackend } from '../backends.ts';
import { CliError } from '../errors.ts';
import { createJudge } from '../eval/judge.ts';
import type { Scores } from '../eval/scores.ts';
import { checkOutput, readInput, standardStream, writeOutput } from '../io/files.ts';
import { convertPicture, formatOf, readPicture } from '../io/images.ts';
import { interruptible } from '../io/interrupt.ts';
import { addReportOptions, checkStandardOutput, type OutputOptions, printReport } from '../output.ts';
import { drawComparison } from '../picture/draw-comparison.ts';
import { addBackendOptions, type BackendOptions } from '../session.ts';

interface CompareOptions extends OutputOptions, BackendOptions {
  readonly lpipsWeights?: string;
  readonly picture?: string;
  readonly force?: boolean;
}

async function run(reference: string, distorted: string, options: CompareOptions): Promise<void> {
  const { lpipsWeights, json, picture, force } = options;
  if (reference === standardStream && distorted === standardStream) {
    throw new CliError({
      code: 'USAGE',
      message: 'expected one picture from standard input, got both',
      fix: 'Name a file for one of them',
    });
  }
  if (picture !== undefined) {
    checkStandardOutput(picture, { json });
    await checkOutput(picture, { kind: formatOf(picture), inputs: [reference, distorted], force });
  }
  await interruptible(async (signal) => {
    const a = await readPicture(await readInput(reference, signal), reference, { signal });
    const b = await readPicture(await readInput(distorted, signal), distorted, { signal });
    const backend = lpipsWeights === undefined ? undefined : await openBackend(options.backend, options.threads);
    try {
      const lpips = backend && lpipsWeights ? { weights: lpipsWeights, backend } : undefined;
      const judge = await createJudge(lpips, signal);
      const scores = await judge.compare(a, b, signal);
      judge.dispose();
      if (picture !== undefined) {
        const drawn = await drawComparison(a, b, scores, signal);
        await writeOutput(picture, await convertPicture(drawn, picture, signal), signal);
      }
      await printReport(scores, linesOf(scores, lpipsWeights !== undefined), { json, file: picture });
    } finally {
      backend?.dispose();
    }
  });
}

function linesOf({ psnr, ssim, msSsim, lpipsSqueeze }: Scores, hasLpips: boolean): string[] {
  const value = (score: number | null, digits: number, why: string): string => score?.toFixed(digits) ?? `– (${why})`;
  return [
    `PSNR             ${psnr === Number.POSITIVE_INFINITY ? '∞: the pictures are equal' : `${psnr.toFixed(2)} dB`}`,
    `SSIM             ${value(ssim, 4, 'needs 11×11 pixels')}`,
    `MS-SSIM          ${value(msSsim, 4, 'needs 161×161 pixels')}`,
    `LPIPS (squeeze)  ${value(lpipsSqueeze, 4, hasLpips ? 'the pictures are too small' : 'needs --lpips-weights')}`,
  ];
}

/** Adds `compare` to the program. */
export function addCompare(program: Command): void {
  const command = program
    .command('compare')
    .description('say how close an image is to its original')
    .argument('<reference>', 'the original; - for standard input')
    .argument('<distorted>', 'what to judge, of the same size')
    .option(
      '--lpips-weights <file>',
      'measure LPIPS too: its SqueezeNet weights in one file, or <backbone>,<linear layers>',
    )
    .option('--picture <file>', 'draw both images and where they differ: errors, and structure (SSIM)');
  addReportOptions(addBackendOptions(command)).action(run);
}
