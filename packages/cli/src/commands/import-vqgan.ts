/** `vqkit import-vqgan <checkpoint> --out <folder>`: a VQGAN that others trained, as a weights package. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { cpu, disposeTree, tensorsOf } from '@vqkit/core';
import { openStateDictionary } from '@vqkit/metrics';
import { importTaming } from '@vqkit/models';
import { writeWeights } from '@vqkit/tokenizer/node';
import { packModel, quantizers } from '@vqkit/training';
import { type Command, Option } from 'commander';
import { CliError } from '../errors.ts';
import { checkApart, readInput } from '../io/files.ts';
import { interruptible } from '../io/interrupt.ts';
import { formatBytes } from '../io/numbers.ts';
import { addReportOptions, type OutputOptions, printReport } from '../output.ts';

interface ImportOptions extends OutputOptions {
  readonly out: string;
  readonly precision: 'f16' | 'f32';
  readonly force?: boolean;
}

async function run(path: string, { out, precision, force, json }: ImportOptions): Promise<void> {
  await interruptible(async (signal) => {
    await checkFolder(out, path, force);
    const file = await openStateDictionary(await readInput(path, signal), { signal });
    const backend = cpu();
    const { options, params, codebook } = await importTaming(backend, file);
    signal.throwIfAborted();
    const [codes, dimension] = codebook.shape as [number, number];
    const spec = { name: 'vq', options: { codes, dimension } } as const;
    const quantizer = quantizers.vq(spec.options) as never;
    const model = { architecture: 'vqgan', options, ...params, spec, quantizer, params: { codebook } };
    const files = await packModel({ ...model, precision });
    await writeWeights(out, files);
    const parameters = [params, codebook].flatMap(tensorsOf).reduce((sum, { size }) => sum + size, 0);
    disposeTree([params, codebook]);
    backend.dispose();
    const bytes = Object.values(files).reduce((sum, { length }) => sum + length, 0);
    const scale = 2 ** (options.multipliers!.length - 1);
    const report = { out, architecture: 'vqgan', scale, codes, dimension, parameters, bytes };
    const line = `${out}: VQGAN at 1/${scale}, ${codes} codes of ${dimension}, ${(parameters / 1e6).toFixed(1)} M parameters, ${formatBytes(bytes)}`;
    await printReport(report, [line], { json });
  });
}

/** @throws CliError `OUTPUT_IS_INPUT`, `OUTPUT_EXISTS` */
async function checkFolder(out: string, input: string, force = false): Promise<void> {
  for (const name of ['manifest.json', 'weights.safetensors'])
    await checkApart(join(out, name), input, 'Choose another folder for --out');
  if (force || !existsSync(join(out, 'manifest.json'))) return;
  throw new CliError({
    code: 'OUTPUT_EXISTS',
    message: `expected a folder without a weights package, got '${out}'`,
    fix: 'Choose another folder for --out, or add --force to replace its weights',
  });
}

const examples = `
Reads what taming-transformers trains, with the quantizer VectorQuantizer: PyTorch's .ckpt and .pth, or .safetensors. Nothing in a file
is executed; one that holds more than tensors and plain values is refused. In Python, with torch and safetensors:
  state = torch.load('last.ckpt', map_location='cpu')['state_dict']
  state = {name: x.contiguous() for name, x in state.items() if not name.startswith('loss.')}
  safetensors.torch.save_file(state, 'vqgan.safetensors')

Examples:
  vqkit import-vqgan last.ckpt --out ./vqgan
  vqkit encode photo.jpg -o photo.vqk --weights ./vqgan`;

/** Adds `import-vqgan` to the program. */
export function addImportVqgan(program: Command): void {
  const command = program
    .command('import-vqgan')
    .description('make a weights package of a VQGAN that taming-transformers trained')
    .argument('<checkpoint>', 'the .ckpt, .pth or .safetensors file')
    .requiredOption('--out <folder>', 'manifest and weights')
    .addOption(
      new Option('--precision <type>', 'how numbers are stored; f32 for the very same indices')
        .choices(['f16', 'f32'])
        .default('f16'),
    );
  addReportOptions(command, examples).action(run);
}
