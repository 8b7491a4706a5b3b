/**
 * NIQE: how far the statistics of an image are from those of pristine photographs; no reference needed, lower is better.
 *
 * brightness → two scales → locally normalised → blocks → 36 features → Gaussian → distance to the pristine Gaussian
 *
 * @see Mittal, Soundararajan, Bovik 2012; reference code XPixelGroup/BasicSR: basicsr/metrics/niqe.py (Apache-2.0)
 */
import { atOnce, inTurns, type Steps } from '@vqkit/core';
import { type AnyImage, alongAxis, axisWeights } from '@vqkit/images';
import { EVD, Matrix } from 'ml-matrix';
import { InputError } from '../errors.ts';
import { type ColorSpace, planesOf } from '../image/color-space.ts';
import { channelsOf, checkFinite, dataRangeOf } from '../image/image.ts';
import { requireSource } from '../weights/known-files.ts';
import type { ReadOptions, WeightsSource } from '../weights/source.ts';
import { openStateDictionary } from '../weights/state-dictionary.ts';
import { asymmetricGaussianFitter } from './asymmetric-gaussian.ts';
import { blockFeatures, eachValue, normalizeLocally, type Plane, type Rounding } from './natural-scene-features.ts';

/** Features of both scales together. */
const featureCount = 36;
/** Side of a block at full size; half of it at half size. */
const blockSize = 96;

/** The Gaussian of pristine photographs, from `loadNiqe`. */
export interface NiqeModel {
  /** `[36]` */
  readonly mean: Float64Array;
  /** `[36, 36]` */
  readonly covariance: Float64Array;
  /** `[7, 7]`: the Gaussian window of local means, σ = 7/6. */
  readonly window: Float64Array;
}

/** Which brightness is judged. */
export interface NiqeOptions {
  /** `'y'` as super-resolution papers, `'gray'` as the release of 2012. Default `'y'`. */
  readonly colorSpace?: Exclude<ColorSpace, 'rgb'>;
  /** Distance between black and white; needed for floats. */
  readonly dataRange?: number;
  /** Pixels left out at each side. Default 0. */
  readonly cropBorder?: number;
  /**
   * Of the filtered images. `'float32'` gives the published Python values; `'float64'` is the definition. They differ by
   * about 10⁻³, more where images are flat. Default `'float32'`.
   */
  readonly precision?: 'float32' | 'float64';
}

/**
 * Loads the pristine model.
 *
 * @param source  BasicSR's `niqe_pris_params.npz`, or safetensors with `mu`, `cov` and `window`. Undefined gives the error that says
 *   where the official file is.
 * @throws WeightsError `WEIGHTS_MISSING`, `WEIGHTS_MISMATCH`, `WEIGHTS_DAMAGED`
 */
export async function loadNiqe(source: WeightsSource | undefined, options: ReadOptions = {}): Promise<NiqeModel> {
  const file = await openStateDictionary(requireSource('loadNiqe', 'niqe', source), options);
  const [mean, covariance, window] = file.names.includes('mu')
    ? (['mu', 'cov', 'window'] as const)
    : (['mu_pris_param', 'cov_pris_param', 'gaussian_window'] as const);
  return {
    mean: await file.readDouble(mean, [featureCount]),
    covariance: await file.readDouble(covariance, [featureCount, featureCount]),
    window: await file.readDouble(window, [7, 7]),
  };
}

/**
 * NIQE of an image. With few blocks of 96×96 the value is noisy.
 *
 * @throws InputError `IMAGE_TOO_SMALL` under 96×96 (or when no two blocks can be described), `IMAGE_INVALID`, `NOT_FINITE`,
 *   `VALUE_OUT_OF_RANGE`
 */
export function niqe(model: NiqeModel, image: AnyImage, options: NiqeOptions = {}): number {
  return atOnce(niqeSteps(model, image, options));
}

/**
 * The same for large images: others have their turn in between, and the work can be stopped.
 *
 * @throws InputError as `niqe`; the signal's reason when aborted.
 */
export async function measureNiqe(
  model: NiqeModel,
  image: AnyImage,
  { signal, ...options }: NiqeOptions & { readonly signal?: AbortSignal } = {},
): Promise<number> {
  signal?.throwIfAborted();
  return inTurns(niqeSteps(model, image, options), signal);
}

function* niqeSteps(model: NiqeModel, image: AnyImage, options: NiqeOptions): Steps<number> {
  const round = options.precision === 'float64' ? (value: number): number => value : Math.fround;
  const full = yield* brightness(image, options);
  const half = yield* halve(full, round);
  const fit = asymmetricGaussianFitter();
  const fine = yield* normalizeLocally(full, model.window, round);
  const coarse = yield* normalizeLocally(half, model.window, round);
  const blocks: number[][] = [];
  for (let top = 0; top < full.height; top += blockSize) {
    for (let left = 0; left < full.width; left += blockSize) {
      blocks.push([
        ...blockFeatures(fine, left, top, blockSize, fit, round),
        ...blockFeatures(coarse, left / 2, top / 2, blockSize / 2, fit, round),
      ]);
      yield;
    }
  }
  return distance(model, blocks);
}

