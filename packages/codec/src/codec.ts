/**
 * The codec: images to `.vqk` files and back, with any model that a tokenizer takes.
 *
 *   image → tokenizer → index maps of all rates → entropy coder → the largest file that fits
 *   bytes → entropy decoder → index map, lost positions filled in → tokenizer → image
 */
import { type Backend, eventLoopTurn, type HostTensor, inTurns } from '@vqkit/core';
import { joinImage, maxPixels, type Raster, splitImage } from '@vqkit/images';
import {
  createTokenizer,
  type Implementations,
  type IndexMap,
  modelIdOf,
  type PerceptualLoss,
  positionsOf,
  type Tokenizer,
  type WeightsManifest,
  type WeightsPackage,
} from '@vqkit/tokenizer';
import { type AlphaMode, codeAlpha } from './alpha.ts';
import { fitPacketsSteps } from './bitstream/container/fit-packets.ts';
import {
  type ContainerContent,
  type DecodedIndices,
  decodeAlpha,
  decodeIndices,
  encodeIndices,
  maxPlanes,
  type Prior,
  printable,
  readContainer,
  writeContainer,
} from './bitstream/index.ts';
import { colourRangeBytes, colourRangeOf, keepInRange } from './colour-range.ts';
import { type Conceal, concealLost } from './conceal.ts';
import { CodecError } from './errors.ts';
import { type FileBytes, type ImageSource, numberOption, readBytes, readImage } from './options.ts';
import { type PriorsOf, priorsOf } from './priors.ts';
import { byteLimit, chooseRate, type RateOptions, rateTooLow } from './rate/choose-rate.ts';
import { growth, stepsOf } from './rate/effort.ts';
import { fillUp, isFull, type Level } from './rate/fill-up.ts';
import { checkGrid, offCanvas, onCanvas } from './small-pictures.ts';

/** Options of `createCodec`: where to run, and what the names in the manifest mean. */
export interface CodecOptions extends Implementations {
  /** Where the networks run; it stays the caller's. */
  readonly backend: Backend;
  /** Fills in what lost packets took along: `transformerConceal`, or a function of yours. Default: `concealLost`, from the nearest positions. */
  readonly conceal?: Conceal;
  /** How unlike pictures look, which `effort` makes small: `perceptualLpips` of `@vqkit/metrics`, or a loss of yours. */
  readonly perceptual?: PerceptualLoss | undefined;
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
  readonly packets?: number | undefined;
  /** Instead: as many packets as it takes for none to be larger, header and parity included; from 32. */
  readonly packetBytes?: number | undefined;
  /** Parity packets: any so many lost packets are restored exactly; each is as long as the longest other. Default 0. */
  readonly parity?: number | undefined;
  /** `keep` codes alpha exactly, `lossy` coarsely, `drop` leaves it out. Default `keep`. */
  readonly alpha?: AlphaMode;
  /**
   * 0 takes the nearest codes; 1, 2 and 3 look for better ones in 4, 12 and 30 steps, each about as long as three decodes,
   * by the `perceptual` that the codec was made with. Decoding stays as it is. Default 0.
   */
  readonly effort?: number | undefined;
}

/** Options of `decode`. */
export interface DecodeOptions extends CallOptions {
  /** Refuse larger images. Default 2²⁸. */
  readonly maxPixels?: number;
  /** 4 gives RGBA, as canvases want it, and 3 RGB, alpha left out. Default: 4 where the file has alpha, else 3. */
  readonly channels?: 3 | 4;
}

/** Result of `decode`. */
export interface Decoded {
  readonly image: Raster<Uint8ClampedArray<ArrayBuffer>>;
  /** Share of positions that did not arrive and were guessed, 0 for an intact file. */
  readonly lostShare: number;
  /** Whether the original had an alpha channel that did not arrive: then the image is opaque. */
  readonly isAlphaLost: boolean;
}

