/**
 * The codec: images to `.vqk` files and back, with any model that a tokenizer takes.
 *
 *   image → tokenizer → index maps of all rates → entropy coder → the largest file that fits (`encode.ts`)
 *   bytes → entropy decoder → index map, lost positions filled in → tokenizer → image (`decode.ts`)
 */
import { createTokenizer, type WeightsPackage } from '@vqkit/tokenizer';
import { type DecodedIndices, maxPlanes } from './bitstream/index.ts';
import type { CodecOptions, Decoded, DecodeOptions, EncodeOptions } from './codec-options.ts';
import { concealLost } from './conceal.ts';
import { decodeImage, readVqk } from './decode.ts';
import { encodeImage } from './encode.ts';
import { CodecError } from './errors.ts';
import type { FileBytes, ImageSource } from './options.ts';
import { priorsOf } from './priors.ts';
import { decodeArriving, type FileStream } from './progressive.ts';

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
   * Restores an image while its file arrives: a picture as soon as one packet is there, and better ones as others come, until
   * nothing is missing or the stream ends. A file in one packet, the default of `encode`, gives one picture. What comes
   * while a picture is decoded is in the next one, so nothing is decoded in vain.
   *
   * @param stream  `response.body`, `blob.stream()`, a stream of Node: anything that gives bytes; it is cancelled when no more is wanted.
   * @throws as `decode`: for a stranger's file at once, for one that is cut or damaged at its end, unless there was a picture;
   *   and what the stream throws.
   *
   * @example
   * const file = await codec.encode(image, { packets: 4 });
   * for await (const { image, lostShare } of codec.decodeProgressive(new Blob([file]).stream())) show(image);
   */
  decodeProgressive(stream: FileStream, options?: DecodeOptions): AsyncGenerator<Decoded, void, undefined>;
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
  const priors = priorsOf(weights);
  const conceal = options.conceal ?? concealLost;
  let isDisposed = false;
  const checkInUse = (): void => {
    if (!isDisposed) return;
    throw new CodecError({
      code: 'CODEC_DISPOSED',
      message: 'expected a codec that is in use, got one after dispose()',
      fix: 'Make a new one with createCodec, and dispose it when the last call has ended',
    });
  };
  const dispose = (): void => {
    isDisposed = true;
    tokenizer.dispose();
  };

  const decode: Codec['decode'] = async (bytes, given = {}) => {
    checkInUse();
    return decodeImage(tokenizer, priors, conceal, bytes, given);
  };

  return {
    encode: async (source, given = {}) => {
      checkInUse();
      return encodeImage(tokenizer, priors, source, given);
    },
    decode,
    decodeProgressive: (stream, given = {}) => decodeArriving(decode, stream, given),
    decodeToIndices: async (bytes, given = {}) => {
      checkInUse();
      return (await readVqk(tokenizer, priors, bytes, given)).decoded;
    },
    warmup: async (width, height) => {
      checkInUse();
      await tokenizer.warmup(width, height);
    },
    dispose,
    [Symbol.dispose]: dispose,
  };
}
