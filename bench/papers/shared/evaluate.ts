/** What a trained model is worth on the test set: the papers' columns, and what its indices cost. */
import { type Backend, compile, concat, disposeTree, mean, type Tensor, tensor, tidy } from '@vqkit/core';
import { type LpipsParams, loadLpips, lpips, psnr, ssim } from '@vqkit/metrics';
import { type VqVaeOptions, type VqVaeParams, vqVae } from '@vqkit/models';
import { type AnyQuantizer, type GrayImages, pickImages, type SmallModel, toFloats } from '@vqkit/training';

/** Means over the test set, from 8-bit images. */
export interface PaperMetrics {
  /** Mean absolute error on [0, 1]. */
  readonly mae: number;
  /** dB, mean over images. */
  readonly psnr: number;
  /** Uniform 11×11 window, as the papers. */
  readonly ssimUniform11: number;
  /** Gaussian 11×11 window, Wang et al. 2004. */
  readonly ssimWang: number;
  /** LPIPS with SqueezeNet; the papers use VGG. Null without weights. */
  readonly lpipsSqueeze: number | null;
  /** Share of codes that occur; mean over codebooks, one for all slots where these share it. */
  readonly usage: number;
  /** 2^entropy; mean over the same codebooks. */
  readonly perplexity: number;
  readonly bitsPerPosition: number;
  /** Index bits per pixel, fixed length. */
  readonly bpp: number;
  /** Index bits per pixel at the order-0 entropy of each slot. */
  readonly bppEntropy: number;
}

/** What to measure with. */
export interface EvaluateOptions {
  readonly backend: Backend;
  readonly quantizer: AnyQuantizer;
  readonly network?: VqVaeOptions;
  readonly lpipsWeights?: string;
}

/** Images that are restored at a time. */
const chunk = 250;

/** Measures a model on test images. */
export async function evaluatePaper(
  model: SmallModel,
  images: GrayImages,
  options: EvaluateOptions,
): Promise<PaperMetrics> {
  const { backend, quantizer, lpipsWeights } = options;
  const network = vqVae({ channels: 1, dimension: quantizer.dimension, ...options.network });
  const restore = compile((own: SmallModel, x: Tensor) => {
    const indices = quantizer.encode(own.quantizer, network.encode(own.network.encoder as VqVaeParams['encoder'], x));
    return {
      indices,
      xHat: network.decode(own.network.decoder as VqVaeParams['decoder'], quantizer.decode(own.quantizer, indices)),
    };
  });
  const perceptual = await openPerceptual(backend, lpipsWeights);
  const counts = quantizer.codebookSizes.map((size) => new Float64Array(size));
  const totals = { mae: 0, psnr: 0, ssimUniform11: 0, ssimWang: 0, lpips: 0 };
  for (let start = 0; start < images.count; start += chunk) {
    const own = pickImages(images, start, Math.min(chunk, images.count - start));
    const x = tensor(backend, toFloats(own.data), [own.count, own.height, own.width, 1]);
    const { indices, xHat } = restore(model, x);
    const pixels = Uint8ClampedArray.from(await xHat.data(), (value) => Math.round((value + 1) * 127.5));
    (await indices.data()).forEach((index, i) => {
      counts[i % counts.length]![index]!++;
    });
    addSimilarities(totals, own, pixels);
    if (perceptual) totals.lpips += own.count * (await perceptual.distance(x, xHat));
    disposeTree([x, indices, xHat]);
  }
  restore.dispose();
  perceptual?.dispose();
  const { mae, psnr: decibels, ssimUniform11, ssimWang, lpips: distance } = totals;
  const share = (total: number): number => total / images.count;
  return {
    mae: share(mae),
    psnr: share(decibels),
    ssimUniform11: share(ssimUniform11),
    ssimWang: share(ssimWang),
    lpipsSqueeze: perceptual ? share(distance) : null,
    ...costOf(quantizer, counts, network.scale),
  };
}

function addSimilarities(
  totals: { mae: number; psnr: number; ssimUniform11: number; ssimWang: number },
  { data, count, height, width }: GrayImages,
  pixels: Uint8ClampedArray,
): void {
  const size = height * width;
  for (let i = 0; i < count; i++) {
    const [a, b] = [data, pixels].map((all) => ({ data: all.subarray(i * size, (i + 1) * size), width, height })) as [
      { data: Uint8Array; width: number; height: number },
      { data: Uint8ClampedArray; width: number; height: number },
    ];
    let error = 0;
    for (let k = 0; k < size; k++) error += Math.abs(a.data[k]! - b.data[k]!);
    totals.mae += error / size / 255;
    totals.psnr += psnr(a, b);
    totals.ssimUniform11 += ssim(a, b, { variant: 'uniform11' });
    totals.ssimWang += ssim(a, b);
  }
}

/** Usage of codebooks and bits of indices, from how often each code occurred in each slot. */
export function costOf(
  { name, bitsPerPosition }: Pick<AnyQuantizer, 'name' | 'bitsPerPosition'>,
  counts: readonly Float64Array[],
  scale: number,
): Pick<PaperMetrics, 'usage' | 'perplexity' | 'bitsPerPosition' | 'bpp' | 'bppEntropy'> {
  const entropyBits = counts.reduce((total, own) => total + entropyOf(own), 0);
  // LooC's slots share one codebook.
  const books = name === 'looc' ? [sumOf(counts)] : counts;
  const average = (of: (own: Float64Array) => number): number =>
    books.reduce((total, own) => total + of(own), 0) / books.length;
  return {
    usage: average((own) => own.filter((n) => n > 0).length / own.length),
    perplexity: average((own) => 2 ** entropyOf(own)),
    bitsPerPosition,
    bpp: bitsPerPosition / scale ** 2,
    bppEntropy: entropyBits / scale ** 2,
  };
}

function entropyOf(counts: Float64Array): number {
  const total = counts.reduce((a, b) => a + b, 0);
  return counts.reduce((bits, n) => (n > 0 ? bits - (n / total) * Math.log2(n / total) : bits), 0);
}

function sumOf(all: readonly Float64Array[]): Float64Array {
  return all[0]!.map((_, k) => all.reduce((total, own) => total + own[k]!, 0));
}

/** Mean LPIPS of two batches of grey images. */
async function openPerceptual(backend: Backend, weights: string | undefined) {
  if (weights === undefined) return undefined;
  const params = await loadLpips(backend, weights, { backbone: 'squeeze' });
  const distances = lpips({ backbone: 'squeeze' });
  const compiled = compile((own: LpipsParams, a: Tensor, b: Tensor) =>
    tidy(() => mean(distances(own, concat([a, a, a], 3), concat([b, b, b], 3)))),
  );
  return {
    distance: async (a: Tensor, b: Tensor): Promise<number> => {
      const result = compiled(params, a, b);
      const value = await result.item();
      result.dispose();
      return value;
    },
    dispose: (): void => {
      disposeTree(params);
      compiled.dispose();
    },
  };
}
