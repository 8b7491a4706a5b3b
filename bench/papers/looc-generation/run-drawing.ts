/** Trains, draws and measures the rows, one after the other; what is done is not done again. */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { imageSheet, type Raster } from '@vqkit/images';
import { frechetDistance } from '@vqkit/metrics';
import { labelledImageSet } from '@vqkit/training';
import sharp from 'sharp';
import { describeMachine } from '../../harness/machine.ts';
import { trainClassifier } from '../shared/classifier.ts';
import { type LabelledImages, shownSets } from '../shared/labelled-sets.ts';
import type { PaperOptions } from '../shared/options.ts';
import { type RunContext, runName } from '../shared/run-row.ts';
import { type DrawingPlan, type DrawnRow, drawnRow } from './draw-row.ts';
import { lookedFor, moments, scoreDrawing } from './measure.ts';
import { median, nearestOf } from './nearest.ts';
import { type DrawingResult, isSame, picturesOf, readDrawings, writeDrawing } from './results.ts';

/** What a run was asked for, besides what all papers have. */
export interface DrawingOptions extends PaperOptions {
  readonly plan: DrawingPlan;
  /** Images to draw. */
  readonly images: number;
  /** Passes over the training images of the classifier. */
  readonly classifierEpochs: number;
}

/** Runs rows and returns all results of the file. */
export async function runDrawings(
  options: DrawingOptions,
  context: RunContext & { readonly images: LabelledImages },
): Promise<DrawingResult[]> {
  const { backend, runs, results, signal, log } = context;
  const { seed, images: count, plan, limit, dataset, epochs, command } = options;
  const { train, trainLabels, test, testLabels } = context.images;
  const used = train.slice(0, limit);
  await mkdir(runs, { recursive: true });
  const set = labelledImageSet(used, trainLabels, Math.floor(used.length / 12));
  log('classifier');
  const out = join(runs, runName(['classifier', options.classifierEpochs], seed));
  const classifier = await trainClassifier(set, { backend, epochs: options.classifierEpochs, out, seed, signal });
  let all = await readDrawings(results);
  if (classifier === undefined) return all;
  const ofTest = await moments(classifier, test);
  const classifierAccuracy = ofTest.classes.filter((taken, i) => taken === testLabels[i]).length / test.length;
  log(`classifier: ${(100 * classifierAccuracy).toFixed(2)} % of the test images right`);
  const testNearest = median(nearestOf(test.slice(0, lookedFor), used).map(({ distance }) => distance));
  for (const row of options.rows) {
    if (signal?.aborted) break;
    const asked = { row: row.id, seed, epochs, images: count, ...plan };
    if (all.some((result) => isSame(result, asked))) {
      log(`${row.id}: done before`);
      continue;
    }
    const drawn = await drawnRow(row, set, plan, { options, context });
    if (drawn === undefined) continue;
    const start = performance.now();
    const drawing = await draw(drawn, { count, seed, channels: set.channels, log, id: row.id, signal });
    const drawingSeconds = Math.round((performance.now() - start) / 1000);
    log(`${row.id}: measuring`);
    const restored = await moments(classifier, await drawn.restore(test));
    const { facts, quantizer } = drawn.trained;
    const result: DrawingResult = {
      ...asked,
      label: row.label,
      dataset,
      trainImages: set.count,
      bitsPerPosition: quantizer.bitsPerPosition,
      autoencoderSeconds: facts.trainingSeconds,
      generatorSeconds: drawn.generatorSeconds,
      drawingSeconds,
      classifierAccuracy,
      restoredFrechet: frechetDistance(restored.moments, ofTest.moments),
      testNearest,
      scores: await scoreDrawing(classifier, drawing, ofTest, used),
      command,
      machine: describeMachine(),
    };
    all = await writeDrawing(results, result);
    const { sheet, nearest } = picturesOf(result);
    const columns = set.classes;
    await writePng(join(dirname(results), sheet), imageSheet(drawing.images.slice(0, 8 * columns), { columns }));
    const some = drawing.images.slice(0, columns);
    const known = nearestOf(some, used).map(({ index }) => used[index]!);
    const folder = shownSets.includes(dataset) ? dirname(results) : runs;
    await writePng(join(folder, nearest), imageSheet([...some, ...known], { columns }));
    drawn.dispose();
  }
  classifier.dispose();
  return all;
}

/** Draws images of each class in turn, as the data set has them: grey or in colour. */
async function draw(
  { generator }: DrawnRow,
  run: {
    readonly count: number;
    readonly seed: number;
    readonly channels: number;
    readonly id: string;
    readonly log: (line: string) => void;
    readonly signal: AbortSignal | undefined;
  },
): Promise<{ readonly images: Raster[]; readonly labels: number[] }> {
  const { count, seed, channels, id, log, signal } = run;
  const [images, labels]: [Raster[], number[]] = [[], []];
  const part = 640;
  for (let first = 0; first < count; first += part) {
    for (const { image, label } of await generator.draw(Math.min(part, count - first), { seed, first, signal })) {
      const { width, height } = image;
      const data =
        channels === 3
          ? new Uint8Array(image.data)
          : Uint8Array.from({ length: width * height }, (_, i) => image.data[3 * i]!);
      images.push({ data, width, height, channels });
      labels.push(label ?? 0);
    }
    log(`${id}: ${images.length} of ${count} images drawn`);
  }
  return { images, labels };
}

async function writePng(path: string, { data, width, height, channels }: Raster): Promise<void> {
  await writeFile(
    path,
    await sharp(data, { raw: { width, height, channels: channels as 1 | 3 } })
      .png()
      .toBuffer(),
  );
}
