/**
 * The upscaler: images four times as large by one pass of the networks, and any other size by one resampling after it.
 *
 *   image → colours, alpha → predictor → latent (structure + texture codes) → decoder, tile by tile → ×4 → resampled
 *
 * @see Li et al. 2025 (TVQ & RAP), arXiv:2509.23774
 */
import { type Backend, compile, type Quantizer, type Tensor, tensor, tidy, workPerTurn } from '@vqkit/core';
import { codebookQuantizer } from '@vqkit/core/codebook';
import {
  checkImage,
  cut,
  evenWindow,
  type InputImage,
  type IntegerSamples,
  type Raster,
  type RowSource,
  type TileOptions,
  tiledRows,
  tilesOf,
} from '@vqkit/images';
import type { Quantizers, WeightsPackage } from '@vqkit/tokenizer';
import { UpscalerError } from './errors.ts';
import { imageOf, latentOf, loadSrModel, type SrModel } from './model.ts';
import { joinPixels, pixelsOf, samplesOf, topOf, toSamples } from './pixels.ts';
import { resampledRows } from './resample.ts';
import { modelScale, type Size, type TargetSize, targetSize } from './target-size.ts';

/** Options of `createUpscaler`. */
export interface UpscalerOptions {
  /** Where the networks run; it stays the caller's. */
  readonly backend: Backend;
  /** Texture quantizers besides `vq`, by the name in the manifest: `{ residual }`. */
  readonly quantizers?: Quantizers;
  /**
   * Side of what is made at once, in pixels of the small image, a multiple of 8; what the networks look at around it is not
   * counted. Smaller ones take less memory and more time. Default 256.
   */
  readonly tile?: number;
  readonly signal?: AbortSignal;
}

/** A finished part of the image at ×4, without alpha. */
export interface UpscaledTile {
  readonly image: Raster<IntegerSamples>;
  readonly left: number;
  readonly top: number;
}

/** Options of `upscale`. */
export interface UpscaleOptions extends TargetSize {
  readonly signal?: AbortSignal;
  /** Told how many of all tiles of both networks are done. */
  readonly onProgress?: (progress: { readonly done: number; readonly total: number }) => void;
  /** Given each part as soon as it is there. */
  readonly onTile?: (tile: UpscaledTile) => void;
}

/** Enlarges images on a backend. */
export interface Upscaler {
  /** How much larger the networks make images: 4. */
  readonly scale: number;
  /**
   * Enlarges an image of any size and depth. The result has as many channels and bits; alpha goes a way of its own, and
   * grey stays grey.
   *
   * @throws ImageError `IMAGE_INVALID`; UpscalerError `OPTIONS_INVALID`, `OUT_OF_MEMORY`, `UPSCALER_DISPOSED`; errors of the
   *   backend; the signal's reason, between tiles.
   */
  upscale(image: InputImage, options?: UpscaleOptions): Promise<Raster<IntegerSamples>>;
  /**
   * The same from the top down, some rows of full width at a time: no more than a row of tiles lies in memory, so that
   * the result can be larger than it.
   *
   * @throws as `upscale`, while it goes on.
   *
   * @example
   * for await (const { data } of upscaler.upscaleRows(photo)) file.write(data);
   */
  upscaleRows(image: InputImage, options?: UpscaleOptions): AsyncGenerator<Raster<IntegerSamples>, void>;
  /** The size of what `upscale` makes. @throws UpscalerError `OPTIONS_INVALID` */
  sizeOf(image: Size, target?: TargetSize): Size;
  /** Compiles for images of this size, so that the first call is as fast as the others. */
  warmup(width: number, height: number): Promise<void>;
  /** Frees what was compiled; the backend lives on. */
  dispose(): void;
}

/** The quantizer that the package brings: plain vector quantization. */
const ownQuantizers: Quantizers = {
  vq: ({ codes, dimension }: { codes: number; dimension: number }) =>
    codebookQuantizer('sr', { codes, dimension }) as unknown as Quantizer,
};

/** Four shapes are kept. */
const compiling = { cacheSize: 4, workPerTurn };

/** Rows of the result that are made at once. */
const bandRows = 64;

