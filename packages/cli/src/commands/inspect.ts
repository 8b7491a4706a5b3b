/** `vqkit inspect <file.vqk>` */
import { inspect } from '@vqkit/codec';
import { printable } from '@vqkit/codec/bitstream';
import type { Command } from 'commander';
import { readInput } from '../io/files.ts';
import { formatBpp, formatBytes } from '../io/numbers.ts';
import { type OutputOptions, printReport } from '../output.ts';

async function run(path: string, { json }: OutputOptions): Promise<void> {
  const facts = inspect(await readInput(path));
  const { width, height, bytes, bpp, codebookSize, version, modelId } = facts;
  const line = `${printable(path)}: ${width}×${height}, ${formatBytes(bytes)}, ${formatBpp(bpp)}, ${codebookSize} codes, model ${modelId}, format ${version}`;
  await printReport({ file: path, ...facts }, [line], { json });
}

/** Adds `inspect` to the program. */
export function addInspect(program: Command): void {
  program
    .command('inspect')
    .description('say what a .vqk file holds, without decoding its pixels')
    .argument('<file>', 'the .vqk file; - for standard input')
    .option('--json', 'print one JSON object')
    .action(run);
}
