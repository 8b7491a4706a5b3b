/** What callers say to the codec, and what they get. */
import type { Backend } from '@vqkit/core';
import type { Raster } from '@vqkit/images';
import type { Implementations, PerceptualLoss } from '@vqkit/tokenizer';
import type { AlphaMode } from './alpha.ts';
import type { Conceal } from './conceal.ts';
import { CodecError } from './errors.ts';
import { numberOption } from './options.ts';
import type { RateOptions } from './rate/choose-rate.ts';

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

/** Checks, before any work, how a file is to be cut. */
export function checkPackets(options: EncodeOptions) {
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
