/** What `npm start [-- photo.jpg] [--out folder]` runs: compresses a photo, restores it, and shows what happened. */
import { Command } from 'commander';
import { runDemonstration } from './demonstration.ts';
import { positiveNumber } from './io/numbers.ts';
import { main, prepare } from './program.ts';
import { addComputeOptions } from './session.ts';

const program = prepare(new Command('npm start --'))
  .description('Compresses a photo, restores it, and draws it beside JPEG and AVIF at their smallest.')
  .argument('[photo]', 'any image (default: a photo of the Kodak set)')
  .option('--out <folder>', 'where the files go', 'out')
  .option('--bpp <target>', 'bits per pixel of the whole file, at most', positiveNumber);
addComputeOptions(program).action(runDemonstration);

process.exitCode = await main(process.argv.slice(2), program);
