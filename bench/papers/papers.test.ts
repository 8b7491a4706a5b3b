import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cpu, mul, random } from '@vqkit/core';
import { deadCodes, ema } from '@vqkit/core/codebook';
import type { Raster } from '@vqkit/images';
import { CodeCounter } from '@vqkit/metrics';
import { looc } from '@vqkit/quantizer-looc';
import { vq } from '@vqkit/quantizer-vq';
import { parseIdx, pixelVariance } from '@vqkit/training';
import sharp from 'sharp';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { dualRows } from './dual-codebook/rows.ts';
import { loocRows } from './looc/rows.ts';
import { loocTables } from './looc/tables.ts';
import { loadCifar, parseCifar } from './shared/cifar.ts';
import { costOf } from './shared/evaluate.ts';
import { type PaperOptions, readOptions } from './shared/options.ts';
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

  it('stops when it is told to, and keeps nothing half done among the results', async () => {
    const stopped = await runRows({ ...options, minutes: 0 }, context());
    expect(stopped).toEqual([]);
    expect(lines.join()).toMatch(/stopped at step 0 of 32 \(time\)/);
    expect(await readFile(join(folder, 'runs', 'vq-1', 'checkpoint.safetensors'))).toBeDefined();
  });
});

it('reads IDX files and refuses others', () => {
  const bytes = Uint8Array.from([0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 3, 1, 2, 3, 4, 5, 6]);
  const size = { height: 1, width: 3, channels: 1 };
  expect(parseIdx(bytes)).toEqual([Uint8Array.of(1, 2, 3), Uint8Array.of(4, 5, 6)].map((data) => ({ data, ...size })));
  expect(() => parseIdx(bytes.subarray(0, 20))).toThrow(/expected 2 images/);
  expect(() => parseIdx(new Uint8Array(30))).toThrow(/IDX/);
});

describe('CIFAR-10', () => {
  /** A record of the official form: every pixel has red 10·k, green its column, blue its row. */
  const record = (k: number): number[] => [
    k,
    ...Array.from({ length: 1024 }, () => 10 * k),
    ...Array.from({ length: 1024 }, (_, i) => i % 32),
    ...Array.from({ length: 1024 }, (_, i) => Math.floor(i / 32)),
  ];
  const pixelOf = ({ data }: Raster, x: number, y: number): number[] => [
    ...data.subarray(3 * (32 * y + x)).subarray(0, 3),
  ];

  it('is read from the official binary files', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'vqkit-cifar-'));
    const own = join(folder, 'cifar-10-batches-bin');
    await mkdir(own);
    await writeFile(join(own, 'data_batch_1.bin'), Uint8Array.from([...record(1), ...record(2)]));
    await writeFile(join(own, 'data_batch_2.bin'), Uint8Array.from(record(3)));
    await writeFile(join(own, 'test_batch.bin'), Uint8Array.from(record(4)));
    const { train, trainLabels, test, testLabels } = await loadCifar(folder);
    expect([[...trainLabels], [...testLabels]]).toEqual([[1, 2, 3], [4]]);
    expect(train.map((image) => pixelOf(image, 5, 7))).toEqual([1, 2, 3].map((k) => [10 * k, 5, 7]));
    expect(test.map((image) => pixelOf(image, 31, 0))).toEqual([[40, 31, 0]]);
    expect(test[0]).toMatchObject({ width: 32, height: 32, channels: 3 });
    await expect(loadCifar(join(folder, 'none'))).rejects.toThrow(/expected data_batch_1.bin/);
    await rm(folder, { recursive: true });
    expect(() => parseCifar(new Uint8Array(3072), 'a.bin')).toThrow(/records of 3073 bytes in a.bin, got 3072/);
    expect(() => parseCifar(new Uint8Array(0))).toThrow(/got 0 bytes/);
  });

  it('is read from sheets of each class, whose images come in turns', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'vqkit-cifar-'));
    const sheet = async (name: string, colours: readonly (readonly number[])[]): Promise<void> => {
      const data = new Uint8Array(64 * 32 * 3);
      for (let i = 0; i < data.length; i++) data[i] = colours[Math.floor((Math.floor(i / 3) % 64) / 32)]![i % 3]!;
      const raw = { width: 64, height: 32, channels: 3 } as const;
      await sharp(data, { raw }).webp({ lossless: true }).toFile(join(folder, name));
    };
    for (const split of ['train', 'test']) {
      await sheet(`${split}-0-airplane.webp`, [
        [1, 2, 3],
        [4, 5, 6],
      ]);
      await sheet(`${split}-1-bird.webp`, [
        [7, 8, 9],
        [10, 11, 12],
      ]);
    }
    const { train, trainLabels, test } = await loadCifar(folder);
    expect([...trainLabels]).toEqual([0, 1, 0, 1]);
    const first = [
      [1, 2, 3],
      [7, 8, 9],
      [4, 5, 6],
      [10, 11, 12],
    ];
    for (const images of [train, test]) expect(images.map((image) => pixelOf(image, 31, 31))).toEqual(first);
    await rm(folder, { recursive: true });
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
  expect(costOf({ name: 'product', bitsPerPosition: 2 }, counts, 4)).toMatchObject({ usage: 0.75, perplexity: 1.5 });
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
  expect(read('--dataset', 'mnist', '--table', '2')).toMatch(/--table takes one of 1, 3, 4, 5, 6/);
  expect(read('--dataset', 'mnist', '--table', '3', '--rows', 'paper')).toMatch(/without --rows/);
});

