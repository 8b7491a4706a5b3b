/**
 * The tokenizer: images to index maps and back, with any autoencoder and any quantizer.
 *
 *   image → pixels [1,H,W,C] → encoder → zE [1,h,w,D] → quantizer → indices [1,h,w,S] → index map
 *   index map → indices → quantizer → zQ → decoder → pixels → image
 */
import { type Backend, numberProblem } from '@vqkit/core';
import { checkImage, cut, type InputImage, joinImage, maxPixels, type Raster, splitImage } from '@vqkit/images';
import { TokenizerError } from './errors.ts';
import { checkIndexMap, type IndexMap, planesOf, positionsOf } from './index-map.ts';
import { createNetworks, type Watch } from './networks.ts';
import { createJudge, type PerceptualLoss } from './perceptual.ts';
import { createRefiner } from './refine.ts';
import type { WeightsPackage } from './weights/manifest.ts';
import { type LoadModelOptions, loadModel, type Rate, type TokenizerModel } from './weights/model.ts';

/** Progress of a call, in tiles. */
export interface TokenizerProgress {
  readonly done: number;
  readonly total: number;
}

/** Options of a long call. */
export interface TokenizerCall {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: TokenizerProgress) => void;
}

/** Options of `encode`. */
export interface TokenizeOptions extends TokenizerCall {
  /** Rates to code at, all from one run of the encoder. Default: the highest. */
  readonly rates?: readonly Pick<Rate, 'codebookSizes'>[];
}

/** Options of `refine`. */
export interface RefineOptions extends TokenizerCall {
  /** Default: the highest. */
  readonly rate?: Pick<Rate, 'codebookSizes'>;
  /** Times that the image is restored and compared, after the first, 0 to 1000. Default 12. */
  readonly steps?: number;
}

/** Options of `decode`. */
export interface DetokenizeOptions extends TokenizerCall {
  /** Size of the image in pixels, at most that of the grid. Default: the whole grid. */
  readonly width?: number;
  readonly height?: number;
}

/** Options of `createTokenizer`. */
export interface TokenizerOptions extends LoadModelOptions {
  /** Where the networks run; it stays the caller's. */
  readonly backend: Backend;
  /** What `refine` makes small. */
  readonly perceptual?: PerceptualLoss | undefined;
}

/** A model at work on a backend. */
export interface Tokenizer {
  readonly model: TokenizerModel;
  /** Pixels per position along each axis. */
  readonly scale: number;
  /** Ascending: nested codebooks give several, a quantizer gives one. */
  readonly rates: readonly Rate[];
  /**
   * Images to indices, one map per rate asked for. Alpha is left out; models of one channel see luma.
   *
   * @throws ImageError `IMAGE_INVALID`; TokenizerError `OPTIONS_INVALID`, `TOKENIZER_DISPOSED`; the signal's reason.
   */
  encode(image: InputImage, options?: TokenizeOptions): Promise<IndexMap[]>;
  /**
   * Indices that restore the image better than those of `encode`, by analysis through synthesis: a hundred times as much
   * work or more. Progress comes in parts of tiles.
   *
   * @throws as `encode`, and TokenizerError `PERCEPTUAL_MISSING` where the tokenizer was made without such a loss.
   */
  refine(image: InputImage, options?: RefineOptions): Promise<IndexMap>;
  /**
   * How unlike the image looks that a map restores: L1 and the loss that the tokenizer was made with, which `refine` makes small.
   *
   * @param map  Of an image of this size.
   * @throws as `decode` and `refine`.
   */
  unlikeness(image: InputImage, map: IndexMap, options?: TokenizerCall): Promise<number>;
  /**
   * Indices to an image. Indices cross to the backend, and bytes come back.
   *
   * @throws TokenizerError `INDICES_INVALID`, `OPTIONS_INVALID`, `TOKENIZER_DISPOSED`; the signal's reason.
   */
  decode(map: IndexMap, options?: DetokenizeOptions): Promise<Raster<Uint8ClampedArray<ArrayBuffer>>>;
  /** What the encoder makes of an image before it is quantized, f32 `[h, w, D]`. */
  features(image: InputImage, options?: TokenizerCall): Promise<Raster<Float32Array>>;
  /** Features to indices: `encode(image)` is `quantize(await features(image))`. @throws as `encode`. */
  quantize(features: Raster<Float32Array>, options?: TokenizeOptions): Promise<IndexMap[]>;
  /** Compiles for images of this size, so that the first call is as fast as the others. */
  warmup(width: number, height: number): Promise<void>;
  /** Frees what was compiled and ends what is at work; the backend lives on. */
  dispose(): void;
  [Symbol.dispose](): void;
}

