/** `vqkit generate --weights <package> -o <sheet>` */
import { createHash } from 'node:crypto';
import { imageSheet } from '@vqkit/images';
import type { Drawn, Generator } from '@vqkit/tokenizer/generation';
import type { Command } from 'commander';
import { CliError } from '../errors.ts';
import { checkOutput, writeOutput } from '../io/files.ts';
import { encodePicture, formatOf } from '../io/images.ts';
import { interruptible } from '../io/interrupt.ts';
import { formatTime, integerFrom, integerFromZero, numberFromZero, positiveInteger } from '../io/numbers.ts';
import { progressBar } from '../io/progress.ts';
import { addReportOptions, checkStandardOutput, type OutputOptions, printReport } from '../output.ts';
import { addBackendOptions, type ComputeOptions, openGenerator } from '../session.ts';

interface GenerateOptions extends ComputeOptions, OutputOptions {
  readonly output: string;
  readonly tokenizer?: string;
  readonly count: number;
  readonly class?: number;
  readonly seed: number;
  readonly columns?: number;
  readonly width?: number;
  readonly height?: number;
  readonly steps?: number;
  readonly temperature?: number;
  readonly guidance?: number;
  readonly topK?: number;
  readonly noise?: number;
  readonly force?: boolean;
}

async function run(options: GenerateOptions): Promise<void> {
  const { output, count, class: label, seed, columns, json, force, width, height } = options;
  const { steps, temperature, guidance, topK, noise } = options;
  checkStandardOutput(output, options);
  await interruptible(async (signal) => {
    const format = formatOf(output);
    await checkOutput(output, { kind: format, inputs: [], force });
    const session = await openGenerator(options, { steps, temperature, guidance, topK, noise }, signal);
    const { value: generator, backend, dispose } = session;
    const bar = progressBar('drawing');
    try {
      const start = performance.now();
      const grid = gridOf(generator, width, height);
      const drawn = await generator.draw(count, { label, seed, grid, signal, onProgress: bar.update });
      const milliseconds = Math.round(performance.now() - start);
      bar.stop();
      const sheet = imageSheet(
        drawn.map(({ image }) => image),
        { columns },
      );
      await writeOutput(output, await encodePicture(sheet, format, signal), signal);
      const [{ image }] = drawn as [Drawn];
      const facts = { width: image.width, height: image.height, classes: generator.classes, class: label ?? null };
      const report = { file: output, count, seed, ...facts, indices: digestOf(drawn), backend, milliseconds };
      const line = `${output}: ${count} images of ${image.width}×${image.height}, ${formatTime(milliseconds)} on ${backend}`;
      await printReport(report, [line], { json, file: output });
    } finally {
      bar.stop();
      dispose();
    }
  });
}

/** Size of maps from that of images in pixels. @throws CliError `USAGE` */
function gridOf({ scale }: Generator, width: number | undefined, height = width) {
  if (height === undefined) return undefined;
  const sides = [width ?? height, height] as const;
  if (sides.every((side) => side % scale === 0)) return { width: sides[0] / scale, height: height / scale };
  throw new CliError({
    code: 'USAGE',
    message: `expected sides that are multiples of ${scale} pixels, got ${sides.join('×')}`,
    fix: 'Change --width and --height',
  });
}

/** Sixteen digits of the SHA-256 of all indices: equal where the same was drawn. */
function digestOf(drawn: readonly Drawn[]): string {
  const hash = createHash('sha256');
  for (const { map } of drawn)
    for (const plane of map.planes) hash.update(new Uint8Array(plane.buffer, plane.byteOffset, plane.byteLength));
  return hash.digest('hex').slice(0, 16);
}

const examples = `
Examples:
  vqkit generate --weights ./run/digits-generator -o sheet.png
  vqkit generate --weights ./run/digits-generator -o threes.png --class 3 -n 16 --seed 7 --guidance 1
  vqkit generate --weights ./run/transformer --tokenizer @vqkit/weights-photo -o photos.png -n 4 --width 256`;

/** Adds `generate` to the program. */
export function addGenerate(program: Command): void {
  const command = program
    .command('generate')
    .description('draw new images with a trained generator, as one sheet')
    .requiredOption('-o, --output <sheet>', 'a .png, .jpg, .webp or .avif file; - for standard output')
    .requiredOption('--weights <package>', 'npm name of a generator, or a folder of vqkit train generator: ./run')
    .option('--tokenizer <package>', 'weights whose indices an index transformer completes, to draw with that')
    .option('-n, --count <n>', 'images', integerFrom(1, 4096), 64)
    .option('--class <n>', 'class of all images (default: each class in turn)', integerFromZero)
    .option('--seed <n>', 'another seed, other images', integerFromZero, 1)
    .option('--columns <n>', 'images in a row of the sheet (default: about as many as rows)', positiveInteger)
    .option('--width <pixels>', 'width of an image (default: as trained)', positiveInteger)
    .option('--height <pixels>', 'height of an image (default: as --width)', positiveInteger)
    .option('--steps <n>', 'runs of the network (default: 12, of latent flows 25)', integerFrom(1, 1000))
    .option('--temperature <x>', 'below 1 likelier images, above 1 more varied (default: 1)', numberFromZero)
    .option('--guidance <x>', 'follow the class further than it is likely (default: 0)', numberFromZero)
    .option('--top-k <n>', 'draw among so many codes, the likeliest; not for latent flows', positiveInteger)
    .option('--noise <x>', 'noise on what is surest; not for latent flows (default: 4.5)', numberFromZero);
  addReportOptions(addBackendOptions(command), examples).action(run);
}