/** A codec on a backend. */
export interface Codec {
  /**
   * Compresses an image: plain pixels, or in browsers any picture (a file as `Blob`, `ImageBitmap`, canvas, `<img>`, …).
   *
   * @returns A whole `.vqk` file, never above the rate asked for; `inspect` tells what was chosen.
   * @throws ImageError `IMAGE_INVALID`, `IMAGE_UNREADABLE`; CodecError `OPTIONS_INVALID`, `RATE_TOO_LOW`, `PRIOR_MISSING`,
   *   `CODEC_DISPOSED`; TokenizerError `PERCEPTUAL_MISSING`; the signal's reason.
   */
  encode(image: ImageSource, options?: EncodeOptions): Promise<Uint8Array<ArrayBuffer>>;
  /**
   * Restores an image. Any bytes end in an image or a typed error.
   *
   * @throws CodecError `MODEL_MISMATCH`, `BYTES_INVALID`, `OPTIONS_INVALID`, `PRIOR_MISSING`, `CODEC_DISPOSED`; BitstreamError
   *   for damaged files; the signal's reason.
   */
  decode(bytes: FileBytes | Blob, options?: DecodeOptions): Promise<Decoded>;
  /**
   * Indices of a file, without restoring the image: the same on every backend. `lost` marks the positions that did not
   * arrive; their indices are 0.
   */
  decodeToIndices(
    bytes: FileBytes | Blob,
    options?: Pick<DecodeOptions, 'maxPixels' | 'signal'>,
  ): Promise<DecodedIndices>;
  /** Compiles for images of this size, so that the first call is as fast as the others. */
  warmup(width: number, height: number): Promise<void>;
  /** Frees what was compiled; the backend lives on. */
  dispose(): void;
  [Symbol.dispose](): void;
}

/**
 * Makes a codec from a weights package.
 *
 * @throws TokenizerError `MANIFEST_INVALID`, `ARCHITECTURE_MISSING`, `QUANTIZER_MISSING`, `WEIGHTS_DAMAGED`; CodecError
 *   `PLANES_UNSUPPORTED`
 *
 * @example
 * const codec = await createCodec(photo, { backend: await onnx() });
 * const bytes = await codec.encode({ data, width: 768, height: 512 }, { targetBpp: 0.03 });
 * const { image } = await codec.decode(bytes); // { data, width: 768, height: 512, channels: 3 }
 */
export async function createCodec(weights: WeightsPackage, options: CodecOptions): Promise<Codec> {
  const tokenizer = await createTokenizer(weights, options);
  const planes = Math.max(...tokenizer.rates.map(({ codebookSizes }) => codebookSizes.length));
  if (planes > maxPlanes) {
    throw new CodecError({
      code: 'PLANES_UNSUPPORTED',
      message: `expected a quantizer of at most ${maxPlanes} indices a position, got ${planes}`,
      fix: 'Use one with fewer parts or stages; @vqkit/tokenizer takes any number',
    });
  }
  return codecOf(tokenizer, priorsOf(weights), options.conceal ?? concealLost);
}

