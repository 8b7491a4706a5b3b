/** `vqkit encode <images…> -o <file.vqk | folder>` */
import { type Codec, type EncodeOptions as CodecEncodeOptions, inspect } from '@vqkit/codec';
import { type Command, Option } from 'commander';
import { CliError } from '../errors.ts';
import { checkOutput, readInput, writeOutput } from '../io/files.ts';
import { readPicture } from '../io/images.ts';
import { interruptible } from '../io/interrupt.ts';
import { formatBpp, formatBytes, formatTime, integerFrom, numberFrom, positiveInteger } from '../io/numbers.ts';
import { progressBar } from '../io/progress.ts';
import { addReportOptions, checkStandardOutput, type OutputOptions } from '../output.ts';
import { addComputeOptions, addEffortOptions, checkCodes, type EncodeComputeOptions, openSession } from '../session.ts';
import { type Job, type JobReport, jobsOf, runJobs } from './jobs.ts';

interface EncodeOptions extends EncodeComputeOptions, OutputOptions {
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

/** What is said of a file that was written. */
type Report = ReturnType<typeof inspect> & { readonly file: string; readonly milliseconds: number };

async function run(inputs: readonly string[], options: EncodeOptions): Promise<void> {
  const { output, bpp: targetBpp, bytes: maxBytes, codes: codebookSize, alpha, json, force } = options;
  const { packets, packetBytes, parity, effort } = options;
  if ([targetBpp, maxBytes, codebookSize].filter((value) => value !== undefined).length > 1) {
    throw new CliError({
      code: 'USAGE',
      message: 'expected one of --bpp, --bytes and --codes, got several',
      fix: 'Say how large the file may be in one way',
    });
  }
  if (packets !== undefined && (packetBytes !== undefined || packets + (parity ?? 0) > (parity ? 255 : 4096))) {
    throw new CliError({
      code: 'USAGE',
      message: `expected --packets or --packet-bytes, and at most 255 packets with --parity, got ${packets} packets${packetBytes === undefined ? '' : ` of ${packetBytes} bytes`} and ${parity ?? 0} of parity`,
      fix: 'Leave one of them out, or ask for fewer packets',
    });
  }
  checkStandardOutput(output, options);
  await checkCodes(options.weights, codebookSize === undefined ? [] : [codebookSize]);
  await interruptible(async (signal) => {
    const jobs = await jobsOf(inputs, output, () => '.vqk');
    for (const job of jobs) await checkOutput(job.output, { kind: 'vqk', inputs, force });
    const session = await openSession(options, signal);
    const bar = progressBar('encoding');
    try {
      const onProgress = jobs.length === 1 ? bar.update : undefined;
      const settings = {
        targetBpp,
        maxBytes,
        codebookSize,
        packets,
        packetBytes,
        parity,
        alpha,
        effort,
        signal,
        onProgress,
      };
      const { codec, backend } = session;
      const work = async (job: Job): Promise<JobReport> => {
        const {
          file,
          width,
          height,
          bytes,
          bpp,
          codebookSize: codes,
          milliseconds,
        } = await encodeOne(codec, job, settings);
        return {
          report: { file, width, height, bytes, bpp, codebookSize: codes, backend, milliseconds },
          line: `${file}: ${width}×${height}, ${formatBytes(bytes)}, ${formatBpp(bpp)}, ${codes} codes, ${formatTime(milliseconds)} on ${backend}`,
        };
      };
      await runJobs(jobs, work, { bar, json, signal });
    } finally {
      bar.stop();
      session.dispose();
    }
  });
}

async function encodeOne(codec: Codec, { input, output }: Job, settings: CodecEncodeOptions): Promise<Report> {
  const { signal } = settings;
  const picture = await readPicture(await readInput(input, signal), input, { signal });
  const start = performance.now();
  const bytes = await codec.encode(picture, settings);
  const milliseconds = Math.round(performance.now() - start);
  await writeOutput(output, bytes, signal);
  return { ...inspect(bytes), file: output, milliseconds };
}

const examples = `
Examples:
  vqkit encode photo.jpg -o photo.vqk
  vqkit encode photo.jpg -o photo.vqk --bpp 0.03
  vqkit encode photos -o coded
  vqkit encode photo.jpg -o photo.vqk --effort 1
  cat photo.jpg | vqkit encode - -o - > photo.vqk`;

/** Adds `encode` to the program. */
export function addEncode(program: Command): void {
  const command = program
    .command('encode')
    .description('compress images into .vqk files')
    .argument('<images...>', 'files of any format that can be read, or folders; - for standard input')
    .requiredOption('-o, --output <file>', 'the .vqk file, or a folder for several; - for standard output')
    .option('--bpp <target>', 'bits per pixel of the whole file, at most', numberFrom(0, 1e9))
    .option('--bytes <max>', 'bytes of the whole file, at most', positiveInteger)
    .option('--codes <n>', 'codebook size, exactly (default: the largest)', positiveInteger)
    .option('--packets <n>', 'packets that decode alone, for lossy networks', integerFrom(1, 4096))
    .option('--packet-bytes <n>', 'instead: packets of at most so many bytes', integerFrom(32, 2 ** 31))
    .option('--parity <n>', 'parity packets: any so many lost ones are restored exactly', integerFrom(1, 254))
    .addOption(
      new Option('--alpha <mode>', 'transparency: exactly, coarsely, or not at all')
        .choices(['keep', 'lossy', 'drop'])
        .default('keep'),
    );
  addEffortOptions(command, 'SqueezeNet weights of LPIPS in one file, or <backbone>,<linear layers>');
  addReportOptions(addComputeOptions(command), examples).action(run);
}
