/**
 * PSNR, SSIM and MS-SSIM of tensors, differentiable, for losses: the same definitions as on images, in float32.
 * Values go from 0 to `dataRange`; bring [−1, 1] to [0, 1] first, since structural similarity depends on where black is.
 */
import {
  add,
  avgPool,
  concat,
  conv2d,
  div,
  greater,
  log,
  maximum,
  mean,
  mul,
  padReflect,
  pow,
  reshape,
  slice,
  square,
  sub,
  type Tensor,
  tensor,
  tidy,
  transpose,
  where,
  zerosLike,
} from '@vqkit/core';
import { msSsimMinimumSize, scaleWeights } from '../ssim/ms-ssim.ts';
import { type SsimSetting, type SsimVariant, ssimSettings, stabilizers, windowWeights } from '../ssim/window.ts';
import { checkBatches } from './pair.ts';

/** Range of the values. */
export interface TensorPairOptions {
  /** Distance between black (0) and white. Default 1. */
  readonly dataRange?: number;
}

/**
 * PSNR of each image pair in dB, at most 100 (so that the gradient stays finite).
 *
 * @param a  f32 `[N, H, W, C]`.
 * @returns f32 `[N]`.
 * @throws InputError `SIZE_MISMATCH`, `CHANNELS_MISMATCH`
 */
export function tensorPsnr(a: Tensor, b: Tensor, { dataRange = 1 }: TensorPairOptions = {}): Tensor {
  checkBatches('tensorPsnr', a, b, { minimumSize: 1 });
  return tidy(() => {
    const mse = maximum(mean(square(div(sub(a, b), dataRange)), { axes: [1, 2, 3] }), 1e-10);
    return mul(log(mse), -10 / Math.LN10);
  });
}

/**
 * SSIM of each image pair, mean over channels.
 *
 * @param a  f32 `[N, H, W, C]`, values from 0 to `dataRange`.
 * @returns f32 `[N]`; use `1 − ssim` as a loss.
 * @throws InputError `SIZE_MISMATCH`, `CHANNELS_MISMATCH`, `IMAGE_TOO_SMALL`
 * @see Wang et al. 2004; the variants are those of `ssim`
 */
export function tensorSsim(
  a: Tensor,
  b: Tensor,
  { dataRange = 1, variant = 'wang' }: TensorPairOptions & { readonly variant?: SsimVariant } = {},
): Tensor {
  const setting = ssimSettings[variant];
  const least = setting.border === 'valid' ? setting.size : (setting.size + 1) / 2;
  checkBatches('tensorSsim', a, b, { minimumSize: least });
  return tidy(() => perImage(structure(toPlanes(a), toPlanes(b), setting, dataRange).ssim, a));
}

/**
 * MS-SSIM of each image pair in the convention of pytorch-msssim; negative contrasts count as 0 and pass no gradient.
 *
 * @param a  f32 `[N, H, W, C]`, at least 161×161, values from 0 to `dataRange`.
 * @returns f32 `[N]`.
 * @throws InputError `SIZE_MISMATCH`, `CHANNELS_MISMATCH`, `IMAGE_TOO_SMALL`
 */
export function tensorMsSsim(a: Tensor, b: Tensor, { dataRange = 1 }: TensorPairOptions = {}): Tensor {
  checkBatches('tensorMsSsim', a, b, { minimumSize: msSsimMinimumSize });
  return tidy(() => {
    let [x, y] = [toPlanes(a), toPlanes(b)];
    const last = scaleWeights.length - 1;
    const factors = scaleWeights.map((weight, scale) => {
      const { ssim, contrast } = structure(x, y, ssimSettings.wang, dataRange);
      if (scale < last) [x, y] = [halve(x), halve(y)];
      return positivePower(scale < last ? contrast : ssim, weight);
    });
    return perImage(factors.reduce(mul), a);
  });
}

/** `[N, H, W, C]` → `[N·C, H, W, 1]`: every channel an image of its own. */
function toPlanes(x: Tensor): Tensor {
  const [n, h, w, c] = x.shape as [number, number, number, number];
  return reshape(transpose(x, [0, 3, 1, 2]), [n * c, h, w, 1]);
}

/** `[N·C]` → `[N]`, mean over channels. */
function perImage(values: Tensor, { shape }: Tensor): Tensor {
  return mean(reshape(values, [shape[0]!, shape[3]!]), { axes: 1 });
}

/** Means over the map, `[N·C]`. */
function structure(a: Tensor, b: Tensor, setting: SsimSetting, dataRange: number): { ssim: Tensor; contrast: Tensor } {
  const count = a.shape[0]!;
  // Around the middle of the range float32 loses least in E[x²] − E[x]².
  const [x, y] = [sub(a, dataRange / 2), sub(b, dataRange / 2)];
  const moments = smooth(concat([x, y, add(square(x), square(y)), mul(x, y)], 0), setting);
  const maps = reshape(moments, [4, count, ...moments.shape.slice(1)]);
  const part = (i: number): Tensor => reshape(pick(maps, i), [count, ...moments.shape.slice(1)]);
  const [shiftedX, shiftedY, squares, products] = [part(0), part(1), part(2), part(3)];
  const [muX, muY] = [add(shiftedX, dataRange / 2), add(shiftedY, dataRange / 2)];
  const area = setting.size ** 2;
  const correction = setting.isSampleCovariance ? area / (area - 1) : 1;
  const covariance = mul(sub(products, mul(shiftedX, shiftedY)), correction);
  const variances = mul(sub(squares, add(square(shiftedX), square(shiftedY))), correction);
  const [c1, c2] = stabilizers(dataRange);
  const contrast = div(add(mul(covariance, 2), c2), add(variances, c2));
  const luminance = div(add(mul(mul(muX, muY), 2), c1), add(add(square(muX), square(muY)), c1));
  const axes = [1, 2, 3];
  return { ssim: mean(mul(luminance, contrast), { axes }), contrast: mean(contrast, { axes }) };
}

function pick(x: Tensor, i: number): Tensor {
  return slice(x, [i, 0, 0, 0, 0], { size: [1, ...x.shape.slice(1)] });
}

/** Windowed means, rows then columns. */
function smooth(x: Tensor, setting: SsimSetting): Tensor {
  const { size, border } = setting;
  const weights = Float32Array.from(windowWeights(setting));
  const reach = (size - 1) / 2;
  const padded = border === 'reflect' ? padReflect(x, [reach, reach, reach, reach]) : x;
  const rows = conv2d(padded, tensor(x.backend, weights, [size, 1, 1, 1]), { pads: 'valid' });
  return conv2d(rows, tensor(x.backend, weights, [1, size, 1, 1]), { pads: 'valid' });
}

/** 2×2 means; an odd axis gets a zero before and after, which count. */
function halve(x: Tensor): Tensor {
  const [oddRows, oddColumns] = [x.shape[1]! & 1, x.shape[2]! & 1];
  return avgPool(x, { size: 2, pads: [oddRows, oddColumns, oddRows, oddColumns] });
}

/** max(x, 0) to the power, with a zero gradient where x ≤ 0. */
function positivePower(x: Tensor, exponent: number): Tensor {
  return where(greater(x, 0), pow(maximum(x, 1e-12), exponent), zerosLike(x));
}
