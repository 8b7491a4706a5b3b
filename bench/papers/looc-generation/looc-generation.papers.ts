/**
 * `npm run papers -- looc-generation`: section 4.3 of LooC at the scale of small images: VQ, CVQ, PQ and LooC under one
 * generator. As in the paper features are drawn and then quantized (`--method flow`); `--method masked` draws indices.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { loocRows } from '../looc/rows.ts';
import { labelledSets, loadLabelledSet } from '../shared/labelled-sets.ts';
import { pageName, usualSeed } from '../shared/options.ts';
import { openPaperBackend } from '../shared/run-paper.ts';
import { type GeneratorSizes, usualSizes } from './draw-row.ts';
import { drawingPage, drawingTable } from './results.ts';
import { runDrawings } from './run-drawing.ts';

/** Rows of the table. */
const ids = ['vq-1024x128', 'cvq-1024x128', 'pq-32x8x4', 'looc-32x4', 'looc-256x4'];

const usage = [
  `usage: npm run papers -- looc-generation --dataset ${labelledSets.join('|')} [options]`,
  `  --rows a,b          of ${ids.join(', ')} (default: all)`,
  '  --method flow|masked  how maps are drawn (default: flow)',
  '  --epochs N          of the autoencoders, default 10',
  '  --steps N           of the generators, default 10000',
  ...Object.entries(usualSizes).map(([name, size]) => `  ${`--${name} N`.padEnd(20)}of the generator, default ${size}`),
  '  --images N          to draw, default 10000',
  '  --limit N           training images to use, of which a twelfth is held out; results go to out/papers',
  '  --minutes N         stop each training after this; resume by the same command',
  '  --backend onnx|onnx-cuda|onnx-webgpu|cpu, --threads N',
  `  --seed N            default ${usualSeed}; another seed has runs and results of its own`,
].join('\n');

const names = [
  'dataset',
  'rows',
  'method',
  'epochs',
  'steps',
  'images',
  'limit',
  'minutes',
  'backend',
  'threads',
  'seed',
  ...Object.keys(usualSizes),
];

const args = process.argv.slice(2);
try {
  const options = Object.fromEntries(names.map((name) => [name, { type: 'string' as const }]));
  const values = parseArgs({ args, options, strict: true }).values as Record<string, string | undefined>;
  const number = (name: string, otherwise: number): number => Number(values[name] ?? otherwise);
  const wanted = values.rows?.split(',') ?? ids;
  const method = values.method ?? 'flow';
  const [dataset, seed] = [values.dataset ?? '', number('seed', usualSeed)];
  const numbers = ['epochs', 'steps', 'images', 'limit', 'minutes', 'threads', 'seed', ...Object.keys(usualSizes)];
  if (
    !(labelledSets as readonly string[]).includes(dataset) ||
    wanted.some((id) => !ids.includes(id)) ||
    (method !== 'flow' && method !== 'masked') ||
    numbers.some((name) => !(number(name, 1) > 0))
  )
    throw new Error('expected a data set, known rows, a method and numbers above 0');
  const sizes = Object.fromEntries(
    Object.entries(usualSizes).map(([name, size]) => [name, number(name, size)]),
  ) as unknown as GeneratorSizes;
  const limit = values.limit === undefined ? undefined : number('limit', 0);
  const root = fileURLToPath(new URL('../../../', import.meta.url));
  const name = limit === undefined ? dataset : `${dataset}-${limit}`;
  const folder = join(
    root,
    limit === undefined ? 'bench/papers' : 'out/papers',
    'looc-generation',
    limit === undefined ? 'results' : '',
  );
  const page = pageName(name, seed);
  const controller = new AbortController();
  process.once('SIGINT', () => controller.abort());
  const threads = values.threads === undefined ? undefined : number('threads', 0);
  const backend = await openPaperBackend({ backend: values.backend ?? 'onnx', threads });
  const all = await runDrawings(
    {
      dataset,
      rows: loocRows.filter(({ id }) => wanted.includes(id)),
      epochs: number('epochs', 10),
      limit,
      backend: backend.name,
      threads,
      minutes: values.minutes === undefined ? undefined : number('minutes', 0),
      seed,
      lpipsWeights: undefined,
      command: `npm run papers -- looc-generation ${args.join(' ')}`,
      plan: { method, steps: number('steps', 10_000), sizes },
      images: number('images', 10_000),
      classifierEpochs: 3,
    },
    {
      images: await loadLabelledSet(dataset),
      backend,
      runs: join(root, 'out/papers/looc-generation', name),
      results: join(folder, `${page}.json`),
      signal: controller.signal,
      log: (line) => void process.stderr.write(`${line}\n`),
    },
  );
  backend.dispose();
  if (all.length > 0) await writeFile(join(folder, `${page}.md`), drawingPage(`Drawing: ${dataset}`, all));
  process.stdout.write(`${drawingTable(all).join('\n')}\n`);
  if (controller.signal.aborted) process.exitCode = 130;
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n${usage}\n`);
  process.exitCode = 2;
}