/**
 * Makes a tokenizer from a weights package.
 *
 * @throws TokenizerError `MANIFEST_INVALID`, `ARCHITECTURE_MISSING`, `QUANTIZER_MISSING`, `WEIGHTS_DAMAGED`
 *
 * @example
 * const tokenizer = await createTokenizer(photo, { backend: await onnx() });
 * const [map] = await tokenizer.encode({ data, width: 768, height: 512 }); // planes: [1536 indices below 2048]
 * const image = await tokenizer.decode(map); // { data, width: 768, height: 512, channels: 3 }
 */
export async function createTokenizer(weights: WeightsPackage, options: TokenizerOptions): Promise<Tokenizer> {
  return tokenizerOf(await loadModel(weights, options), options.backend, options.perceptual);
}

/** Makes a tokenizer of a loaded model. */
export function tokenizerOf(model: TokenizerModel, backend: Backend, perceptual?: PerceptualLoss): Tokenizer {
  const { network, rates } = model;
  const { scale, channels = 3 } = network;
  const networks = createNetworks(model, backend);
  const refiner = perceptual && createRefiner(model, backend, perceptual);
  const judge = perceptual && createJudge(backend, perceptual);
  const end = new AbortController();
  const dispose = (): void => {
    end.abort(disposed());
    networks.dispose();
    refiner?.dispose();
    judge?.dispose();
  };
  const watch = ({ signal, onProgress }: TokenizerCall): Watch => {
    end.signal.throwIfAborted();
    return {
      signal: signal ? AbortSignal.any([signal, end.signal]) : end.signal,
      onTile: (done, total) => onProgress?.({ done, total }),
    };
  };
  const rateOf = ({ codebookSizes }: Pick<Rate, 'codebookSizes'>): number => {
    const found = rates.findIndex((rate) => rate.codebookSizes.join() === String(codebookSizes));
    if (found >= 0) return found;
    throw new TokenizerError({
      code: 'OPTIONS_INVALID',
      message: `expected codebooks of ${rates.map((rate) => rate.codebookSizes.join('·')).join(', ')} codes, got ${String(codebookSizes)}`,
      fix: 'Choose among the rates of the tokenizer',
    });
  };

  const chosenOf = (options: TokenizeOptions): number[] => options.rates?.map(rateOf) ?? [rates.length - 1];
  const mapsOf = (indices: Raster<Uint32Array>, chosen: readonly number[]): IndexMap[] => {
    let from = 0;
    return chosen.map((rate) => {
      const { codebookSizes } = rates[rate]!;
      from += codebookSizes.length;
      return planesOf(indices, codebookSizes, from - codebookSizes.length);
    });
  };

  const tokenizer: Tokenizer = {
    model,
    scale,
    rates,
    encode: async (image, options = {}) => {
      const chosen = chosenOf(options);
      return mapsOf(await networks.encode(pixelsOf(image, channels), chosen, watch(options)), chosen);
    },
    quantize: async (features, options = {}) => {
      const { dimension } = network;
      if (features.channels !== dimension) {
        throw new TokenizerError({
          code: 'OPTIONS_INVALID',
          message: `expected features of ${dimension} channels, got ${features.channels}`,
          fix: 'Pass what features() of this tokenizer gave',
        });
      }
      const chosen = chosenOf(options);
      return mapsOf(await networks.quantize(features, chosen, watch(options)), chosen);
    },
    refine: async (image, options = {}) => {
      const rate = options.rate ? rateOf(options.rate) : rates.length - 1;
      const { steps = 12 } = options;
      const problem = numberProblem('steps', steps, { min: 0, max: 1000 });
      if (problem) throw new TokenizerError({ code: 'OPTIONS_INVALID', ...problem });
      if (!refiner) throw perceptualMissing();
      const { codebookSizes } = rates[rate]!;
      return planesOf(await refiner.refine(pixelsOf(image, channels), rate, steps, watch(options)), codebookSizes, 0);
    },
    unlikeness: async (image, map, options = {}) => {
      if (!judge) throw perceptualMissing();
      const { width, height } = image;
      const { data } = await tokenizer.decode(map, { ...options, width, height });
      const restored = pixelsOf({ data, width, height }, channels);
      return judge.judge(pixelsOf(image, channels), restored, watch(options));
    },
    decode: async (map, options = {}) => {
      const rate = rateOf(map);
      checkIndexMap(map);
      const { width = map.width * scale, height = map.height * scale } = options;
      checkSize(width, height);
      if (Math.ceil(width / scale) !== map.width || Math.ceil(height / scale) !== map.height) {
        throw new TokenizerError({
          code: 'OPTIONS_INVALID',
          message: `expected a size that a grid of ${map.width}×${map.height} positions of ${scale}×${scale} pixels just covers, got ${width}×${height}`,
          fix: 'Pass the size of the image that was encoded, or none',
        });
      }
      const whole = await networks.decode(positionsOf(map), rate, watch(options));
      return imageOf(cut(whole, { left: 0, top: 0, width, height }), width, height, channels);
    },
    features: async (image, options = {}) => networks.features(pixelsOf(image, channels), watch(options)),
    warmup: async (width, height) => {
      watch({});
      checkSize(width, height);
      await networks.warmup(width, height);
    },
    dispose,
    [Symbol.dispose]: dispose,
  };
  return tokenizer;
}