/**
 * Makes an upscaler from a weights package.
 *
 * @throws UpscalerError `OPTIONS_INVALID`, `WEIGHTS_DAMAGED`; TokenizerError `MANIFEST_INVALID`, `QUANTIZER_MISSING`, `WEIGHTS_DAMAGED`
 *
 * @example
 * const upscaler = await createUpscaler(await openWeights('run/sr'), { backend: await onnx() });
 * const large = await upscaler.upscale({ data, width: 320, height: 240 }, { scale: 2 }); // 640×480
 */
export async function createUpscaler(weights: WeightsPackage, options: UpscalerOptions): Promise<Upscaler> {
  const { backend, quantizers, tile = 256, signal } = options;
  if (!(Number.isInteger(tile) && tile > 0 && tile % 8 === 0)) {
    throw new UpscalerError({
      code: 'OPTIONS_INVALID',
      message: `expected tile to be a multiple of 8 above 0, got ${tile}`,
      fix: 'Leave it out for the default',
    });
  }
  const model = await loadSrModel(weights, { quantizers: { ...ownQuantizers, ...quantizers }, signal });
  return upscalerOf(model, backend, tile);
}

function upscalerOf(model: SrModel, backend: Backend, tile: number): Upscaler {
  const predict = compile((x: Tensor) => latentOf(model, x), compiling);
  const render = compile((latent: Tensor) => imageOf(model, latent), { ...compiling, toleratesRounding: true });
  // The predictor looks far: its windows are larger, so that what they share counts less.
  const halo = Math.ceil(model.predictor.reach / 4) * 4;
  const predicted = { window: Math.max(2 * tile, tile + 2 * halo), halo, align: 4 };
  const { reach } = model.tokenizer;
  const rendered = { window: tile / 2 + 2 * reach, halo: reach };
  const tilesFor = (size: Size): Readonly<Record<'predicted' | 'rendered', TileOptions>> => ({
    predicted: { ...predicted, window: evenWindow(size, predicted) },
    rendered: { ...rendered, window: evenWindow({ width: size.width / 2, height: size.height / 2 }, rendered) },
  });
  let isDisposed = false;

  const run = async (fn: (x: Tensor) => Tensor, part: Raster<Float32Array>, signal?: AbortSignal) => {
    const { data, width, height, channels } = part;
    const output = tidy(() => fn(tensor(backend, data, [1, height, width, channels])));
    try {
      return { data: (await output.data({ signal })) as Float32Array, channels: output.shape[3]! };
    } finally {
      output.dispose();
    }
  };
  const checkInUse = (): void => {
    if (!isDisposed) return;
    throw new UpscalerError({
      code: 'UPSCALER_DISPOSED',
      message: 'expected an upscaler that is in use, got one after dispose()',
      fix: 'Make a new one with createUpscaler, and dispose it when the last call has ended',
    });
  };

  async function* upscaleRows(
    image: InputImage,
    options: UpscaleOptions = {},
  ): AsyncGenerator<Raster<IntegerSamples>, void> {
    checkInUse();
    try {
      yield* madeRows(image, options);
    } catch (cause) {
      throw explained(cause);
    }
  }

  async function* madeRows(image: InputImage, options: UpscaleOptions): AsyncGenerator<Raster<IntegerSamples>, void> {
    const { signal, onProgress, onTile } = options;
    const pixels = pixelsOf(image, paddedSize);
    const target = targetSize(pixels, options);
    const whole: Size = { width: modelScale * pixels.width, height: modelScale * pixels.height };
    const steps = stepsOf(onProgress);
    const tiles = tilesFor(pixels.rgb);
    const predicting = { ...tiles.predicted, scale: 1 / 2, signal, onTile: steps.first };
    const latent = tiledRows(pixels.rgb, (part) => run(predict, part, signal), predicting);
    const padded = tiledRows(
      latent,
      async (part) => {
        const { data, channels } = await run(render, part, signal);
        return { data: toSamples(data, pixels), channels };
      },
      {
        ...tiles.rendered,
        scale: 8,
        signal,
        onTile: steps.second,
        onPart: onTile && ((part, at) => onTile(withinImage(part, at, whole))),
      },
    );
    const large = croppedRows(padded, whole);
    const make = (length: number): IntegerSamples => samplesOf(pixels.top, length);
    const resampled = (source: RowSource<IntegerSamples>) => resampledRows(source, target, make, pixels.top);
    const isWhole = target.width === whole.width && target.height === whole.height;
    const rgb = isWhole ? large : resampled(large);
    const alpha = pixels.alpha && resampled(pixels.alpha);
    for (let top = 0; top < target.height; top += bandRows) {
      const rows = Math.min(bandRows, target.height - top);
      yield joinPixels(await rgb.read(top, rows), await alpha?.read(top, rows), pixels);
    }
  }

  return {
    scale: modelScale,
    upscale: async (image, options = {}) => {
      checkInUse();
      const channels = checkImage(image);
      const { width, height } = targetSize(image, options);
      const result = emptyResult(image, { width, height, channels });
      let done = 0;
      for await (const { data } of upscaleRows(image, options)) {
        result.data.set(data, done);
        done += data.length;
      }
      return result;
    },
    upscaleRows,
    sizeOf: (image, target = {}) => targetSize(image, target),
    warmup: async (width, height) => {
      checkInUse();
      targetSize({ width, height }, { width: width ?? 0, height: height ?? 0 });
      const size = paddedSize({ width, height });
      const tiles = tilesFor(size);
      const { channels } = await run(predict, firstWindow({ ...size, channels: 3 }, tiles.predicted));
      await run(render, firstWindow({ width: size.width / 2, height: size.height / 2, channels }, tiles.rendered));
    },
    dispose: () => {
      isDisposed = true;
      predict.dispose();
      render.dispose();
    },
  };
}