it('has rows whose quantizers fit the network and cost what their names say', () => {
  const bits = (id: string): number =>
    [...loocRows, ...dualRows].find((row) => row.id === id)!.quantizer().bitsPerPosition;
  for (const row of [...loocRows, ...dualRows]) expect(row.quantizer().dimension, row.id).toBe(row.dimension);
  expect(['vq-1024x128', 'pq-32x8x4', 'looc-32x4', 'looc-256x4', 'looc-256x4-b2'].map(bits)).toEqual([
    10, 96, 160, 256, 1024,
  ]);
  for (const kind of ['looc', 'pq', 'residual'])
    for (const metric of ['l2', 'cosine'])
      expect([8, 16, 32].map((n) => bits(`${kind}-${n}bit-${metric}`))).toEqual([8, 16, 32]);
  expect(['single-512', 'dual-512', 'halves-512', 'single-1024', 'dual-32', 'halves-32'].map(bits)).toEqual([
    9, 18, 18, 10, 10, 10,
  ]);
});

it('has tables whose rows are there, once each, with sizes for their pictures', () => {
  for (const { number, rows: ids, axis } of loocTables) {
    expect(new Set(ids).size, `${number}`).toBe(ids.length);
    for (const id of ids) {
      const found = loocRows.filter((row) => row.id === id);
      expect(found.length, id).toBe(1);
      if (axis !== 'bits') expect(found[0]!.size![axis], id).toBeGreaterThan(0);
    }
  }
  expect(new Set(loocRows.map(({ id }) => id)).size).toBe(loocRows.length);
  const sizes = (number: number, axis: 'codes' | 'pieces') =>
    loocTables
      .find((table) => table.number === number)!
      .rows.filter((id) => id.startsWith('looc-'))
      .map((id) => loocRows.find((row) => row.id === id)!.size![axis]);
  expect(sizes(3, 'pieces')).toEqual([32, 16, 8, 4, 2]);
  expect(sizes(4, 'pieces')).toEqual([1, 2, 4, 8, 16, 32]);
  expect(sizes(5, 'codes')).toEqual([16, 24, 32, 64, 128, 256, 512, 1024]);
  // Of an enlarged map, too, a vector has m pieces.
  expect(sizes(6, 'pieces')).toEqual([1, ...Array(7).fill(32)]);
  // Constant size: K·d is one number.
  expect(sizes(4, 'codes').map((codes, i) => (codes * 128) / sizes(4, 'pieces')[i]!)).toEqual(Array(6).fill(32768));
});

it('has one metric per table of equal bits: by angle the length of a vector plays no role, by distance it does', () => {
  const backend = cpu();
  const z = random(1).normal(backend, [1, 4, 8, 128]);
  for (const metric of ['l2', 'cosine'] as const) {
    const table = loocRows.filter(({ groups }) => groups.includes(`bits-${metric}`));
    expect(table).toHaveLength(10);
    for (const { id, quantizer } of table) {
      const own = quantizer();
      const params = own.init(backend, 1);
      const first = (scale: number): number[] => {
        const slots = own.codebookSizes.length;
        return [...own.encode(params, mul(z, scale)).dataSync()].filter((_, i) => i % slots === 0);
      };
      const isFree = first(1).join() === first(2 ** -8).join();
      expect(isFree, id).toBe(metric === 'cosine');
    }
  }
});

it('gives all rows of two halves losses of the same weight', () => {
  const backend = cpu();
  const z = random(1).normal(backend, [1, 4, 8, 128]);
  const lossesOf = (id: string): number[] => {
    const own = dualRows.find((row) => row.id === id)!.quantizer();
    const { losses } = own.quantize(own.init(backend, 1), z);
    return [losses.commitment!, losses.codebook!].map((loss) => loss.dataSync()[0]!);
  };
  expect(lossesOf('revived-halves-512')).toEqual(lossesOf('halves-512'));
  expect(lossesOf('revived-halves-512-half')[0]).toBeCloseTo(lossesOf('halves-512')[0]! / 2, 6);
});
