/** `vqkit decode <file.vqk> -o <image>` */
import { inspect } from '@vqkit/codec';
import { type Command, Option } from 'commander';
import { addConcealOptions } from '../concealer.ts';
import { checkOutput, readInput, writeOutput } from '../io/files.ts';
import { encodePicture, formatOf, type PictureFormat, pictureFormats } from '../io/images.ts';
import { interruptible } from '../io/interrupt.ts';
import { formatTime } from '../io/numbers.ts';
import { progressBar } from '../io/progress.ts';
import { addForceOption, checkStandardOutput, printReport, warn } from '../output.ts';
import { addComputeOptions, type ComputeOptions, openSession } from '../session.ts';

interface DecodeOptions extends ComputeOptions {
  readonly output: string;
  readonly format?: PictureFormat;
  readonly json?: boolean;
  readonly force?: boolean;
}

async function run(path: string, options: DecodeOptions): Promise<void> {
  const { output, format = formatOf(output), json, force } = options;
  checkStandardOutput(output, options);
  await interruptible(async (signal) => {
    const bytes = await readInput(path, signal);
    const { width, height, bpp, codebookSize } = inspect(bytes);
    await checkOutput(output, { kind: format, inputs: [path], force });
    const session = await openSession(options, signal);
    const bar = progressBar('decoding');
    try {
      const { codec, backend } = session;
      const start = performance.now();
      const { image, lostShare } = await codec.decode(bytes, { signal, onProgress: bar.update });
      const milliseconds = Math.round(performance.now() - start);
      bar.stop();
      await writeOutput(output, await encodePicture(image, format), signal);
      const concealedBy = session.concealedBy();
      const facts = { width, height, channels: image.channels, bytes: bytes.length, bpp, codebookSize, lostShare };
      const line = `${output}: ${width}×${height}${image.channels === 4 ? ' with alpha' : ''}, ${formatTime(milliseconds)} on ${backend}`;
      if (lostShare > 0) {
        warn(
          `${(100 * lostShare).toFixed(1)} % of the picture is lost or damaged and was guessed by ${concealedBy === 'transformer' ? 'the transformer' : 'neighbours'}`,
        );
      }
      await printReport({ file: output, ...facts, concealedBy, backend, milliseconds }, [line], { json, file: output });
    } finally {
      bar.stop();
      session.dispose();
    }
  });
}

const examples = `
Examples:
  vqkit decode photo.vqk -o photo.png
  vqkit decode damaged.vqk -o photo.png --conceal-weights ./run/transformer
  cat photo.vqk | vqkit decode - -o - --format webp > photo.webp`;

/** Adds `decode` to the program. */
export function addDecode(program: Command): void {
  const command = program
    .command('decode')
    .description('restore an image from a .vqk file')
    .argument('<file>', 'the .vqk file; - for standard input')
    .requiredOption('-o, --output <image>', 'a .png, .jpg, .webp or .avif file; - for standard output')
    .addOption(new Option('--format <name>', 'instead of the extension').choices(pictureFormats));
  addForceOption(addConcealOptions(addComputeOptions(command)))
    .option('--json', 'print one JSON object')
    .addHelpText('after', examples)
    .action(run);
}