/** The whole result, before the work: a lack of memory shows at once. */
function emptyResult({ data }: InputImage, size: Omit<Raster, 'data'>): Raster<IntegerSamples> {
  try {
    return { data: samplesOf(topOf(data), size.width * size.height * size.channels), ...size };
  } catch (cause) {
    throw explained(cause);
  }
}

/** An error of an allocation that failed, as engines say it, with what to do. */
function explained(cause: unknown): unknown {
  const isMemory = cause instanceof RangeError && /alloc|memory|array length/i.test(cause.message);
  if (!isMemory) return cause;
  return new UpscalerError({
    code: 'OUT_OF_MEMORY',
    message: `expected memory for the image and its tiles, got: ${cause.message}`,
    fix: 'Take rows as they come (upscaleRows), ask for a smaller tile or result, or free memory',
    cause,
  });
}

/** Sides that the networks take: multiples of 4, and large enough for them to see something. */
function paddedSize({ width, height }: Size): Size {
  const padded = (side: number): number => Math.max(Math.ceil(side / 4) * 4, 16);
  return { width: padded(width), height: padded(height) };
}

/** A part without what was padded. */
function withinImage(
  part: Raster<IntegerSamples>,
  { left, top }: Pick<UpscaledTile, 'left' | 'top'>,
  whole: Size,
): UpscaledTile {
  const width = Math.min(part.width, whole.width - left);
  const height = Math.min(part.height, whole.height - top);
  return { image: { ...part, width, height, data: cut(part, { left: 0, top: 0, width, height }) }, left, top };
}

/** Rows without what was padded at the right and below. */
function croppedRows<T extends IntegerSamples>(source: RowSource<T>, { width, height }: Size): RowSource<T> {
  if (source.width === width) return { ...source, height };
  const read = async (top: number, rows: number): Promise<Raster<T>> => {
    const strip = await source.read(top, rows);
    return { ...strip, width, data: cut(strip, { left: 0, top: 0, width, height: rows }) };
  };
  return { width, height, read };
}

/** The part that a tiled run begins with, black. */
function firstWindow(size: Size & { readonly channels: number }, tiles: TileOptions): Raster<Float32Array> {
  const { channels } = size;
  const { width, height } = tilesOf(size.height, size.width, tiles)[0]!.window;
  return { data: new Float32Array(width * height * channels), width, height, channels };
}

/** Progress over two runs of about the same time, which go on side by side. */
function stepsOf(onProgress: UpscaleOptions['onProgress']) {
  const shares = { first: 0, second: 0 };
  const told = (run: keyof typeof shares) => (done: number, total: number) => {
    // All of both is what the last row makes true.
    shares[run] = Math.min(done / total, 1) / 2;
    onProgress?.({ done: shares.first + shares.second, total: 1 });
  };
  return { first: told('first'), second: told('second') };
}
