import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onnx } from '@vqkit/backend-onnx';
import { type Backend, random } from '@vqkit/core';
import type { Raster } from '@vqkit/images';
import { looc } from '@vqkit/quantizer-looc';
import { vq } from '@vqkit/quantizer-vq';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lacks } from '../../../tooling/shared-data.ts';
import { loadLabelledSet } from '../shared/labelled-sets.ts';
import { anyQuantizer, type PaperRow } from '../shared/row.ts';
import { median, nearestOf } from './nearest.ts';
import { drawingPage, picturesOf, readDrawings } from './results.ts';
import { type DrawingOptions, runDrawings } from './run-drawing.ts';

/** Images of 8×8: bright on the side that the class says. */
function sides(count: number, seed: number): { images: Raster[]; labels: Uint8Array } {
  const stream = random(seed);
  const labels = Uint8Array.from({ length: count }, (_, i) => i % 2);
  const images = Array.from(labels, (label) => {
    const data = Uint8Array.from(
      { length: 64 },
      (_, i) => (i % 8 < 4 === (label === 0) ? 200 : 20) + stream.integer(40),
    );
    return { data, width: 8, height: 8, channels: 1 };
  });
  return { images, labels };
}

const row = (id: string, quantizer: PaperRow['quantizer']): PaperRow => ({
  id,
  label: id.toUpperCase(),
  groups: ['paper'],
  dimension: 8,
  quantizer,
});
const rows = [
  row('vq', () => anyQuantizer(vq({ codes: 8, dimension: 8 }))),
  row('looc', () => anyQuantizer(looc({ codes: 8, pieces: 4, pieceDimension: 2 }))),
];

describe('runDrawings', () => {
  let folder: string;
  let backend: Backend;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vqkit-drawing-'));
    backend = await onnx({ threads: 1 });
  });
  afterAll(async () => {
    backend.dispose();
    await rm(folder, { recursive: true });
  });

  const lines: string[] = [];
  const [train, test] = [sides(192, 1), sides(40, 2)];
  const options: DrawingOptions = {
    dataset: 'sides',
    rows,
    epochs: 2,
    limit: undefined,
    backend: 'onnx',
    threads: 1,
    minutes: undefined,
    seed: 1,
    lpipsWeights: undefined,
    command: 'test',
    plan: { method: 'flow', steps: 8, sizes: { width: 16, blocks: 1, heads: 2, batch: 16 } },
    images: 24,
    classifierEpochs: 4,
  };
  const context = () => ({
    images: { train: train.images, trainLabels: train.labels, test: test.images, testLabels: test.labels },
    backend,
    runs: join(folder, 'runs'),
    results: join(folder, 'results', 'sides.json'),
    network: { hidden: 8, residualHidden: 4 },
    log: (line: string) => void lines.push(line),
  });

  it('trains, draws and measures every row once, and makes sheets', async () => {
    const results = await runDrawings(options, context());
    expect(results.map((result) => result.row)).toEqual(['looc', 'vq']);
    for (const { scores, restoredFrechet, classifierAccuracy, testNearest, trainImages } of results) {
      expect(classifierAccuracy).toBe(1);
      expect(scores.frechet).toBeGreaterThan(0);
      expect(restoredFrechet).toBeGreaterThan(0);
      expect(testNearest).toBeGreaterThan(0);
      expect(trainImages).toBe(176);
    }
    const { sheet, nearest } = picturesOf(results[0]!);
    expect(await sharp(join(folder, 'results', sheet)).metadata()).toMatchObject({ width: 22, height: 8 * 10 + 2 });
    // what may not be passed on stays away from the pages
    expect(await sharp(join(folder, 'runs', nearest)).metadata()).toMatchObject({ width: 22, height: 22 });
    expect(await readdir(join(folder, 'results'))).not.toContain(nearest);
    expect(await runDrawings(options, context())).toEqual(results);
    expect(lines.at(-1)).toBe('looc: done before');
    expect(await readDrawings(context().results)).toEqual(results);
    const page = drawingPage('Sides', results);
    expect(page).toMatch(/100\.00 % of the test images right/);
    expect(page).toMatch(/\| LOOC \| flow \| 12 \|/);
    expect(page).not.toContain(nearest);
    const shown = { ...results[0]!, dataset: 'fashion-mnist' };
    expect(drawingPage('Shown', [shown])).toContain(picturesOf(shown).nearest);
    // Another method stands beside the first.
    const masked = { ...options, rows: rows.slice(1), plan: { ...options.plan, method: 'masked' as const } };
    expect((await runDrawings(masked, context())).map((result) => `${result.row} ${result.method}`)).toEqual([
      'looc flow',
      'vq flow',
      'looc masked',
    ]);
  });

  it('stops when time is up, and keeps nothing half done', async () => {
    const own = { ...context(), runs: join(folder, 'other'), results: join(folder, 'other.json') };
    expect(await runDrawings({ ...options, rows: rows.slice(0, 1), minutes: 0 }, own)).toEqual([]);
    expect(lines.join()).toMatch(/vq: stopped at step 0/);
  });
});

it('finds the nearest training image', () => {
  const image = (...data: number[]): Raster => ({ data: Uint8Array.from(data), width: 2, height: 1, channels: 1 });
  expect(nearestOf([image(10, 0)], [image(0, 0), image(13, 4), image(10, 100)])).toEqual([
    { index: 1, distance: Math.sqrt(12.5) },
  ]);
  expect(median([3, 1, 2])).toBe(2);
});

it.skipIf(lacks('cifar-10'))('reads CIFAR-10 from its sheets, one of each class in turn', async () => {
  const { train, trainLabels, test, testLabels } = await loadLabelledSet('cifar-10');
  expect([train.length, test.length]).toEqual([20_000, 10_000]);
  expect([...trainLabels.subarray(0, 11), ...testLabels.subarray(9_999)]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 9]);
  expect(train[3]).toMatchObject({ width: 32, height: 32, channels: 3 });
});
