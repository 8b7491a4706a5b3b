/**
 * The codec: images to `.vqk` files and back, at any rate that the model has codebooks for.
 *
 *   image → encoder → features → nearest codes → indices → entropy coder → bytes
 *   bytes → indices → codes → decoder → image
 *
 * One model serves all rates: smaller codebooks are k-means of larger ones, and the decoder has learned them all.
 */
import type { Backend } from '@vqkit/core';
import {
  cut,
  type InputImage,
  joinImage,
  maxPixels,
  type OutputImage,
  type Raster,
  type SplitImage,
  splitImage,
} from '@vqkit/images';
import {
  type CodedIndices,
  decodeAlpha,
  decodeIndices,
  encodeAlpha,
  encodeIndices,
  loadPrior,
  type Prior,
  printable,
  readContainer,
  writeContainer,
} from './bitstream/index.ts';
import { concealLost } from './conceal.ts';
import { CodecError } from './errors.ts';
import { createNetworks, type Networks } from './model/networks.ts';
import { type CodecModel, loadModel, modelIdOf, priorFile, type WeightsPackage } from './model/weights.ts';
import { byteLimit, chooseRate, type RateOptions } from './rate/choose-rate.ts';
import { codesAt, nearestIndices } from './rate/nearest.ts';

/** Options of `createCodec`. */
export interface CodecOptions {
  /** Where the networks run; it stays the caller's. */
  readonly backend: Backend;
  readonly signal?: AbortSignal;
}

/** Progress of an encode or a decode, in tiles. */
export interface CodecProgress {
  readonly done: number;
  readonly total: number;
}

/** Options of a long call. */
export interface CallOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: CodecProgress) => void;
}

/** Options of `encode`. Without a rate the largest codebook is used. */
export interface EncodeOptions extends RateOptions, CallOptions {
  /** Packets that decode alone, for transport that loses some; each costs a few bytes. Default 1. */
  readonly packets?: number;
}

/** Options of `decode`. */
export interface DecodeOptions extends CallOptions {
  /** Refuse larger images. Default 2²⁸. */
  readonly maxPixels?: number;
}

/** Result of `decode`. */
export interface Decoded {
  readonly image: OutputImage;
  /** Share of positions that did not arrive and were guessed, 0 for an intact file. */
  readonly lostShare: number;
  /** Whether the original had an alpha channel that did not arrive: then the image is opaque. */
  readonly isAlphaLost: boolean;
}

/** A codec on a backend. */
export interface Codec {
  /**
   * Compresses an image.
   *
   * @returns A whole `.vqk` file, never above the rate asked for; `inspect` tells what was chosen.
   * @throws CodecError `IMAGE_INVALID`, `OPTIONS_INVALID`, `RATE_TOO_LOW`; the signal's reason.
   */
  encode(image: InputImage, options?: EncodeOptions): Promise<Uint8Array>;
  /**
   * Restores an image. Any bytes end in an image or a typed error.
   *
   * @throws CodecError `MODEL_MISMATCH`; BitstreamError for damaged files; the signal's reason.
   */
  decode(bytes: Uint8Array, options?: DecodeOptions): Promise<Decoded>;
  /** Indices of a file, without restoring the image: the same on every backend. */
  decodeToIndices(bytes: Uint8Array): {
    readonly indices: Uint32Array;
    readonly width: number;
    readonly height: number;
    readonly codebookSize: number;
  };
  /** Compiles for images of this size, so that the first call is as fast as the others. */
  warmup(width: number, height: number): Promise<void>;
  /** Frees what was compiled; the backend lives on. */
  dispose(): void;
}

/**
 * Makes a codec from a weights package.
 *
 * @throws CodecError `WEIGHTS_DAMAGED`
 *
 * @example
 * const codec = await createCodec(photo, { backend: await onnx() });
 * const bytes = await codec.encode({ data, width: 768, height: 512 }, { targetBpp: 0.03 });
 * const { image } = await codec.decode(bytes); // { data, width: 768, height: 512, channels: 3 }
 */
export async function createCodec(weights: WeightsPackage, { backend, signal }: CodecOptions): Promise<Codec> {
  const model = await loadModel(weights, signal);
  const { codebookSizes } = model.manifest;
  const files = await Promise.all(codebookSizes.map((size) => weights.load(priorFile(size), { signal })));
  const priors = new Map(codebookSizes.map((size, i) => [size, loadPrior(files[i]!)]));
  return codecOf(model, priors, createNetworks(model, backend), backend);
}

