import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cpu, random } from '@vqkit/core';
import { deadCodes, ema } from '@vqkit/core/codebook';
import type { Raster } from '@vqkit/images';
import { CodeCounter } from '@vqkit/metrics';
import { looc } from '@vqkit/quantizer-looc';
import { vq } from '@vqkit/quantizer-vq';
import { pixelVariance } from '@vqkit/training';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loocRows } from './looc/rows.ts';
import { loocTables } from './looc/tables.ts';
import { costOf, type PaperMetrics } from './shared/evaluate.ts';
import { type PaperOptions, pageName, readOptions } from './shared/options.ts';
import { pageOf, sectionsOf } from './shared/pages.ts';
import { drawResults } from './shared/picture.ts';
import { readResults, tableOf } from './shared/results.ts';
import { anyQuantizer, type PaperRow } from './shared/row.ts';
import { runRows } from './shared/run-paper.ts';

/** Blurred spots, 12×12. */
function spots(count: number, seed: number): Raster[] {
  const stream = random(seed);
  return Array.from({ length: count }, () => {
    const [cx, cy] = [stream.next() * 12, stream.next() * 12];
    const spot = (_: unknown, k: number): number =>
      255 * Math.exp((((k % 12) - cx) ** 2 + (Math.floor(k / 12) - cy) ** 2) / -8);
    return { data: Uint8Array.from({ length: 144 }, spot), height: 12, width: 12, channels: 1 };
  });
}

const rows: readonly PaperRow[] = [
  {
    id: 'vq',
    label: 'VQ 16',
    groups: ['paper'],
    dimension: 4,
    quantizer: () => anyQuantizer(vq({ codes: 16, dimension: 4, codebook: ema({ decay: 0.9 }), revival: deadCodes() })),
    paper: { spots: { psnr: 20 } },
  },
  {
    id: 'looc',
    label: 'LooC 16',
    groups: ['paper'],
    dimension: 4,
    quantizer: () => anyQuantizer(looc({ codes: 16, pieces: 2, pieceDimension: 2 })),
  },
];

const paperOfSpots = { name: 'spots', rows, datasets: ['spots'] };

