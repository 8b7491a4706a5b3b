/**
 * `npm run papers -- tvq-rap --data <photos>`: the ablations of TVQ & RAP at the sizes of our port. Runs lie in `out/papers/tvq-rap`, named after their
 * lengths, and the same command goes on with them, also after a kill; rows that are finished are written to `bench/papers/tvq-rap/results`,
 * with tables and pictures.
 */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { onnx } from '@vqkit/backend-onnx';
import { dataPath } from '../../../tooling/shared-data.ts';
import { formatTable } from '../../harness/report.ts';
import { cellsOf, writeTvqPages } from './pages.ts';
import { rowsOf, tvqRows, tvqTables } from './rows.ts';
import { runTvqRows } from './run.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));

const options = {
  rows: { type: 'string' },
  table: { type: 'string' },
  steps: { type: 'string', default: '6000' },
  'extra-steps': { type: 'string', default: '2000' },
  minutes: { type: 'string' },
  batch: { type: 'string', default: '16' },
  tiny: { type: 'boolean', default: false },
  out: { type: 'string' },
  threads: { type: 'string' },
  seed: { type: 'string', default: '1' },
  data: { type: 'string', default: dataPath('train-photos') },
  'held-out': { type: 'string', default: join(root, 'packages/weights/photo/training/held-out.txt') },
  'lpips-weights': { type: 'string', default: dataPath('weights/lpips_squeeze_v0.1.safetensors') },
} as const;

const usage = `usage: npm run papers -- tvq-rap [options]
  --table 1,2        ${tvqTables.map(({ number, title }) => `${number}: ${title}`).join('\n                     ')}
  --rows a,b         in place of tables: rows or groups of rows, and what they start from (default: all)
                     groups: ${[...new Set(tvqRows.flatMap(({ groups }) => groups))].join(', ')}
                     rows: ${tvqRows.map(({ id }) => id).join(', ')}
  --steps N          of each tokenizer and each predictor (default 6000); --extra-steps N (default 2000)
  --minutes N        in all; the same command goes on
  --tiny             networks of a few thousand parameters, to see in minutes that everything is there; --out is needed
  --out FOLDER       for runs and results, in place of out/papers/tvq-rap and bench/papers/tvq-rap/results
  --data FOLDER, --held-out FILE, --lpips-weights FILE, --batch N, --threads N, --seed N`;

/** Sizes for a trial. */
const tiny = {
  crop: 48,
  network: { channels: [8, 8, 8], decoderChannels: [8, 8, 8, 8], blocks: 1 },
  predictor: { channels: [8, 8, 8], blocks: [1, 1, 1] },
} as const;

/** Names of rows and groups. */
function namesOf({
  rows,
  table,
}: {
  readonly rows?: string | undefined;
  readonly table?: string | undefined;
}): string[] {
  if (table === undefined) return (rows ?? 'all').split(',');
  if (rows !== undefined) throw new Error('expected --rows or --table, got both');
  return table.split(',').map((wanted) => {
    const found = tvqTables.find(({ number }) => String(number) === wanted.trim());
    if (found === undefined)
      throw new Error(`expected --table of ${tvqTables.map((t) => t.number).join()}, got ${wanted}`);
    return found.group;
  });
}

async function main(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({ args: [...args], options });
  const number = (text: string | undefined): number | undefined => (text === undefined ? undefined : Number(text));
  const [steps, extra, batch, seed] = [values.steps, values['extra-steps'], values.batch, values.seed].map(Number) as [
    number,
    number,
    number,
    number,
  ];
  const rows = rowsOf(namesOf(values));
  if (values.tiny && values.out === undefined) throw new Error('--tiny needs --out: its results are none');
  const controller = new AbortController();
  process.once('SIGINT', () => controller.abort());
  const name = `steps-${steps}-${extra}-batch-${batch}-seed-${seed}`;
  const backend = await onnx({ threads: number(values.threads) });
  const results = await runTvqRows(rows, {
    backend,
    steps: { tokenizer: steps, predictor: steps, extra },
    ...{ data: values.data, heldOut: values['held-out'], lpipsWeights: values['lpips-weights'], batch, seed },
    minutes: number(values.minutes),
    ...(values.tiny && tiny),
    runs: join(values.out ?? join(root, 'out/papers/tvq-rap'), name),
    signal: controller.signal,
    log: (line) => void process.stderr.write(`${line}\n`),
  });
  backend.dispose();
  if (results.length > 0) {
    const place = join(values.out ?? join(root, 'bench/papers/tvq-rap/results'), name);
    const command = `npm run papers -- tvq-rap --steps ${steps} --extra-steps ${extra} --batch ${batch} --seed ${seed}`;
    const all = await writeTvqPages(place, results, command);
    process.stdout.write(`${formatTable(cellsOf(all))}\n\n${place}.md\n`);
  }
  if (controller.signal.aborted) process.exitCode = 130;
}

await main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${usage}\n`);
  process.exitCode = 2;
});
