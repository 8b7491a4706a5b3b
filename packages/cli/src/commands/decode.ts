/** `vqkit decode <file.vqk> -o <image>` */
import { inspect } from '@vqkit/codec';
import { type Command, Option } from 'commander';
import { addConcealOptions, wordsOfLoss } from '../concealer.ts';
import { CliError } from '../errors.ts';
import { checkOutput, readInput, writeOutput } from '../io/files.ts';
import { encodePicture, formatOf, type PictureFormat, pictureFormats } from '../io/images.ts';
import { interruptible } from '../io/interrupt.ts';
import { formatTime, positiveNumber } from '../io/numbers.ts';
import { progressBar } from '../io/progress.ts';
import { addReportOptions, checkStandardOutput, printReport, warn } from '../output.ts';
import { addComputeOptions, type ComputeOptions, defaultSrWeights, openSession, openUpscaler } from '../session.ts';

interface DecodeOptions extends ComputeOptions {
  readonly output: string;
  readonly format?: PictureFormat;
  readonly scale?: number;
  readonly srWeights?: string;
  readonly json?: boolean;
  readonly force?: boolean;
}

async function run(path: string, options: DecodeOptions): Promise<void> {
  const { output, format = formatOf(output), scale, srWeights, json, force } = options;
  if (scale === undefined && srWeights !== undefined) {
    throw new CliError({
      code: 'USAGE',
      message: 'expected --scale beside --sr-weights, got --sr-weights alone',
      fix: 'Say how many times as large the picture is to be, or leave it out',
    });
  }
  checkStandardOutput(output, options);
  await interruptible(async (signal) => {
    const bytes = await readInput(path, signal);
    const { bpp, codebookSize } = inspect(bytes);
    await checkOutput(output, { kind: format, inputs: [path], force });
    const enlarger =
      scale === undefined
        ? undefined
        : await openUpscaler({ ...options, weights: srWeights ?? defaultSrWeights }, signal);
    const session = await openSession(options, signal).catch((error: unknown) => {
      enlarger?.dispose();
      throw error;
    });
    const bar = progressBar(enlarger ? 'decoding and enlarging' : 'decoding');
    try {
      const { codec, backend } = session;
      const settings = { signal, onProgress: bar.update };
      const start = performance.now();
      const { image: decoded, lostShare } = await codec.decode(bytes, settings);
      const image = enlarger ? await enlarger.value.upscale(decoded, { scale, ...settings }) : decoded;
      const milliseconds = Math.round(performance.now() - start);
      bar.stop();
      await writeOutput(output, await encodePicture(image, format, signal), signal);
      const concealedBy = session.concealedBy();
      const { width, height, channels } = image;
      const facts = { width, height, channels, bytes: bytes.length, bpp, codebookSize, lostShare, scale };
      const line = `${output}: ${width}×${height}${channels === 4 ? ' with alpha' : ''}, ${formatTime(milliseconds)} on ${backend}`;
      if (lostShare > 0) {
        warn(wordsOfLoss(lostShare, concealedBy));
      }
      await printReport({ file: output, ...facts, concealedBy, backend, milliseconds }, [line], { json, file: output });
    } finally {
      bar.stop();
      session.dispose();
      enlarger?.dispose();
    }
  });
}

const examples = `
Examples:
  vqkit decode photo.vqk -o photo.png
  vqkit decode damaged.vqk -o photo.png --conceal-weights ./run/transformer
  vqkit decode photo.vqk -o large.png --scale 2
  cat photo.vqk | vqkit decode - -o - --format webp > photo.webp`;

/** Adds `decode` to the program. */
export function addDecode(program: Command): void {
  const command = program
    .command('decode')
    .description('restore an image from a .vqk file')
    .argument('<file>', 'the .vqk file; - for standard input')
    .requiredOption('-o, --output <image>', 'a .png, .jpg, .webp or .avif file; - for standard output')
    .addOption(new Option('--format <name>', 'instead of the extension').choices(pictureFormats))
    .option('--scale <n>', 'enlarge what is decoded by super-resolution, so many times along each axis', positiveNumber)
    .option('--sr-weights <package>', `weights that enlarge, as --weights of upscale (default: ${defaultSrWeights})`);
  addReportOptions(addConcealOptions(addComputeOptions(command)), examples).action(run);
}
