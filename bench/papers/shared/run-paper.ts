/** Trains and measures the rows of a paper's table, one after the other; what is done is not done again. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Backend, cpu } from '@vqkit/core';
import { costTable, quantizerCost } from '@vqkit/core/codebook';
import { loadImageSet } from './idx.ts';
import { type PaperOptions, pageName, readOptions } from './options.ts';
import { paperCaveats, writePages } from './pages.ts';
import { type RowResult, readResults, tableOf, writeResult } from './results.ts';
import type { PaperRow, PaperTable } from './row.ts';
import { type RunContext, runRow } from './run-row.ts';

/** A table to make. */
export interface Paper {
  /** Name of its folder and command. */
  readonly name: string;
  readonly title: string;
  readonly rows: readonly PaperRow[];
  readonly datasets: readonly string[];
  /** Tables by their number, for `--table`. */
  readonly tables?: readonly PaperTable[];
  /** What the paper says of codes that pieces share, in a sentence. */
  readonly sharing?: string;
}

const root = fileURLToPath(new URL('../../../', import.meta.url));

/** The command: reads the arguments, runs the rows, prints the table. What goes wrong is said in a sentence. */
export async function paperCommand(paper: Paper, args: readonly string[]): Promise<void> {
  try {
    await runCommand(paper, args);
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    process.exitCode = 1;
  }
}

async function runCommand(paper: Paper, args: readonly string[]): Promise<void> {
  if (args.includes('--costs')) {
    // Maps of the small network: 7×7 positions of 4×4 pixels.
    const costs = paper.rows.map(({ label, quantizer }) => [
      label,
      quantizerCost(quantizer(), { height: 7, width: 7, scale: 4 }),
    ]);
    process.stdout.write(`${costTable(Object.fromEntries(costs))}\n`);
    return;
  }
  const options = readOptions(paper, args);
  if (typeof options === 'string') {
    process.stderr.write(`${options}\n`);
    process.exitCode = 2;
    return;
  }
  const { dataset, limit, table, seed } = options;
  const controller = new AbortController();
  process.once('SIGINT', () => controller.abort());
  const backend = await openPaperBackend(options);
  const name = limit === undefined ? dataset : `${dataset}-${limit}`;
  // Rows of fewer images are a trial, unless they are a whole table, whose page says of how many.
  const isTrial = limit !== undefined && table === undefined;
  const results = join(root, isTrial ? 'out/papers' : 'bench/papers', paper.name, isTrial ? '' : 'results');
  // Rows that several tables have are trained once: runs are shared, results are not.
  const page = pageName(table ? `${name}-table-${table.number}` : name, seed);
  const all = await runRows(options, {
    images: await loadImageSet(dataset),
    backend,
    runs: join(root, 'out/papers', paper.name, name),
    results: join(results, `${page}.json`),
    signal: controller.signal,
    log: (line) => void process.stderr.write(`${line}\n`),
  });
  backend.dispose();
  const of = limit === undefined ? '' : `, ${limit.toLocaleString('en')} images`;
  const title = `${paper.title}: ${dataset}${of}${table ? `, table ${table.number}, ${table.title}` : ''}`;
  const shown = table ? options.rows.map((row) => ({ ...row, groups: [] })) : paper.rows;
  await writePages(title, join(results, page), all, shown, {
    axis: table?.axis,
    note: table?.note,
    sharing: paper.sharing,
  });
  process.stdout.write(`${tableOf(all, shown)}\n\n${paperCaveats}\n${join(results, page)}.md\n`);
  if (controller.signal.aborted) process.exitCode = 130;
}

/** Runs rows and returns all results of the file. */
export async function runRows(options: PaperOptions, context: RunContext): Promise<RowResult[]> {
  await mkdir(context.runs, { recursive: true });
  let all = await readResults(context.results);
  for (const row of options.rows) {
    if (context.signal?.aborted) break;
    const known = all.find((result) => result.row === row.id);
    if (known && known.epochs >= options.epochs && known.seed === options.seed) {
      context.log(`${row.id}: done before, ${known.epochs} epochs`);
      continue;
    }
    const result = await runRow(row, options, context);
    if (result) all = await writeResult(context.results, result);
  }
  return all;
}

/** Opens the backend of a run by its name. */
export async function openPaperBackend({
  backend,
  threads,
}: Pick<PaperOptions, 'backend' | 'threads'>): Promise<Backend> {
  if (backend === 'cpu') return cpu();
  const { onnx } = await import('@vqkit/backend-onnx');
  if (backend === 'onnx') return onnx({ threads });
  if (backend === 'onnx-cuda') return onnx({ threads, executionProvider: 'cuda' });
  if (backend === 'onnx-webgpu') return onnx({ threads, executionProvider: 'webgpu' });
  throw new Error(`expected a backend of onnx, onnx-cuda, onnx-webgpu, cpu, got '${backend}'`);
}