function codecOf(tokenizer: Tokenizer, priorsFor: PriorsOf, conceal: Conceal): Codec {
  const { rates, scale, model } = tokenizer;
  const modelId = modelIdOf(model.manifest);
  let isDisposed = false;

  const checkInUse = (): void => {
    if (!isDisposed) return;
    throw new CodecError({
      code: 'CODEC_DISPOSED',
      message: 'expected a codec that is in use, got one after dispose()',
      fix: 'Make a new one with createCodec, and dispose it when the last call has ended',
    });
  };
  const ratesFor = ({ codebookSize }: RateOptions, limit: number): Tokenizer['rates'] => {
    if (codebookSize === undefined) return limit === Number.POSITIVE_INFINITY ? rates.slice(-1) : rates;
    const found = rates.filter(({ codebookSizes }) => codebookSizes.every((size) => size === codebookSize));
    if (found.length > 0) return found;
    throw new CodecError({
      code: 'OPTIONS_INVALID',
      message: `expected a codebook size of ${rates.map(({ codebookSizes }) => codebookSizes.join('·')).join(', ')}, got ${codebookSize}`,
      fix: 'Choose one of these, or use targetBpp',
    });
  };

  /** A map of a nested codebook with its codes. */
  const levelOf = (map: IndexMap): Level => {
    const { params } = model.rates.find(({ codebookSizes }) => codebookSizes.join() === map.codebookSizes.join())!;
    return { map, vectors: (params as { readonly codebook: HostTensor }).codebook.data as Float32Array };
  };

  const read = async (bytes: FileBytes | Blob, { maxPixels: limit, signal }: DecodeOptions) => {
    const container = readContainer(await readBytes(bytes), {
      maxPixels: numberOption('maxPixels', limit, { min: 1, max: Number.MAX_SAFE_INTEGER }) ?? maxPixels,
    });
    const { header } = container;
    const isKnown = rates.some(({ codebookSizes }) => codebookSizes.join() === header.codebookSizes.join());
    if (header.modelId.join() !== modelId.join() || !isKnown) {
      throw new CodecError({
        code: 'MODEL_MISMATCH',
        message: `expected a file of model '${model.manifest.id}', got one of model '${printable(new TextDecoder().decode(header.modelId).trimEnd())}' with codebooks of ${header.codebookSizes.join(', ')} codes`,
        fix: readerOf(model.manifest, header.modelId),
      });
    }
    checkGrid(header, scale);
    const maxIndices = header.gridWidth * header.gridHeight * header.codebookSizes.length;
    const { mode, priorId } = container.indices;
    const isPriorNeeded = mode === 'static' || priorId !== undefined;
    const prior = isPriorNeeded ? await priorsFor(header.codebookSizes, signal) : [];
    return { container, decoded: decodeIndices(container.indices, { prior, maxIndices }) };
  };

  /** The planes with guesses where positions are lost. */
  const concealed = async (decoded: DecodedIndices, signal?: AbortSignal): Promise<DecodedIndices> => {
    const { lost, width, height, codebookSizes } = decoded;
    if (!lost) return decoded;
    const grid = { width, height, codebookSizes, modelId: model.manifest.id, signal };
    const filled = await conceal(positionsOf(decoded).data, lost, grid);
    const slots = codebookSizes.length;
    const planes = codebookSizes.map((_, slot) =>
      Uint32Array.from({ length: width * height }, (_, i) => filled[i * slots + slot]!),
    );
    return { ...decoded, planes };
  };

  const dispose = (): void => {
    isDisposed = true;
    tokenizer.dispose();
  };

  return {
    encode: async (source, options = {}) => {
      checkInUse();
      const { signal, onProgress } = options;
      const { packets, packetBytes, parity } = checkPackets(options);
      const steps = stepsOf(options.effort);
      const { width, height, rgb, isGrey, ...split } = splitImage(await readImage(source));
      const limit = byteLimit(options, width * height);
      const chosen = ratesFor(options, limit);
      const alpha = split.alpha && codeAlpha(split.alpha, { width, height, mode: options.alpha ?? 'keep', scale });
      // In packets of a few bytes the header has no place for it.
      const colourRange =
        packetBytes !== undefined && packetBytes < 32 + colourRangeBytes ? undefined : colourRangeOf(rgb, isGrey);
      const canvas = onCanvas({ data: rgb, width, height, channels: 3 }, scale);
      const priorOf = async ({ codebookSizes }: Pick<IndexMap, 'codebookSizes'>): Promise<Prior | undefined> =>
        (await priorsFor(codebookSizes, signal)).find((one) => one.codebookSizes.join() === codebookSizes.join());
      const make = async (map: IndexMap): Promise<Uint8Array<ArrayBuffer>> => {
        await eventLoopTurn(signal);
        const prior = await priorOf(map);
        const content = (count?: number): ContainerContent => {
          const indices = encodeIndices(map, { prior, packets: count });
          return { width, height, modelId, indices, alpha, isGrey, parity, colourRange };
        };
        if (packetBytes === undefined) return writeContainer(content(packets));
        return writeContainer(await inTurns(fitPacketsSteps(content, packetBytes), signal));
      };
      const features = await tokenizer.features(canvas, { signal, ...(steps === 0 && { onProgress }) });
      const maps = await tokenizer.quantize(features, { rates: chosen, signal });
      const tooLow = (needed: number): Error => rateTooLow(limit, needed, alpha?.length ?? 0);
      const nearest = await chooseRate(maps.length, limit, (rate) => make(maps[rate]!), tooLow);
      if (steps === 0) {
        const { rate, nextBytes } = nearest;
        if (!model.manifest.codebookSizes || nextBytes === undefined || isFull(nearest.bytes.length, limit))
          return nearest.bytes;
        const [fits, next] = [levelOf(maps[rate]!), levelOf(maps[rate + 1]!)];
        const prior = await priorOf(next.map);
        const filled = await fillUp({
          limit,
          features,
          fits,
          next: { ...next, bytes: nextBytes, prior },
          packets,
          make,
          signal,
        });
        return filled ?? nearest.bytes;
      }
      const isRoomy = nearest.rate === 0 || nearest.bytes.length * growth <= limit;
      const rate = chosen[isRoomy ? nearest.rate : nearest.rate - 1]!;
      const refined = await make(await tokenizer.refine(canvas, { rate, steps, signal, onProgress }));
      return refined.length <= limit ? refined : nearest.bytes;
    },
    decode: async (bytes, options = {}) => {
      checkInUse();
      const { container, decoded } = await read(bytes, options);
      const { width, height, isGrey, colourRange } = container.header;
      const channels = numberOption('channels', options.channels, { min: 3, max: 4 });
      // Before the networks, which take longer: it may be refused.
      const own = channels === 3 ? undefined : container.alpha && decodeAlpha(container.alpha, width, height);
      const alpha = own ?? (channels === 4 ? new Uint8Array(width * height).fill(255) : undefined);
      const { signal, onProgress } = options;
      const shown = await tokenizer.decode(await concealed(decoded, signal), { signal, onProgress });
      const rgb = offCanvas(shown, container.header, scale);
      if (colourRange) keepInRange(rgb, colourRange);
      const image = joinImage(rgb, { width, height, isGrey, alpha });
      return { image, lostShare: shareOf(decoded.lost), isAlphaLost: container.isAlphaLost };
    },
    decodeToIndices: async (bytes, options = {}) => (await read(bytes, options)).decoded,
    warmup: async (width, height) => {
      checkInUse();
      await tokenizer.warmup(width, height);
    },
    dispose,
    [Symbol.dispose]: dispose,
  };
}

/** Checks, before any work, how a file is to be cut. */
function checkPackets(options: EncodeOptions) {
  const parity = numberOption('parity', options.parity, { min: 0, max: 254 }) ?? 0;
  const packets = numberOption('packets', options.packets, { min: 1, max: parity > 0 ? 255 - parity : 4096 });
  const packetBytes = numberOption('packetBytes', options.packetBytes, { min: 32, max: 2 ** 31 });
  if (packets === undefined || packetBytes === undefined) return { packets, packetBytes, parity };
  throw new CodecError({
    code: 'OPTIONS_INVALID',
    message: `expected packets or packetBytes, got ${packets} and ${packetBytes}`,
    fix: 'Leave one of them out',
  });
}

/** What to decode a file of another model with. */
function readerOf({ predecessors = {} }: WeightsManifest, modelId: Uint8Array): string {
  const found = Object.entries(predecessors).find(([id]) => modelIdOf({ id }).join() === modelId.join());
  return found
    ? `Decode it with ${found[1]}, the version of the weights that it was made with`
    : 'Decode it with the weights package that it was made with';
}

function shareOf(lost: Uint8Array | undefined): number {
  return lost ? lost.reduce((sum, flag) => sum + flag, 0) / lost.length : 0;
}
