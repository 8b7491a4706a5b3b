/** What drawn images are worth, by the features of a classifier that was trained on the data set. */
import type { Raster } from '@vqkit/images';
import { FeatureStatistics, frechetDistance, precisionRecall } from '@vqkit/metrics';
import { type Classifier, featureSize } from '../shared/classifier.ts';
import { median, nearestOf } from './nearest.ts';

/** Images with the classes that they are to show. */
export interface LabelledDrawing {
  readonly images: readonly Raster[];
  readonly labels: ArrayLike<number>;
}

/** Columns of the table. */
export interface DrawingScores {
  /** Fréchet distance to the test images; of other features than FID's, and not to be compared with it. */
  readonly frechet: number;
  readonly precision: number;
  readonly recall: number;
  /** Share that the classifier takes for the class that was asked for. */
  readonly ofClass: number;
  /** Median distance of drawn images to the nearest training image, in steps of 255. */
  readonly nearest: number;
}

/** Images that are looked for among the training images. */
export const lookedFor = 100;

/** Features of images, what each is taken for, and the Gaussian of the features. */
export async function moments(classifier: Classifier, images: readonly Raster[]) {
  const { features, classes } = await classifier.look(images);
  const statistics = new FeatureStatistics(featureSize);
  statistics.update(features);
  return { features, classes, moments: statistics.compute() };
}

/** Scores drawings against as many test images as there are, or all. */
export async function scoreDrawing(
  classifier: Classifier,
  { images, labels }: LabelledDrawing,
  test: Awaited<ReturnType<typeof moments>>,
  train: readonly Raster[],
): Promise<DrawingScores> {
  const own = await moments(classifier, images);
  const count = Math.min(images.length, test.classes.length);
  const first = (features: Float32Array): Float32Array => features.subarray(0, count * featureSize);
  const nearest = nearestOf(images.slice(0, lookedFor), train);
  return {
    frechet: frechetDistance(own.moments, test.moments),
    ...precisionRecall(first(test.features), first(own.features), featureSize),
    ofClass: own.classes.filter((taken, i) => taken === labels[i]).length / images.length,
    nearest: median(nearest.map(({ distance }) => distance)),
  };
}