describe('a run', () => {
  let folder = '';
  const options: PaperOptions = {
    dataset: 'spots',
    rows,
    epochs: 1,
    limit: undefined,
    backend: 'cpu',
    threads: undefined,
    minutes: undefined,
    seed: 1,
    lpipsWeights: undefined,
    command: 'test',
  };
  const lines: string[] = [];
  const context = () => ({
    images: { train: spots(560, 1), test: spots(20, 2) },
    backend: cpu(),
    runs: join(folder, 'runs'),
    results: join(folder, 'results', 'spots.json'),
    network: { hidden: 8, residualHidden: 4 },
    log: (line: string) => void lines.push(line),
  });

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vqkit-papers-'));
    lines.length = 0;
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('trains, measures and remembers every row, and leaves no tensors behind', async () => {
    const own = context();
    const results = await runRows(options, own);
    expect(results.map(({ row }) => row)).toEqual(['looc', 'vq']);
    for (const { metrics, heldOutMse, steps, trainImages, trainingSeconds } of results) {
      expect(steps).toBe(32); // 560 − 46 held out, in batches of 16
      expect(trainImages).toBe(514);
      expect(metrics.psnr).toBeGreaterThan(5);
      expect(metrics.usage).toBeGreaterThan(0);
      expect(heldOutMse).toBeLessThan(2);
      expect(trainingSeconds).toBeGreaterThanOrEqual(0);
    }
    // 20 images of 9 positions; LooC's two slots share its codes.
    const [shared, single] = results.map(({ metrics }) => metrics) as [PaperMetrics, PaperMetrics];
    expect(shared.sharing?.usedBySlot).toHaveLength(2);
    expect(Math.max(...shared.sharing!.usedBySlot)).toBeLessThanOrEqual(16 * shared.usage);
    expect(shared.sharing?.codesBySlots[0]).toBe(16 * (1 - shared.usage));
    expect(single.sharing).toBeUndefined();
    const usesOf = ({ codeMap }: PaperMetrics): number => codeMap!.uses.reduce((total, n) => total + n, 0);
    expect([shared, single].map(usesOf)).toEqual([2 * 20 * 9, 20 * 9]);
    expect(own.backend.memory().tensors).toBe(0);
    expect(await readResults(own.results)).toEqual(results);
    expect(await runRows(options, context())).toEqual(results);
    expect(lines.at(-1)).toMatch(/looc: done before/);
    expect(tableOf(results, rows)).toMatch(/VQ 16 .* 20\.00/);
    const longer = results.map((result) => ({ ...result, epochs: 2.5 }));
    const page = pageOf('Spots', sectionsOf([...results, ...longer]), rows, ({ epochs }) => `spots-${epochs}.svg`);
    const section = '\\(spots-EPOCHS.svg\\)[\\s\\S]*\\| VQ 16 \\| EPOCHS \\|[\\s\\S]*\\| 20\\.00 \\|[\\s\\S]*';
    const [first, second] = ['2.5', '1'].map((epochs) => section.replaceAll('EPOCHS', epochs));
    expect(page).toMatch(new RegExp(`# Spots[\\s\\S]*## 2.5 epochs\\s*!.*${first}## 1 epoch\\s*!.*${second}`));
    const apart = rows.map((row, i) => ({ ...row, groups: [`g${i}`] }));
    expect(sectionsOf(results, apart).map(({ group, results: own }) => [group, own.length])).toEqual([
      ['g0', 1],
      ['g1', 1],
    ]);
    expect(sectionsOf(results, rows)).toHaveLength(1);
    expect(await drawResults('spots', results, rows)).toMatch(/<svg[\s\S]*VQ 16[\s\S]*<\/svg>/);
    const sized = rows.slice(0, 1).map((row) => ({ ...row, size: { codes: 16, pieces: 1 } }));
    const drawn = await drawResults('spots', results, sized, 'codes');
    expect(drawn).toMatch(/codes K of a book/);
    expect(drawn).not.toMatch(/LooC 16/);
  });

  it('takes images of colour', async () => {
    const colour = ({ data, ...size }: Raster): Raster => ({
      ...size,
      channels: 3,
      data: Uint8Array.from({ length: 3 * data.length }, (_, i) => data[Math.floor(i / 3)]! >> (i % 3)),
    });
    const images = { train: spots(40, 1).map(colour), test: spots(3, 2).map(colour) };
    const [result] = await runRows({ ...options, rows: rows.slice(0, 1) }, { ...context(), images });
    expect(result).toMatchObject({ trainImages: 37, metrics: { psnr: expect.any(Number) } });
    expect(result!.metrics.psnr).toBeGreaterThan(3);
  });

  it('goes on where it was interrupted, as if nothing had been', async () => {
    const asked = { ...options, rows: rows.slice(0, 1), epochs: 2 };
    const controller = new AbortController();
    const log = (line: string): void => (/held-out/.test(line) ? controller.abort() : undefined);
    expect(await runRows(asked, { ...context(), log, signal: controller.signal })).toEqual([]);
    const [resumed] = await runRows(asked, context());
    const [direct] = await runRows(asked, { ...context(), runs: join(folder, 'a'), results: join(folder, 'b.json') });
    expect(lines.filter((line) => /held-out/.test(line)).length).toBe(1 + 2);
    expect(resumed!.metrics).toEqual(direct!.metrics);
    expect(resumed!.heldOutMse).toBe(direct!.heldOutMse);
  });

  it('trains another seed as a run of its own, and leaves that of the first as it was', async () => {
    const own = { ...options, rows: rows.slice(0, 1) };
    const other = { ...own, seed: 2 };
    const [first] = await runRows(own, context());
    const checkpoint = join(folder, 'runs', 'vq-1-seed-1', 'checkpoint.safetensors');
    const before = await readFile(checkpoint);
    const [second] = await runRows(other, { ...context(), results: join(folder, 'second.json') });
    const [direct] = await runRows(other, { ...context(), runs: join(folder, 'a'), results: join(folder, 'b.json') });
    expect(second!.metrics).toEqual(direct!.metrics);
    expect(second!.metrics).not.toEqual(first!.metrics);
    expect((await readFile(checkpoint)).equals(before)).toBe(true);
    expect(['spots', 'spots-table-3'].map((name) => pageName(name, 7))).toEqual([
      'spots-seed-7',
      'spots-table-3-seed-7',
    ]);
    expect(pageName('spots', (readOptions(paperOfSpots, ['--dataset', 'spots']) as PaperOptions).seed)).toBe('spots');
  });

  it('stops when it is told to, and keeps nothing half done among the results', async () => {
    const stopped = await runRows({ ...options, minutes: 0 }, context());
    expect(stopped).toEqual([]);
    expect(lines.join()).toMatch(/stopped at step 0 of 32 \(time\)/);
    expect(await readFile(join(folder, 'runs', 'vq-1-seed-1', 'checkpoint.safetensors'))).toBeDefined();
  });
});

