/**
 * What quantizers cost at equal bits: storage, bits and multiplications, counted in the graphs of `encode` and `decode`. Nothing is
 * timed, so every machine says the same.
 *
 * `npm run bench -- quantizer-costs [--height 16] [--width 16] [--scale 16]`: also the Markdown table of docs/quantizers.md
 */
import { costTable } from '@vqkit/core/codebook';
import { describeMachine } from '../harness/machine.ts';
import type { BenchOptions, BenchReport } from '../harness/report.ts';
import { costRows, f16Map } from './rows.ts';

export default async function benchmark({ args, log }: BenchOptions): Promise<BenchReport> {
  const sizeOf = (name: keyof typeof f16Map): number => {
    const at = args.indexOf(`--${name}`);
    return at >= 0 ? Number(args[at + 1]) : f16Map[name];
  };
  const map = { height: sizeOf('height'), width: sizeOf('width'), scale: sizeOf('scale') };
  const costs = costRows(map);
  log(costTable(costs));
  return {
    machine: describeMachine(),
    items: Object.entries(costs).map(([name, cost]) => ({ name, ...cost })),
    summary: map,
  };
}
