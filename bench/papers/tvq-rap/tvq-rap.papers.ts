/**
 * `npm run papers -- tvq-rap --data <photos>`: the ablations of TVQ & RAP at the sizes of our port. Runs lie in `out/papers/tvq-rap`, named after their
 * lengths, and the same command goes on with them; rows that are finished are written to `bench/papers/tvq-rap/results`.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { onnx } from '@vqkit/backend-onnx';
import { dataPath } from '../../../tooling/shared-data.ts';
import { formatTable } from '../../harness/report.ts';
import { cellsOf, tvqPage } from './pages.ts';
import { rowsOf, tvqRows } from './rows.ts';
import { runTvqRows, writeTvqResults } from './run.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));

const options = {
  rows: { type: 'string', default: 'all' },
  steps: { type: 'string', default: '6000' },
  'extra-steps': { type: 'string', default: '2000' },
  minutes: { type: 'string' },
  batch: { type: 'string', default: '16' },
  threads: { type: 'string' },
  seed: { type: 'string', default: '1' },
  data: { type: 'string', default: dataPath('train-photos') },
  'held-out': { type: 'string', default: join(root, 'packages/weights/photo/training/held-out.txt') },
  'lpips-weights': { type: 'string', default: dataPath('weights/lpips_squeeze_v0.1.safetensors') },
} as const;

const usage = `usage: npm run papers -- tvq-rap [options]
  --rows a,b         rows or groups of rows, and what they start from (default: all)
                     groups: ${[...new Set(tvqRows.flatMap(({ groups }) => groups))].join(', ')}
                     rows: ${tvqRows.map(({ id }) => id).join(', ')}
  --steps N          of each tokenizer and each predictor (default 6000); --extra-steps N (default 2000)
  --minutes N        in all; the same command goes on
  --data FOLDER, --held-out FILE, --lpips-weights FILE, --batch N, --threads N, --seed N`;

async function main(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({ args: [...args], options });
  const number = (text: string | undefined): number | undefined => (text === undefined ? undefined : Number(text));
  const [steps, extra, batch, seed] = [values.steps, values['extra-steps'], values.batch, values.seed].map(Number) as [
    number,
    number,
    number,
    number,
  ];
  const rows = rowsOf(values.rows.split(','));
  const controller = new AbortController();
  process.once('SIGINT', () => controller.abort());
  const name = `steps-${steps}-${extra}-batch-${batch}-seed-${seed}`;
  const backend = await onnx({ threads: number(values.threads) });
  const results = await runTvqRows(rows, {
    backend,
    steps: { tokenizer: steps, predictor: steps, extra },
    ...{ data: values.data, heldOut: values['held-out'], lpipsWeights: values['lpips-weights'], batch, seed },
    minutes: number(values.minutes),
    runs: join(root, 'out/papers/tvq-rap', name),
    signal: controller.signal,
    log: (line) => void process.stderr.write(`${line}\n`),
  });
  backend.dispose();
  if (results.length > 0) {
    const place = join(root, 'bench/papers/tvq-rap/results', name);
    await writeTvqResults(`${place}.json`, results);
    const command = `npm run papers -- tvq-rap --steps ${steps} --extra-steps ${extra} --batch ${batch} --seed ${seed}`;
    await writeFile(`${place}.md`, tvqPage(results, command));
    process.stdout.write(`${formatTable(cellsOf(results))}\n\n${place}.md\n`);
  }
  if (controller.signal.aborted) process.exitCode = 130;
}

await main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${usage}\n`);
  process.exitCode = 2;
});