it('computes the variance of pixels on [0, 1]', () => {
  const halves = [Uint8Array.of(0, 255), Uint8Array.of(0, 255)];
  expect(pixelVariance(halves.map((data) => ({ data, height: 1, width: 2, channels: 1 })))).toBeCloseTo(0.25, 10);
});

it('counts usage over one shared codebook for LooC, and per slot for others; bits per slot for both', () => {
  const counts = [new CodeCounter(2), new CodeCounter(2)];
  counts[0]!.update([0, 0, 0, 0]);
  counts[1]!.update([0, 0, 1, 1]);
  const looped = costOf({ name: 'looc', bitsPerPosition: 2 }, counts, 4);
  expect(looped.usage).toBe(1);
  expect(looped.bpp).toBe(2 / 16);
  expect(looped.bppEntropy).toBe(1 / 16);
  expect(looped.sharing).toEqual({ usedBySlot: [1, 2], codesBySlots: [0, 1, 1] });
  const apart = costOf({ name: 'product', bitsPerPosition: 2 }, counts, 4);
  expect(apart).toMatchObject({ usage: 0.75, perplexity: 1.5 });
  expect(apart).not.toHaveProperty('sharing');
});

it('reads the command line, or says how it goes', () => {
  const paper = { name: 'looc', rows: loocRows, datasets: ['mnist'], tables: loocTables };
  const read = (...args: string[]) => readOptions(paper, args);
  expect(read('--dataset', 'mnist', '--rows', 'paper', '--epochs', '3')).toMatchObject({
    epochs: 3,
    seed: 42,
    backend: 'onnx',
  });
  expect(read('--dataset', 'mnist', '--lpips-weights', '/some/path', '--epochs', '3')).toMatchObject({
    command: 'npm run papers -- looc --dataset mnist --epochs 3',
  });
  expect((read('--dataset', 'mnist') as PaperOptions).rows).toHaveLength(5);
  expect((read('--dataset', 'mnist', '--rows', 'looc-32x4,bits-l2') as PaperOptions).rows).toHaveLength(11);
  expect(read()).toMatch(/usage/);
  expect(read('--dataset', 'mnist', '--rows', 'nothing')).toMatch(/no row or group 'nothing'/);
  expect(read('--dataset', 'mnist', '--epochs', 'many')).toMatch(/--epochs takes a number/);
  expect(read('--what')).toMatch(/usage/);
  const third = read('--dataset', 'mnist', '--table', '3', '--epochs', '3') as PaperOptions;
  expect(third).toMatchObject({ table: { number: 3 }, command: expect.stringContaining('--table 3') });
  expect(third.rows.map(({ id }) => id)).toEqual(loocTables[1]!.rows);
  expect(read('--dataset', 'mnist', '--table', '2')).toMatch(/--table takes one of 1, 3, 4, 5, 6, 7/);
  expect(read('--dataset', 'mnist', '--table', '3', '--rows', 'paper')).toMatch(/without --rows/);
});
