/**
 * DISTS: image quality from the means (texture) and the covariances (structure) of VGG16 features, the image itself
 * being the first of them. Tolerant of resampled texture, where LPIPS is not.
 *
 * a, b → (image, VGG16 with L2 pooling: relu1_2 … relu5_3) → per channel: means, variances, covariance → 1 − Σ(α·l + β·s)
 *
 * @see Ding, Ma, Wang, Simoncelli 2020, arXiv:2004.07728; reference code dingkeyan93/DISTS (MIT), DISTS_pytorch/DISTS_pt.py
 */
import {
  add,
  avgPool,
  type Backend,
  concat,
  div,
  mean,
  mul,
  sqrt,
  square,
  sub,
  sum,
  type Tensor,
  tensor,
  tidy,
} from '@vqkit/core';
import { loadConvolutions, type NetworkParams } from '../networks/convolution.ts';
import { vgg16, vgg16Taps } from '../networks/vgg16.ts';
import { checkBatches } from '../tensors/pair.ts';
import { requireSource } from '../weights/known-files.ts';
import type { ReadOptions, WeightsSource } from '../weights/source.ts';
import { openStateDictionary } from '../weights/state-dictionary.ts';

/** Parameters of DISTS, from `loadDists`. */
export interface DistsParams {
  readonly backbone: NetworkParams;
  /** Weights of the texture terms, f32 `[1475]`: 3 + 64 + 128 + 256 + 512 + 512 channels. */
  readonly alpha: Tensor;
  /** Weights of the structure terms, f32 `[1475]`. */
  readonly beta: Tensor;
}

/** Channels of the image and of the five taps together. */
const channelCount = vgg16.channels.reduce((total, channels) => total + channels, 3);

/** Where the parameters are, and how to read them. */
export interface LoadDistsOptions extends Omit<ReadOptions, 'sha256'> {
  /** `alpha` and `beta`, when `source` holds VGG16 alone. */
  readonly weights?: WeightsSource;
}

/**
 * Loads DISTS.
 *
 * @param source  Torchvision's state dictionary of VGG16, with `alpha` and `beta` in the same file or in `options.weights`.
 *   Undefined gives the error that says where the official files are.
 * @throws WeightsError `WEIGHTS_MISSING`, `WEIGHTS_MISMATCH`, `WEIGHTS_DAMAGED`, `CHECKSUM_MISMATCH`, `PICKLE_UNSAFE`
 */
export async function loadDists(
  backend: Backend,
  source: WeightsSource | undefined,
  { weights, ...options }: LoadDistsOptions = {},
): Promise<DistsParams> {
  const network = await openStateDictionary(requireSource('loadDists', 'backbone-vgg', source), options);
  const isWhole = network.names.includes('alpha');
  const file = isWhole ? network : await openStateDictionary(requireSource('loadDists', 'dists', weights), options);
  const [alpha, beta] = [await file.read('alpha', [channelCount]), await file.read('beta', [channelCount])];
  return {
    backbone: await loadConvolutions(backend, network, vgg16.convolutions),
    alpha: tensor(backend, alpha),
    beta: tensor(backend, beta),
  };
}

/**
 * DISTS of image pairs: 0 for equal images, about 1 for unrelated ones. Pure; compiles and differentiates.
 * The published protocol shrinks images first, see `resizeForDists`.
 *
 * @param a  f32 `[N, H, W, 3]`, RGB in [0, 1], at least 16×16.
 * @returns f32 `[N]`.
 * @throws InputError `SIZE_MISMATCH`, `CHANNELS_MISMATCH`, `IMAGE_TOO_SMALL`
 */
export function dists(params: DistsParams, a: Tensor, b: Tensor): Tensor {
  checkBatches('dists', a, b, { minimumSize: vgg16.minimumSize, channels: 3 });
  return tidy(() => score(params, a, b));
}

function score(params: DistsParams, a: Tensor, b: Tensor): Tensor {
  const [featuresA, featuresB] = [features(params.backbone, a), features(params.backbone, b)];
  const terms = featuresA.map((x, i) => compare(x, featuresB[i]!));
  const texture = concat(
    terms.map((term) => term.texture),
    1,
  );
  const structure = concat(
    terms.map((term) => term.structure),
    1,
  );
  const total = add(sum(params.alpha), sum(params.beta));
  const weighted = add(mul(texture, params.alpha), mul(structure, params.beta));
  return sub(1, div(sum(weighted, { axes: 1 }), total));
}

function features(params: NetworkParams, image: Tensor): Tensor[] {
  const constant = (values: number[]): Tensor => tensor(image.backend, values);
  const normalized = div(sub(image, constant([0.485, 0.456, 0.406])), constant([0.229, 0.224, 0.225]));
  return [image, ...vgg16Taps(params, normalized, poolL2)];
}

/**
 * √(blurred squares): a [1 2 1]×[1 2 1]/16 window with stride 2 over the image with a border of zeros. Two means of 2×2,
 * one after the other, are this window.
 */
function poolL2(x: Tensor): Tensor {
  const blurred = avgPool(avgPool(square(x), { size: 2, strides: 1, pads: 1 }), { size: 2, strides: 2 });
  return sqrt(add(blurred, 1e-12));
}

// c1 and c2 of the paper
const stabilizer = 1e-6;

/** Similarities of each channel over the whole map, `[N, C]`. */
function compare(x: Tensor, y: Tensor): { texture: Tensor; structure: Tensor } {
  const over = { axes: [1, 2], keepDims: true };
  const [meanX, meanY] = [mean(x, over), mean(y, over)];
  const [dx, dy] = [sub(x, meanX), sub(y, meanY)];
  const covariance = mean(mul(dx, dy), { axes: [1, 2] });
  const variances = add(mean(square(dx), { axes: [1, 2] }), mean(square(dy), { axes: [1, 2] }));
  const [mx, my] = [mean(meanX, { axes: [1, 2] }), mean(meanY, { axes: [1, 2] })];
  return {
    texture: div(add(mul(mul(mx, my), 2), stabilizer), add(add(square(mx), square(my)), stabilizer)),
    structure: div(add(mul(covariance, 2), stabilizer), add(variances, stabilizer)),
  };
}
