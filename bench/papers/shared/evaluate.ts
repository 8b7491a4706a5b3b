/** What a trained model is worth on the test set: the papers' columns, and what its indices cost. */
import { type Backend, compile, concat, disposeTree, mean, type Tensor, type TypedArray } from '@vqkit/core';
import { fromTensor, type Raster, toBytes, toTensor, toUnitRange } from '@vqkit/images';
import { CodeCounter, type CodeUsage, type LpipsParams, loadLpips, lpips, psnr, ssim } from '@vqkit/metrics';
import { type VqVaeOptions, type VqVaeParams, vqVae } from '@vqkit/models';
import type { AnyQuantizer, SmallModel } from '@vqkit/training';
import { type CodeMap, mapOfCodes, singleCodebook } from './code-map.ts';
import { type CodeSharing, sharingOf } from './sharing.ts';

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
  /** Of several slots that share one codebook. */
  readonly sharing?: CodeSharing;
  /** Of one codebook, neither very small nor very large. */
  readonly codeMap?: CodeMap;
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
  images: readonly Raster[],
  options: EvaluateOptions,
): Promise<PaperMetrics> {
  const { backend, quantizer, lpipsWeights } = options;
  const network = vqVae({ channels: 1, dimension: quantizer.dimension, ...options.network });
  const params = lpipsWeights ? await loadLpips(backend, lpipsWeights, { backbone: 'squeeze' }) : undefined;
  const distances = lpips({ backbone: 'squeeze' });
  const restore = compile((own: SmallModel, images: Tensor, weights: LpipsParams | undefined) => {
    const x = toUnitRange(images);
    const indices = quantizer.encode(own.quantizer, network.encode(own.network.encoder as VqVaeParams['encoder'], x));
    const z = quantizer.decode(own.quantizer, indices);
    const xHat = network.decode(own.network.decoder as VqVaeParams['decoder'], z);
    const [a, b] = [x, xHat].map((y) => (y.shape[3] === 1 ? concat([y, y, y], 3) : y)) as [Tensor, Tensor];
    return { indices, pixels: toBytes(xHat), distance: weights && mean(distances(weights, a, b)) };
  });
  const counters = quantizer.codebookSizes.map((size) => new CodeCounter(size));
  const totals = { mae: 0, psnr: 0, ssimUniform11: 0, ssimWang: 0, lpips: 0 };
  for (let start = 0; start < images.length; start += chunk) {
    const own = images.slice(start, start + chunk);
    const x = toTensor(backend, own);
    const { indices, pixels, distance } = restore(model, x, params);
    countSlots(counters, await indices.data());
    (await fromTensor(pixels)).forEach((restored, i) => addSimilarities(totals, own[i]!, restored));
    if (distance) totals.lpips += own.length * (await distance.item());
    disposeTree([x, indices, pixels, distance]);
  }
  restore.dispose();
  disposeTree(params);
  const codes = await singleCodebook(model.quantizer, quantizer.codebookSizes[0]!);
  const codeMap = codes && booksOf(quantizer, counters).length === 1 && mapOfCodes(codes, merged(counters).counts);
  const { mae, psnr: decibels, ssimUniform11, ssimWang, lpips: total } = totals;
  const share = (sum: number): number => sum / images.length;
  return {
    mae: share(mae),
    psnr: share(decibels),
    ssimUniform11: share(ssimUniform11),
    ssimWang: share(ssimWang),
    lpipsSqueeze: params ? share(total) : null,
    ...costOf(quantizer, counters, network.scale),
    ...(codeMap && { codeMap }),
  };
}

function addSimilarities(
  totals: { mae: number; psnr: number; ssimUniform11: number; ssimWang: number },
  a: Raster,
  b: Raster,
): void {
  totals.mae += a.data.reduce((sum, value, i) => sum + Math.abs(value - b.data[i]!), 0) / a.data.length / 255;
  totals.psnr += psnr(a, b);
  totals.ssimUniform11 += ssim(a, b, { variant: 'uniform11' });
  totals.ssimWang += ssim(a, b);
}

/** Counts indices `[…, S]` by their slot. */
export function countSlots(counters: readonly CodeCounter[], indices: TypedArray): void {
  const slots = counters.length;
  const positions = indices.length / slots;
  counters.forEach((counter, slot) => {
    counter.update(Uint32Array.from({ length: positions }, (_, i) => indices[i * slots + slot]!));
  });
}

/** Usage of codebooks and bits of indices, from how often each code occurred in each slot. */
export function costOf(
  { name, bitsPerPosition }: Pick<AnyQuantizer, 'name' | 'bitsPerPosition'>,
  counters: readonly CodeCounter[],
  scale: number,
): Pick<PaperMetrics, 'usage' | 'perplexity' | 'bitsPerPosition' | 'bpp' | 'bppEntropy' | 'sharing'> {
  const slots = counters.map((counter) => counter.compute());
  const own = booksOf({ name }, counters);
  const books = own.map((counter) => counter.compute());
  const average = (of: (book: CodeUsage) => number): number =>
    books.reduce((total, book) => total + of(book), 0) / books.length;
  return {
    usage: average(({ usage }) => usage),
    perplexity: average(({ perplexity }) => perplexity),
    bitsPerPosition,
    bpp: bitsPerPosition / scale ** 2,
    bppEntropy: slots.reduce((total, { entropyBits }) => total + entropyBits, 0) / scale ** 2,
    ...(own.length < counters.length && { sharing: sharingOf(counters) }),
  };
}

/** A counter per codebook: LooC's slots share one. */
function booksOf({ name }: Pick<AnyQuantizer, 'name'>, counters: readonly CodeCounter[]): readonly CodeCounter[] {
  return name === 'looc' ? [merged(counters)] : counters;
}

function merged(counters: readonly CodeCounter[]): CodeCounter {
  const all = new CodeCounter(counters[0]!.counts.length);
  for (const counter of counters) all.merge(counter);
  return all;
}
