/**
 * The facts in the header of a `.vqk` file.
 *
 * A header is about sixteen bytes, because a whole file at 0.04 bits per pixel is under two thousand. What is common is
 * short; what is rare has a flag or a section. Unknown flags and odd section types mean something a decoder must not
 * ignore; even section types may be skipped. The bytes are specified in `docs/bitstream.md`.
 */
import type { BlockGrid } from '../entropy/lattice.ts';
import type { EntropyMode } from '../index-map.ts';

/** "vqk". */
export const magic: readonly number[] = [0x76, 0x71, 0x6b];

/** Version of the format that is written here. */
export const formatVersion = 1;

/** Bits of the flags. All others must be zero. */
export const flagBits = {
  /** Packets have frames of their own. */
  framed: 1,
  /** The picture has no colour. */
  grey: 2,
  /** The model id has eight bytes instead of four. */
  longModelId: 4,
  /** The id of a prior follows. */
  prior: 8,
  /** More than one plane. */
  planes: 16,
  /** Sections follow. */
  sections: 32,
  /** A packet with the alpha channel follows the others. */
  alpha: 64,
  /** Packets are dealt out in blocks and have short frames; needs `framed`. */
  blocks: 128,
} as const;

/** All known flags. */
export const knownFlags: number = Object.values(flagBits).reduce((all, bit) => all | bit, 0);

/** Section types, in the order in which they are written. Odd ones are critical. */
export const sectionTypes = { orientation: 1, modelName: 2, tiles: 3, metadata: 4, parity: 6, colourRange: 8 } as const;

/** Stride code that says that the grid size is written out. */
export const explicitGrid = 15;

/** Longest model name in bytes of UTF-8. */
export const maxNameBytes = 255;

/** Largest side of a picture, and of a grid. */
export const maxSide = 0xffffff;

/** How a large picture was cut for coding, in grid positions. */
export interface TileLayout {
  /** Width of a tile without overlap. */
  readonly width: number;
  /** Height of a tile without overlap. */
  readonly height: number;
  /** How far neighbouring tiles overlap. */
  readonly overlap: number;
}

/** Everything a header says. */
export interface Header {
  readonly version: number;
  /** Width of the coded picture in pixels, before `orientation` is applied. */
  readonly width: number;
  /** Height of the coded picture in pixels, before `orientation` is applied. */
  readonly height: number;
  /** How to turn the decoded picture for showing, as in EXIF: 1 (as it is) to 8. */
  readonly orientation: number;
  /** Whether the picture is to be shown without colour. */
  readonly isGrey: boolean;
  /** Whether there is an alpha channel. */
  readonly hasAlpha: boolean;
  /** Four or eight bytes that identify the model. */
  readonly modelId: Uint8Array;
  /** Name of the model for people. */
  readonly modelName: string | undefined;
  readonly gridWidth: number;
  readonly gridHeight: number;
  /** Codebook size K of every plane. */
  readonly codebookSizes: readonly number[];
  readonly mode: EntropyMode;
  /** Id of the prior that decodes the indices. */
  readonly priorId: number | undefined;
  /** Number of index packets. */
  readonly packets: number;
  /** How far the pattern of the packets moves from one round of blocks to the next. */
  readonly step: number;
  /** The blocks that are dealt out; `undefined` without frames, and in the first form, which deals out single positions. */
  readonly blocks: BlockGrid | undefined;
  /** Number of parity packets, 0 for none: any so many lost packets can be restored. */
  readonly parity: number;
  /** Tiles; `undefined` is one tile. */
  readonly tiles: TileLayout | undefined;
  /** Bytes for the application, e.g. JSON. */
  readonly metadata: Uint8Array | undefined;
  /** Darkest and brightest sample of all channels together, or of R, G and B: what is shown is kept within. */
  readonly colourRange: readonly number[] | undefined;
}

/** Limits for headers that cannot be trusted. */
export interface ReadLimits {
  /** Most pixels; default 2²⁸. */
  readonly maxPixels?: number | undefined;
  /** Most index packets; default 4096. */
  readonly maxPackets?: number | undefined;
}

/** Defaults of `ReadLimits`. */
export const defaultLimits: { readonly maxPixels: number; readonly maxPackets: number } = {
  maxPixels: 1 << 28,
  maxPackets: 4096,
};

/** Size of the picture as it is shown: orientations 5 to 8 swap the sides. */
export function displaySize({ width, height, orientation }: Header): { width: number; height: number } {
  return orientation > 4 ? { width: height, height: width } : { width, height };
}

/** Finds the power-of-two stride that explains the grid, or `explicitGrid`. */
export function strideCode(header: Pick<Header, 'width' | 'height' | 'gridWidth' | 'gridHeight'>): number {
  for (let code = 0; code < explicitGrid; code++) {
    const stride = 1 << code;
    const isFit =
      Math.ceil(header.width / stride) === header.gridWidth && Math.ceil(header.height / stride) === header.gridHeight;
    if (isFit) return code;
  }
  return explicitGrid;
}