/** @throws TokenizerError `OPTIONS_INVALID` */
function checkSize(width: unknown, height: unknown): void {
  const side = { min: 1, max: maxPixels };
  const problem = numberProblem('width', width ?? 0, side) ?? numberProblem('height', height ?? 0, side);
  if (problem) throw new TokenizerError({ code: 'OPTIONS_INVALID', ...problem });
}

function perceptualMissing(): TokenizerError {
  return new TokenizerError({
    code: 'PERCEPTUAL_MISSING',
    message: 'expected a loss that says how unlike images look, got none',
    fix: 'Make the tokenizer or codec with { perceptual }: perceptualMsSsim() of @vqkit/metrics, or perceptualLpips with weights',
  });
}

function disposed(): TokenizerError {
  return new TokenizerError({
    code: 'TOKENIZER_DISPOSED',
    message: 'expected a tokenizer that is in use, got one after dispose()',
    fix: 'Make a new one, and dispose it when the last call has ended',
  });
}

/** Pixels as the network takes them: RGB, or luma. */
function pixelsOf(image: InputImage, channels: number): Raster {
  const { width, height } = image;
  const isRgb = checkImage(image) === 3 && image.data instanceof Uint8Array;
  const rgb = isRgb ? (image.data as Uint8Array) : splitImage(image).rgb;
  if (channels === 3) return { data: rgb, width, height, channels };
  // Luma of BT.601.
  const luma = (_: unknown, i: number): number =>
    0.299 * rgb[3 * i]! + 0.587 * rgb[3 * i + 1]! + 0.114 * rgb[3 * i + 2]! + 0.5;
  return { data: Uint8Array.from({ length: width * height }, luma), width, height, channels };
}

function imageOf(
  pixels: Uint8Array,
  width: number,
  height: number,
  channels: number,
): Raster<Uint8ClampedArray<ArrayBuffer>> {
  if (channels === 3) return { data: new Uint8ClampedArray(pixels.buffer as ArrayBuffer), width, height, channels };
  const rgb = new Uint8Array(3 * pixels.length);
  pixels.forEach((value, i) => {
    rgb.fill(value, 3 * i, 3 * i + 3);
  });
  return joinImage(rgb, { width, height, alpha: undefined, isGrey: true });
}
