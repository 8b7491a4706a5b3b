/** `vqkit encode <images…> -o <file.vqk | folder>` */
import { mkdir, stat } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { type Codec, type EncodeOptions as CodecEncodeOptions, inspect } from '@vqkit/codec';
import { type Command, Option } from 'commander';
import { CliError } from '../errors.ts';
import { eachFile, linesOfSkipped } from '../io/each-file.ts';
import { checkOutput, readInput, standardStream, writeOutput } from '../io/files.ts';
import { readPicture } from '../io/images.ts';
import { interruptible } from '../io/interrupt.ts';
import { formatBpp, formatBytes, formatTime, packetCount, positiveInteger, positiveNumber } from '../io/numbers.ts';
import { progressBar } from '../io/progress.ts';
import { addForceOption, checkStandardOutput, type OutputOptions, printReport } from '../output.ts';
import { addComputeOptions, type ComputeOptions, checkCodes, openSession } from '../session.ts';
import { listImages } from './list-images.ts';

interface EncodeOptions extends ComputeOptions, OutputOptions {
  readonly output: string;
  readonly bpp?: number;
  readonly bytes?: number;
  readonly codes?: number;
  readonly packets?: number;
  readonly alpha: 'keep' | 'lossy' | 'drop';
  readonly packetBytes?: number;
  readonly parity?: number;
  readonly force?: boolean;
}

/** Where each input goes. */
interface Job {
  readonly input: string;
  readonly output: string;
}

/** What is said of a file that was written. */
type Report = ReturnType<typeof inspect> & { readonly file: string; readonly milliseconds: number };

async function run(inputs: readonly string[], options: EncodeOptions): Promise<void> {
  const { output, bpp: targetBpp, bytes: maxBytes, codes: codebookSize, alpha, json, force } = options;
  const { packets, packetBytes, parity } = options;
  if ([targetBpp, maxBytes, codebookSize].filter((value) => value !== undefined).length > 1) {
    throw new CliError({
      code: 'USAGE',
      message: 'expected one of --bpp, --bytes and --codes, got several',
      fix: 'Say how large the file may be in one way',
    });
  }
  checkStandardOutput(output, options);
  await checkCodes(options.weights, codebookSize === undefined ? [] : [codebookSize]);
  await interruptible(async (signal) => {
    const jobs = await jobsOf(inputs, output);
    for (const job of jobs) await checkOutput(job.output, { kind: 'vqk', inputs, force });
    const session = await openSession(options, signal);
    const bar = progressBar('encoding');
    const reports: object[] = [];
    try {
      const onProgress = jobs.length === 1 ? bar.update : undefined;
      const settings = { targetBpp, maxBytes, codebookSize, packets, packetBytes, parity, alpha, signal, onProgress };
      const files = jobs.map((job) => job.input);
      const skipped = await eachFile(
        files,
        async (file) => {
          const index = files.indexOf(file);
          const { output: target } = jobs[index]!;
          if (jobs.length > 1) bar.update({ done: index, total: jobs.length }, file);
          const report = await encodeOne(session.codec, { input: file, output: target }, settings);
          if (jobs.length === 1) bar.stop();
          const { width, height, bytes, bpp, codebookSize: codes, milliseconds } = report;
          reports.push({
            file: target,
            width,
            height,
            bytes,
            bpp,
            codebookSize: codes,
            backend: session.backend,
            milliseconds,
          });
          const line = `${target}: ${width}×${height}, ${formatBytes(bytes)}, ${formatBpp(bpp)}, ${codes} codes, ${formatTime(milliseconds)} on ${session.backend}`;
          if (!json) await printReport({}, [line], { file: target });
        },
        signal,
      );
      bar.stop();
      if (json) await printReport(jobs.length === 1 ? reports[0]! : { files: reports, skipped }, [], { json });
      else for (const line of linesOfSkipped(files, skipped)) process.stderr.write(`${line}\n`);
    } finally {
      bar.stop();
      session.dispose();
    }
  });
}

async function encodeOne(codec: Codec, { input, output }: Job, settings: CodecEncodeOptions): Promise<Report> {
  const { signal } = settings;
  const picture = await readPicture(await readInput(input, signal), input);
  const start = performance.now();
  const bytes = await codec.encode(picture, settings);
  const milliseconds = Math.round(performance.now() - start);
  await writeOutput(output, bytes, signal);
  return { ...inspect(bytes), file: output, milliseconds };
}

/** One file into a file, or into a folder that is there; several, or a folder, into a folder that is made if need be. */
async function jobsOf(inputs: readonly string[], output: string): Promise<Job[]> {
  const kindOfPath = async (path: string): Promise<'folder' | 'other' | undefined> => {
    const found = path === standardStream ? undefined : await stat(path).catch(() => undefined);
    return found && (found.isDirectory() ? 'folder' : 'other');
  };
  const target = await kindOfPath(output);
  const isSingle = inputs.length === 1 && (await kindOfPath(inputs[0]!)) !== 'folder';
  if (isSingle && target !== 'folder') return [{ input: inputs[0]!, output }];
  if (!isSingle && (output === standardStream || target === 'other')) {
    throw new CliError({
      code: 'USAGE',
      message: `expected -o with a folder for several images, got '${output}'`,
      fix: 'Name a folder; it is made when it is not there',
    });
  }
  const lists = await Promise.all(inputs.map((input) => (input === standardStream ? [input] : listImages(input))));
  const files = [...new Set(lists.flat())];
  if (target === undefined) await mkdir(output, { recursive: true });
  const stem = (file: string): string => (file === standardStream ? 'stdin' : basename(file, extname(file)));
  return files.map((input) => {
    const isShared = files.some((other) => other !== input && stem(other) === stem(input));
    return { input, output: join(output, `${isShared ? basename(input) : stem(input)}.vqk`) };
  });
}

const examples = `
Examples:
  vqkit encode photo.jpg -o photo.vqk
  vqkit encode photo.jpg -o photo.vqk --bpp 0.03
  vqkit encode photos -o coded
  cat photo.jpg | vqkit encode - -o - > photo.vqk`;

/** Adds `encode` to the program. */
export function addEncode(program: Command): void {
  const command = program
    .command('encode')
    .description('compress images into .vqk files')
    .argument('<images...>', 'files of any format that can be read, or folders; - for standard input')
    .requiredOption('-o, --output <file>', 'the .vqk file, or a folder for several; - for standard output')
    .option('--bpp <target>', 'bits per pixel of the whole file, at most', positiveNumber)
    .option('--bytes <max>', 'bytes of the whole file, at most', positiveInteger)
    .option('--codes <n>', 'codebook size, exactly (default: the largest)', positiveInteger)
    .option('--packets <n>', 'packets that decode alone, for lossy networks', packetCount)
    .option('--packet-bytes <n>', 'instead: packets of at most so many bytes', positiveInteger)
    .option('--parity <n>', 'parity packets: any so many lost ones are restored exactly', positiveInteger)
    .addOption(
      new Option('--alpha <mode>', 'transparency: exactly, coarsely, or not at all')
        .choices(['keep', 'lossy', 'drop'])
        .default('keep'),
    );
  addForceOption(addComputeOptions(command))
    .option('--json', 'print one JSON object')
    .addHelpText('after', examples)
    .action(run);
}
