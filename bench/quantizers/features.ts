/** The feature sets that quantizers are compared on: one made up, one real. Vectors of 16 values, standardised. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { random } from '@vqkit/core';
import sharp from 'sharp';
import { dataPath } from '../../tooling/shared-data.ts';

/** D. */
export const featureDimension = 16;

/** Vectors to learn from and others to measure on, row-major. */
export interface FeatureSet {
  readonly name: string;
  readonly train: Float32Array;
  readonly test: Float32Array;
}

/**
 * A mixture of 64 clouds, each stretched along directions of its own: many modes and dependent values, as features have.
 */
export function syntheticFeatures(trainCount: number, testCount: number): FeatureSet {
  const stream = random(1);
  const clouds = Array.from({ length: 64 }, () => ({
    center: stream.normalArray(featureDimension, 0, 1.5),
    spread: stream.normalArray(featureDimension * 3, 0, 0.5),
  }));
  const draw = (count: number): Float32Array => {
    const values = new Float32Array(count * featureDimension);
    for (let i = 0; i < count; i++) {
      const { center, spread } = clouds[stream.integer(clouds.length)]!;
      const along = stream.normalArray(3);
      const noise = stream.normalArray(featureDimension, 0, 0.1);
      for (let k = 0; k < featureDimension; k++) {
        values[i * featureDimension + k] =
          center[k]! + noise[k]! + along.reduce((total, a, j) => total + a * spread[j * featureDimension + k]!, 0);
      }
    }
    return values;
  };
  return standardised({ name: 'synthetic', train: draw(trainCount), test: draw(testCount) });
}

/**
 * Luma of 4×4 patches of photographs: training patches from `train-photos`, test patches from Kodak.
 *
 * @returns undefined where the photographs are missing.
 */
export async function photoFeatures(trainCount: number, testCount: number): Promise<FeatureSet | undefined> {
  const [training, kodak] = ['train-photos', 'kodak'].map(dataPath) as [string, string];
  if (!existsSync(training) || !existsSync(kodak)) return undefined;
  // 40 photographs are plenty for a few ten thousand patches.
  const train = await patches(training, trainCount, 40);
  return standardised({ name: 'photo patches', train, test: await patches(kodak, testCount, 24) });
}

async function patches(folder: string, count: number, photos: number): Promise<Float32Array> {
  const files = readdirSync(folder)
    .filter((name) => /\.(png|jpe?g)$/i.test(name))
    .sort();
  const step = Math.max(1, Math.floor(files.length / photos));
  const chosen = files.filter((_, i) => i % step === 0).slice(0, photos);
  const values = new Float32Array(count * featureDimension);
  const stream = random(2);
  for (let at = 0, i = 0; at < count; i++) {
    const { data, info } = await sharp(join(folder, chosen[i % chosen.length]!))
      .grayscale()
      .raw()
      .toBuffer({ resolveWithObject: true });
    for (const end = Math.min(count, at + Math.ceil(count / chosen.length)); at < end; at++) {
      const [x, y] = [stream.integer(info.width - 4), stream.integer(info.height - 4)];
      for (let k = 0; k < featureDimension; k++) {
        const pixel = (y + Math.floor(k / 4)) * info.width + x + (k % 4);
        values[at * featureDimension + k] = data[pixel * info.channels]!;
      }
    }
  }
  return values;
}

/** Mean 0 and variance 1 over all training values; no value is treated apart. */
function standardised({ name, train, test }: FeatureSet): FeatureSet {
  const average = train.reduce((a, b) => a + b, 0) / train.length;
  const deviation = Math.sqrt(train.reduce((a, b) => a + (b - average) ** 2, 0) / train.length);
  const scale = (values: Float32Array): Float32Array => values.map((value) => (value - average) / deviation);
  return { name, train: scale(train), test: scale(test) };
}
