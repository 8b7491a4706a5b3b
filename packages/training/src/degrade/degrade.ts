/**
 * What becomes of photos on their way to the web: blur, resizing, noise and JPEG, once or twice, in random strength, and
 * the ringing of a sharpening filter at the end. Small images that are made so teach a network to enlarge real ones.
 *
 * @see Wang et al. 2021 (Real-ESRGAN), arXiv:2107.10833; Yue et al. 2023 (ResShift), arXiv:2307.12348, for the ranges
 */
import type { Random } from '@vqkit/core';
import sharp from 'sharp';
import { type BlurKernel, type BlurShape, blurKernel, sincKernel } from './blur-kernels.ts';
import { type DegradedResize, type FloatImage, filterImage, resizeImage, roundImage } from './float-image.ts';
import { addGaussianNoise, addPoissonNoise } from './noise.ts';

type Range = readonly [low: number, high: number];

/** One round of blur, resizing and noise. */
export interface DegradationRound {
  /** Probability that there is any blur. */
  readonly blur: number;
  /** Size of kernels, odd. */
  readonly kernelSize: number;
  /** Standard deviations of blur, in pixels. */
  readonly sigma: Range;
  /** Probability of a sinc instead. */
  readonly sinc: number;
  /** Probabilities to enlarge, to shrink and to keep, and how far. */
  readonly resize: { readonly up: number; readonly down: number; readonly range: Range };
  /** Standard deviation of Gaussian noise, in levels of 255. */
  readonly gaussian: Range;
  /** Factor on the noise of counting. */
  readonly poisson: Range;
}

/** A whole way. */
export interface Degradation {
  readonly first: DegradationRound;
  /** The second round, and how probable it is. */
  readonly second: DegradationRound & { readonly probability: number };
  /** Quality of JPEG, after the first round and at the end. */
  readonly jpeg: Range;
  /** Probability of the final sinc. */
  readonly finalSinc: number;
}

/** Probabilities of the shapes of blur, the same in all published recipes: along one axis (isotropic) or two. */
const shapes: readonly (readonly [probability: number, shape: BlurShape, isIsotropic: boolean])[] = [
  [0.45, 'gaussian', true],
  [0.25, 'gaussian', false],
  [0.12, 'generalised', true],
  [0.03, 'generalised', false],
  [0.12, 'plateau', true],
  [0.03, 'plateau', false],
];
const grayNoise = 0.4;
const finalSize = 21;

/** The recipe that Real-ESRGAN and ResShift train with. */
export const fullDegradation: Degradation = {
  first: {
    blur: 1,
    kernelSize: 21,
    sigma: [0.2, 3],
    sinc: 0.1,
    resize: { up: 0.2, down: 0.7, range: [0.15, 1.5] },
    gaussian: [1, 30],
    poisson: [0.05, 3],
  },
  second: {
    probability: 0.5,
    blur: 0.8,
    kernelSize: 15,
    sigma: [0.2, 1.5],
    sinc: 0.1,
    resize: { up: 0.3, down: 0.4, range: [0.3, 1.2] },
    gaussian: [1, 25],
    poisson: [0.05, 2.5],
  },
  jpeg: [30, 95],
  finalSinc: 0.8,
};

/** The milder recipe that ResShift tests with: one round, little blur and noise, JPEG of good quality. */
export const mildDegradation: Degradation = {
  first: {
    ...fullDegradation.first,
    kernelSize: 13,
    sigma: [0.2, 0.8],
    resize: { up: 0.2, down: 0.7, range: [0.5, 1.5] },
    gaussian: [1, 15],
    poisson: [0.05, 0.3],
  },
  second: { ...fullDegradation.second, probability: 0, kernelSize: 7, sigma: [0.2, 0.5] },
  jpeg: [70, 95],
  finalSinc: 0.2,
};

const between = (random: Random, [low, high]: Range): number => low + random.next() * (high - low);

/** Which of some outcomes with these probabilities, whose sum is 1 at most; `length` for none. */
function choose(random: Random, probabilities: readonly number[]): number {
  let left = random.next();
  const found = probabilities.findIndex((p) => {
    left -= p;
    return left < 0;
  });
  return found === -1 ? probabilities.length : found;
}

/** A random kernel of a round; sizes of sinc kernels vary from 7 up. */
export function randomKernel(random: Random, { kernelSize, sigma, sinc }: DegradationRound): BlurKernel {
  if (random.next() < sinc) return randomSinc(random, kernelSize);
  const drawn = choose(
    random,
    shapes.map(([p]) => p),
  );
  const [, shape, isIsotropic] = shapes[Math.min(drawn, shapes.length - 1)]!;
  const first = between(random, sigma);
  const second = isIsotropic ? first : between(random, sigma);
  const angle = isIsotropic ? 0 : between(random, [-Math.PI, Math.PI]);
  const size = 7 + 2 * random.integer((kernelSize - 7) / 2 + 1);
  const beta = between(random, shape === 'plateau' ? [1, 2] : [0.5, 4]);
  return blurKernel(size, { sigma: [first, second], angle, shape, beta });
}