function* brightness(image: AnyImage, { colorSpace = 'y', dataRange, cropBorder = 0 }: NiqeOptions): Steps<Plane> {
  channelsOf(image);
  checkFinite('niqe', image.data);
  const range = dataRangeOf('niqe', image, dataRange);
  const whole = (n: number): number => Math.floor((n - 2 * cropBorder) / blockSize) * blockSize;
  const [width, height] = [whole(image.width), whole(image.height)];
  if (!(Math.min(width, height) >= blockSize)) {
    throw new InputError({
      code: 'IMAGE_TOO_SMALL',
      message: `niqe: expected at least ${blockSize}×${blockSize} pixels, got ${image.width}×${image.height}`,
      fix: 'Use larger images; the model knows blocks of that size only',
    });
  }
  const data = new Float64Array(width * height);
  const read = planesOf(image, colorSpace, range)[0]!;
  for (let y = 0; y < height; y++) {
    read(y + cropBorder, cropBorder, width, data, y * width);
    yield;
  }
  return yield* eachValue({ data, width, height }, (value) => roundHalfToEven((value * 255) / range));
}

function roundHalfToEven(value: number): number {
  const up = Math.floor(value + 0.5);
  return up - value === 0.5 && up % 2 !== 0 ? up - 1 : up;
}

/** Half the size, bicubic, a row at a time. */
function* halve(plane: Plane, round: Rounding): Steps<Plane> {
  const [width, height] = [plane.width / 2, plane.height / 2];
  const options = { interpolation: 'bicubic', border: 'mirror', isAntialiased: true } as const;
  const { taps, indices, weights } = axisWeights(plane.height, height, options);
  const horizontal = axisWeights(plane.width, width, options);
  const data = new Float64Array(width * height);
  for (let y = 0; y < height; y++) {
    const [from, to] = [y * taps, (y + 1) * taps];
    const vertical = { taps, indices: indices.subarray(from, to), weights: weights.subarray(from, to) };
    const row = alongAxis(plane.data, [1, plane.height, plane.width], vertical);
    data.set(alongAxis(row, [1, plane.width, 1], horizontal).map(round), y * width);
    yield;
  }
  return { data, width, height };
}

/** √(d·((C₀ + C)/2)⁺·dᵀ), d = μ₀ − mean of the blocks that are described. */
function distance(model: NiqeModel, blocks: readonly (readonly number[])[]): number {
  const described = blocks.filter((features) => !features.some(Number.isNaN));
  if (described.length < 2) {
    throw new InputError({
      code: 'IMAGE_TOO_SMALL',
      message: `niqe: expected at least 2 blocks of ${blockSize}×${blockSize} with texture, got ${described.length}`,
      fix: 'Use larger images; flat images have no statistics',
    });
  }
  const mean = Float64Array.from({ length: featureCount }, (_, k) => nanMean(blocks, k));
  const centre = Float64Array.from({ length: featureCount }, (_, k) => nanMean(described, k));
  const covariance = new Float64Array(featureCount ** 2);
  for (const features of described) {
    for (let i = 0; i < featureCount; i++) {
      const scaled = (features[i]! - centre[i]!) / (described.length - 1);
      for (let j = 0; j < featureCount; j++) covariance[i * featureCount + j]! += scaled * (features[j]! - centre[j]!);
    }
  }
  const middle = covariance.map((value, i) => (value + model.covariance[i]!) / 2);
  const d = mean.map((value, k) => model.mean[k]! - value);
  return Math.sqrt(pseudoInverseForm(middle, d));
}

/**
 * vᵀ·A⁺·v with the pseudo-inverse of a symmetric matrix: directions whose eigenvalue is under 10⁻¹⁵ of the largest are left
 * out, as NumPy's `pinv` does.
 */
export function pseudoInverseForm(matrix: Float64Array, v: Float64Array): number {
  const evd = new EVD(Matrix.from1DArray(v.length, v.length, matrix), { assumeSymmetric: true });
  const values = evd.realEigenvalues;
  const cutoff = 1e-15 * Math.max(...values.map(Math.abs));
  const projections = Matrix.rowVector(v).mmul(evd.eigenvectorMatrix).to1DArray();
  return projections.reduce((form, p, k) => (Math.abs(values[k]!) > cutoff ? form + p ** 2 / values[k]! : form), 0);
}

function nanMean(rows: readonly (readonly number[])[], k: number): number {
  const values = rows.map((row) => row[k]!).filter((value) => !Number.isNaN(value));
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