function codecOf(model: CodecModel, priors: ReadonlyMap<number, Prior>, networks: Networks, backend: Backend): Codec {
  const { manifest } = model;
  const modelId = modelIdOf(manifest);
  const priorList = [...priors.values()];
  const sizesFor = ({ codebookSize }: RateOptions): readonly number[] => {
    if (codebookSize === undefined) return manifest.codebookSizes;
    if (model.codebooks.has(codebookSize)) return [codebookSize];
    throw new CodecError({
      code: 'OPTIONS_INVALID',
      message: `expected a codebook size of ${manifest.codebookSizes.join(', ')}, got ${codebookSize}`,
      fix: 'Choose one of these, or use targetBpp',
    });
  };

  const read = (bytes: Uint8Array, limit?: number) => {
    const container = readContainer(bytes, { maxPixels: limit ?? maxPixels });
    const { header } = container;
    const codebook = model.codebooks.get(header.codebookSizes[0]!);
    if (header.modelId.join() !== modelId.join() || header.codebookSizes.length !== 1 || codebook === undefined) {
      throw new CodecError({
        code: 'MODEL_MISMATCH',
        message: `expected a file of model '${manifest.id}', got one of model '${printable(new TextDecoder().decode(header.modelId))}' with codebooks of ${header.codebookSizes.join(', ')} codes`,
        fix: 'Decode it with the weights package that it was made with',
      });
    }
    checkGrid(header, model.network.scale);
    const decoded = decodeIndices(container.indices, {
      prior: priorList,
      maxIndices: header.gridWidth * header.gridHeight,
    });
    return { container, decoded, codebook };
  };

  return {
    encode: async (image, options = {}) => {
      const { signal, packets } = options;
      const split = splitImage(image);
      const limit = byteLimit(options, split.width * split.height);
      const sizes = sizesFor(options);
      const features = await networks.encode(
        { data: split.rgb, width: split.width, height: split.height, channels: 3 },
        watch(options),
      );
      const alpha = split.alpha && encodeAlpha(split.alpha, split.width, split.height);
      const { bytes } = await chooseRate(sizes, limit, async (size) => {
        signal?.throwIfAborted();
        const indices = await nearestIndices(backend, features, model.codebooks.get(size)!);
        return fileOf(split, alpha, codeMap(features, indices, size, priors.get(size), packets), modelId);
      });
      return bytes;
    },
    decode: async (bytes, options = {}) => {
      const { container, decoded, codebook } = read(bytes, options.maxPixels);
      const { header, alpha } = container;
      const { width, height, isGrey } = header;
      const indices = decoded.lost ? concealLost(decoded.planes[0]!, decoded.lost, decoded.width) : decoded.planes[0]!;
      const whole = await networks.decode(codesAt(indices, codebook, decoded.width, decoded.height), watch(options));
      const rgb = cut(whole, { left: 0, top: 0, width, height });
      const image = joinImage(rgb, { width, height, isGrey, alpha: alpha && decodeAlpha(alpha, width, height) });
      return { image, lostShare: shareOf(decoded.lost), isAlphaLost: container.isAlphaLost };
    },
    decodeToIndices: (bytes) => {
      const { decoded } = read(bytes);
      return {
        indices: decoded.planes[0]!,
        width: decoded.width,
        height: decoded.height,
        codebookSize: decoded.codebookSizes[0]!,
      };
    },
    warmup: networks.warmup,
    dispose: networks.dispose,
  };
}

function codeMap(
  { width, height }: Raster<Float32Array>,
  indices: Uint32Array,
  size: number,
  prior: Prior | undefined,
  packets = 1,
): CodedIndices {
  return encodeIndices({ width, height, codebookSizes: [size], planes: [indices] }, { prior, packets });
}

function fileOf(
  { width, height, isGrey }: SplitImage,
  alpha: Uint8Array | undefined,
  indices: CodedIndices,
  modelId: Uint8Array,
): Uint8Array {
  return writeContainer({ width, height, modelId, indices, alpha, isGrey });
}

/** The grid that the model needs for a picture; a file that says otherwise was not made by it. */
function checkGrid(
  header: { readonly width: number; readonly height: number; readonly gridWidth: number; readonly gridHeight: number },
  scale: number,
): void {
  if (header.gridWidth === Math.ceil(header.width / scale) && header.gridHeight === Math.ceil(header.height / scale))
    return;
  throw new CodecError({
    code: 'MODEL_MISMATCH',
    message: `expected a grid of one position per ${scale}×${scale} pixels for ${header.width}×${header.height}, got ${header.gridWidth}×${header.gridHeight}`,
    fix: 'Decode it with the weights package that it was made with',
  });
}

function shareOf(lost: Uint8Array | undefined): number {
  return lost ? lost.reduce((sum, flag) => sum + flag, 0) / lost.length : 0;
}

/** Between tiles: stop when asked to, and say how far we are. */
function watch({ signal, onProgress }: CallOptions): (done: number, total: number) => void {
  return (done, total) => {
    signal?.throwIfAborted();
    onProgress?.({ done, total });
  };
}
