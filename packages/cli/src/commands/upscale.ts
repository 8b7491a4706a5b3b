/** `vqkit upscale <images…> -o <image | folder>` */
import { extname } from 'node:path';
import type { UpscaleOptions as SizeOptions, Upscaler } from '@vqkit/sr';
import type { Command } from 'commander';
import { CliError } from '../errors.ts';
import { checkOutput, readInput } from '../io/files.ts';
import { formatOf, pictureFormats, readPicture } from '../io/images.ts';
import { interruptible } from '../io/interrupt.ts';
import { formatTime, positiveInteger, positiveNumber } from '../io/numbers.ts';
import { checkFits, writePictureRows } from '../io/picture-rows.ts';
import { progressBar } from '../io/progress.ts';
import { addReportOptions, checkStandardOutput, type OutputOptions } from '../output.ts';
import { addComputeOptions, type ComputeOptions, defaultSrWeights, openUpscaler } from '../session.ts';
import { type Job, type JobReport, jobsOf, runJobs } from './jobs.ts';

interface UpscaleOptions extends ComputeOptions, OutputOptions {
  readonly output: string;
  readonly scale?: number;
  readonly width?: number;
  readonly height?: number;
  readonly force?: boolean;
}

async function run(inputs: readonly string[], options: UpscaleOptions): Promise<void> {
  const { output, scale, width, height, json, force } = options;
  if (scale !== undefined && (width !== undefined || height !== undefined)) {
    throw new CliError({
      code: 'USAGE',
      message: 'expected --scale, or --width and --height, got both',
      fix: 'Say how large the picture is to be in one way',
    });
  }
  checkStandardOutput(output, options);
  await interruptible(async (signal) => {
    const jobs = await jobsOf(inputs, output, extensionOf);
    for (const job of jobs) await checkOutput(job.output, { kind: formatOf(job.output), inputs, force });
    const { value: upscaler, backend, dispose } = await openUpscaler(options, signal);
    const bar = progressBar('enlarging');
    try {
      const onProgress = jobs.length === 1 ? bar.update : undefined;
      const work = async (job: Job): Promise<JobReport> => {
        const report = await upscaleOne(upscaler, job, { scale, width, height, signal, onProgress });
        const { file, milliseconds, ...size } = report;
        const line = `${file}: ${size.width}×${size.height}, ${formatTime(milliseconds)} on ${backend}`;
        return { report: { ...report, backend }, line };
      };
      await runJobs(jobs, work, { bar, json, signal });
    } finally {
      bar.stop();
      dispose();
    }
  });
}

async function upscaleOne(upscaler: Upscaler, { input, output }: Job, settings: SizeOptions) {
  const { signal } = settings;
  const picture = await readPicture(await readInput(input, signal), input, { signal });
  const start = performance.now();
  const size = upscaler.sizeOf(picture, settings);
  const format = formatOf(output);
  checkFits(output, size, format);
  await writePictureRows(output, upscaler.upscaleRows(picture, settings), size, { format, signal });
  const milliseconds = Math.round(performance.now() - start);
  return { file: output, ...size, milliseconds };
}

/** The input's format where it can be written, else PNG. */
function extensionOf(input: string): string {
  const extension = extname(input).toLowerCase();
  const name = extension.slice(1);
  return name === 'jpeg' || (pictureFormats as readonly string[]).includes(name) ? extension : '.png';
}

const examples = `
Examples:
  vqkit upscale photo.jpg -o large.png
  vqkit upscale photo.jpg -o wide.jpg --width 1920
  vqkit upscale from-the-web.jpg -o large.png --weights @vqkit/weights-sr-x4-real
  vqkit upscale photos -o large --scale 2 --weights ./run/sr-rap`;

/** Adds `upscale` to the program. */
export function addUpscale(program: Command): void {
  const command = program
    .command('upscale')
    .description('enlarge images by super-resolution')
    .argument('<images...>', 'files of any format that can be read, or folders; - for standard input')
    .requiredOption('-o, --output <image>', 'a .png, .jpg, .webp or .avif file, or a folder for several')
    .option('--scale <n>', 'times as large along each axis (default: 4)', positiveNumber)
    .option('--width <pixels>', 'instead: width; the height follows', positiveInteger)
    .option('--height <pixels>', 'instead: height; the width follows', positiveInteger);
  addReportOptions(addComputeOptions(command, defaultSrWeights), examples).action(run);
}