function randomSinc(random: Random, largest: number): BlurKernel {
  const size = 7 + 2 * random.integer((largest - 7) / 2 + 1);
  return sincKernel(size, between(random, [size < 13 ? Math.PI / 3 : Math.PI / 5, Math.PI]));
}

function randomMethod(random: Random): DegradedResize {
  return (['area', 'bilinear', 'bicubic'] as const)[random.integer(3)]!;
}

function round(image: FloatImage, random: Random, options: DegradationRound): FloatImage {
  const { blur, resize, gaussian, poisson } = options;
  const blurred = random.next() < blur ? filterImage(image, randomKernel(random, options)) : image;
  const way = choose(random, [resize.up, resize.down]);
  const [low, high] = resize.range;
  const factor = way === 0 ? between(random, [1, high]) : way === 1 ? between(random, [low, 1]) : 1;
  const size = {
    width: Math.max(1, Math.round(blurred.width * factor)),
    height: Math.max(1, Math.round(blurred.height * factor)),
  };
  const resized = resizeImage(blurred, size, randomMethod(random));
  const isGray = random.next() < grayNoise;
  return random.next() < 0.5
    ? addGaussianNoise(resized, random, { strength: between(random, gaussian), isGray })
    : addPoissonNoise(resized, random, { strength: between(random, poisson), isGray });
}

/** JPEG there and back, by sharp, at a whole quality of 1 to 100. */
export async function jpegImage(image: FloatImage, quality: number): Promise<FloatImage> {
  const { width, height } = image;
  const bytes = Uint8Array.from(roundImage(image).data);
  const file = await sharp(bytes, { raw: { width, height, channels: 3 } })
    .jpeg({ quality: Math.round(quality) })
    .toBuffer();
  return { width, height, data: Float32Array.from(await sharp(file).raw().toBuffer()) };
}

/**
 * Degrades an image to a size.
 *
 * @param image  The large image.
 * @returns The small one, of whole values: the same for the same stream.
 */
export async function degrade(
  image: FloatImage,
  to: { readonly width: number; readonly height: number },
  random: Random,
  { first, second, jpeg, finalSinc }: Degradation,
): Promise<FloatImage> {
  let x = await jpegImage(round(image, random, first), between(random, jpeg));
  if (random.next() < second.probability) x = round(x, random, second);
  const finish = (y: FloatImage): FloatImage => {
    const small = resizeImage(y, to, randomMethod(random));
    return random.next() < finalSinc ? filterImage(small, randomSinc(random, finalSize)) : small;
  };
  // Compressing last, or before the last resizing.
  const isLast = random.next() < 0.5;
  const quality = between(random, jpeg);
  return roundImage(isLast ? await jpegImage(finish(x), quality) : finish(await jpegImage(x, quality)));
}

/**
 * Sharpens by an unsharp mask where the difference to the blurred image is large: what small images are made from, so that
 * what learns from the pair learns to sharpen.
 *
 * @see Real-ESRGAN's `usm_sharp`: weight 0.5, radius 51, threshold 10
 */
export function sharpen(image: FloatImage): FloatImage {
  // OpenCV's σ for a kernel of this size: 0.3·((51 − 1)/2 − 1) + 0.8.
  const smooth = (y: FloatImage): FloatImage => blurSeparably(y, 51, 8);
  const blurred = smooth(image);
  const isEdge = image.data.map((value, i) => (Math.abs(value - blurred.data[i]!) > 10 ? 1 : 0));
  const soft = smooth({ ...image, data: isEdge });
  const data = image.data.map((value, i) => {
    const sharp = Math.min(Math.max(value + 0.5 * (value - blurred.data[i]!), 0), 255);
    return soft.data[i]! * sharp + (1 - soft.data[i]!) * value;
  });
  return { ...image, data };
}

/** A Gaussian as two passes: rows, then columns. */
function blurSeparably(image: FloatImage, size: number, sigma: number): FloatImage {
  const { weights } = blurKernel(size, { sigma: [sigma, sigma] });
  const middle = (size - 1) / 2;
  const line = Float64Array.from({ length: size }, (_, i) => weights[middle * size + i]!);
  const total = line.reduce((sum, w) => sum + w, 0);
  const across = new Float64Array(size ** 2);
  const down = new Float64Array(size ** 2);
  line.forEach((w, i) => {
    across[middle * size + i] = w / total;
    down[i * size + middle] = w / total;
  });
  return filterImage(filterImage(image, { size, weights: across }), { size, weights: down });
}
