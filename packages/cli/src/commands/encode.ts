/** `vqkit encode <image> -o <file.vqk>` */
import { inspect } from '@vqkit/codec';
import type { Command } from 'commander';
import { CliError } from '../errors.ts';
import { checkOutput, readInput, writeOutput } from '../io/files.ts';
import { readPicture } from '../io/images.ts';
import { interruptible } from '../io/interrupt.ts';
import { formatBpp, formatBytes, formatTime, positiveInteger, positiveNumber } from '../io/numbers.ts';
import { progressBar } from '../io/progress.ts';
import { checkStandardOutput, printReport } from '../output.ts';
import { addComputeOptions, type ComputeOptions, openSession } from '../session.ts';

interface EncodeOptions extends ComputeOptions {
  readonly output: string;
  readonly bpp?: number;
  readonly bytes?: number;
  readonly codes?: number;
  readonly packets?: number;
  readonly json?: boolean;
}

async function run(path: string, options: EncodeOptions): Promise<void> {
  const { output, bpp: targetBpp, bytes: maxBytes, codes: codebookSize, packets, json } = options;
  if ([targetBpp, maxBytes, codebookSize].filter((value) => value !== undefined).length > 1) {
    throw new CliError({
      code: 'USAGE',
      message: 'expected one of --bpp, --bytes and --codes, got several',
      fix: 'Say how large the file may be in one way',
    });
  }
  checkStandardOutput(output, options);
  await interruptible(async (signal) => {
    const picture = await readPicture(await readInput(path, signal), path);
    await checkOutput(output);
    const session = await openSession(options, signal);
    const bar = progressBar('encoding');
    try {
      const { codec, backend } = session;
      const start = performance.now();
      const settings = { targetBpp, maxBytes, codebookSize, packets, signal, onProgress: bar.update };
      const bytes = await codec.encode(picture, settings);
      const milliseconds = Math.round(performance.now() - start);
      bar.stop();
      await writeOutput(output, bytes, signal);
      const { width, height, bpp, codebookSize: codes } = inspect(bytes);
      const report = {
        file: output,
        width,
        height,
        bytes: bytes.length,
        bpp,
        codebookSize: codes,
        backend,
        milliseconds,
      };
      const line = `${output}: ${width}×${height}, ${formatBytes(bytes.length)}, ${formatBpp(bpp)}, ${codes} codes, ${formatTime(milliseconds)} on ${backend}`;
      await printReport(report, [line], { json, file: output });
    } finally {
      bar.stop();
      session.dispose();
    }
  });
}

const examples = `
Examples:
  vqkit encode photo.jpg -o photo.vqk
  vqkit encode photo.jpg -o photo.vqk --bpp 0.03
  cat photo.jpg | vqkit encode - -o - > photo.vqk`;

/** Adds `encode` to the program. */
export function addEncode(program: Command): void {
  const command = program
    .command('encode')
    .description('compress an image into a .vqk file')
    .argument('<image>', 'any format that sharp reads; - for standard input')
    .requiredOption('-o, --output <file>', 'the .vqk file; - for standard output')
    .option('--bpp <target>', 'bits per pixel of the whole file, at most', positiveNumber)
    .option('--bytes <max>', 'bytes of the whole file, at most', positiveInteger)
    .option('--codes <n>', 'codebook size, exactly (default: the largest)', positiveInteger)
    .option('--packets <n>', 'packets that decode alone, for lossy networks', positiveInteger);
  addComputeOptions(command).option('--json', 'print one JSON object').addHelpText('after', examples).action(run);
}
