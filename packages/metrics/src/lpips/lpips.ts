/**
 * LPIPS: a perceptual distance, the weighted squared difference between unit-length deep features of two images.
 *
 * a, b → normalise colours → backbone → taps → unit length per pixel → (difference)² · w → mean over pixels → sum over taps
 *
 * The numbers of different backbones and versions are not comparable: always name them.
 *
 * @see Zhang et al. 2018, arXiv:1801.03924; reference code richzhang/PerceptualSimilarity (BSD-2), lpips/lpips.py.
 *   Changed: the length is √(Σf² + 10⁻²⁰) instead of √(Σf²) + 10⁻¹⁰, the same value where any feature is not 0, but with a
 *   gradient that stays finite where all are.
 */
import { add, div, mean, mul, resize, rsqrt, square, sub, sum, type Tensor, tensor, tidy } from '@vqkit/core';
import { alexnet } from '../networks/alexnet.ts';
import type { Backbone } from '../networks/backbone.ts';
import type { NetworkParams } from '../networks/convolution.ts';
import { squeezenet } from '../networks/squeezenet.ts';
import { vgg16 } from '../networks/vgg16.ts';
import { checkBatches } from '../tensors/pair.ts';

/** Networks that LPIPS is defined on. Papers report `alex` (evaluation) and `vgg` (training and VQ evaluation). */
export type LpipsBackbone = Backbone['name'];

/** Which LPIPS. */
export interface LpipsOptions {
  readonly backbone: LpipsBackbone;
  /** `'0.0'` leaves out the colour normalisation (an early mistake, for old numbers only). Default `'0.1'`. */
  readonly version?: '0.0' | '0.1';
}

/** Parameters of LPIPS, from `loadLpips`. */
export interface LpipsParams {
  readonly backbone: NetworkParams;
  /** One weight per channel, for each tap. */
  readonly linear: readonly Tensor[];
}

/** @internal The networks by name. */
export const lpipsBackbones: Readonly<Record<LpipsBackbone, Backbone>> = {
  alex: alexnet,
  vgg: vgg16,
  squeeze: squeezenet,
};

/** A pure function of parameters and two image batches, f32 `[N, H, W, 3]`, RGB in [−1, 1]; compiles and differentiates. */
export type LpipsFunction<Result> = (params: LpipsParams, a: Tensor, b: Tensor) => Result;

/**
 * The distance of image pairs.
 *
 * @returns A function to f32 `[N]`; 0 for equal images.
 * @throws (the function) InputError `SIZE_MISMATCH`, `CHANNELS_MISMATCH`, `IMAGE_TOO_SMALL`
 *
 * @example
 * const distance = compile(lpips({ backbone: 'squeeze' }));
 * const params = await loadLpips(backend, 'lpips_squeeze_v0.1.safetensors', { backbone: 'squeeze' });
 * distance(params, a, b); // a, b: [8, 64, 64, 3] in [−1, 1] → [8]
 */
export function lpips(options: LpipsOptions): LpipsFunction<Tensor> {
  const layers = lpipsLayers(options);
  return (params, a, b) => tidy(() => layers(params, a, b).reduce(add));
}

/** What each tap contributes: f32 `[N]` per tap. Their sum is the distance. */
export function lpipsLayers(options: LpipsOptions): LpipsFunction<Tensor[]> {
  const maps = lpipsTapMaps(options);
  return (params, a, b) => tidy(() => maps(params, a, b).map((map) => mean(map, { axes: [1, 2, 3] })));
}

/** Where images differ: f32 `[N, H, W]`, each tap's map enlarged bilinearly, then added (`spatial=True` of the reference). */
export function lpipsMap(options: LpipsOptions): LpipsFunction<Tensor> {
  const maps = lpipsTapMaps(options);
  return (params, a, b) => {
    const [, height, width] = a.shape as [number, number, number, number];
    return tidy(() =>
      sum(
        maps(params, a, b)
          .map((map) => resize(map, { height, width }))
          .reduce(add),
        { axes: 3 },
      ),
    );
  };
}

/** @internal Weighted squared differences of unit features: `[N, h, w, 1]` per tap. */
export function lpipsTapMaps({ backbone: name, version = '0.1' }: LpipsOptions): LpipsFunction<Tensor[]> {
  const backbone = lpipsBackbones[name];
  return (params, a, b) => {
    checkBatches(`lpips (${name})`, a, b, { minimumSize: backbone.minimumSize, channels: 3 });
    const features = lpipsFeatures({ backbone: name, version });
    const [tapsA, tapsB] = [a, b].map((x) => features(params, x).map(toUnitLength)) as [Tensor[], Tensor[]];
    return tapsA.map((tap, i) => {
      const difference = mul(square(sub(tap, tapsB[i]!)), params.linear[i]!);
      return sum(difference, { axes: 3, keepDims: true });
    });
  };
}

/**
 * What LPIPS compares: the features of one image batch, f32 `[N, h, w, C]` per tap. They serve other losses as well, such
 * as a projected discriminator.
 */
export function lpipsFeatures({
  backbone: name,
  version = '0.1',
}: LpipsOptions): (params: LpipsParams, x: Tensor) => Tensor[] {
  const { taps } = lpipsBackbones[name];
  return (params, x) => tidy(() => taps(params.backbone, version === '0.1' ? normalizeColours(x) : x));
}

// ImageNet's mean and deviation for [−1, 1], rounded to three decimals as in the reference.
const shift = [-0.03, -0.088, -0.188];
const scale = [0.458, 0.448, 0.45];

/** @internal ImageNet normalisation of RGB in [−1, 1]. */
export function normalizeColours(x: Tensor): Tensor {
  return div(sub(x, tensor(x.backend, shift)), tensor(x.backend, scale));
}

function toUnitLength(features: Tensor): Tensor {
  return mul(features, rsqrt(add(sum(square(features), { axes: 3, keepDims: true }), 1e-20)));
}
