/**
 * Index maps: what the entropy coder codes.
 *
 * A quantizer with one codebook gives one plane; dual codebooks, residual stages and product groups give several. The
 * planes share the grid, and each has its own codebook size.
 */
import type { BlockGrid } from './entropy/lattice.ts';
import { BitstreamError, checkInteger } from './errors.ts';

/** The ways to code indices, in the order of their numbers in a file. */
export const entropyModes = ['uniform', 'static', 'adaptive', 'mixing'] as const;

/** One way to code indices. */
export type EntropyMode = (typeof entropyModes)[number];

/** Largest codebook of each mode. */
export const maxCodebookSize: Readonly<Record<EntropyMode, number>> = {
  uniform: 1 << 24,
  static: 1 << 15,
  adaptive: 1 << 15,
  mixing: 1 << 16,
};

/** Most planes of an index map. */
export const maxPlanes = 64;

/** The grid and the codebooks, without the indices. */
export interface IndexShape {
  /** Grid width in positions, at least 1. */
  readonly width: number;
  /** Grid height in positions, at least 1. */
  readonly height: number;
  /** Codebook size K of every plane, 1 to 2²⁴. */
  readonly codebookSizes: readonly number[];
}

/** Indices on a grid. */
export interface IndexMap extends IndexShape {
  /** One list per plane, `width · height` indices in raster order, each in `[0, K)`. */
  readonly planes: readonly ArrayLike<number>[];
}

/** An index map entropy-coded into packets. */
export interface CodedIndices extends IndexShape {
  readonly mode: EntropyMode;
  /** Id of the prior that decodes it; `undefined` when none is needed. */
  readonly priorId: number | undefined;
  /** How far the pattern of the packets moves from one round of blocks to the next; 0 with one packet. */
  readonly step: number;
  /** The blocks that are dealt out to the packets; `undefined` with one packet, and for packets in the format's first form. */
  readonly blocks?: BlockGrid | undefined;
  /** Coded data of every packet; `undefined` is a lost one. */
  readonly packets: readonly (Uint8Array | undefined)[];
}

/** Checks a shape given to an encoder. @throws BitstreamError `VALUE_OUT_OF_RANGE`. */
export function checkShape({ width, height, codebookSizes }: IndexShape): void {
  checkInteger('Grid width', width, 1, 0xffffff);
  checkInteger('Grid height', height, 1, 0xffffff);
  checkInteger('Number of planes', codebookSizes.length, 1, maxPlanes);
  codebookSizes.forEach((size, plane) => {
    checkInteger(`Codebook size of plane ${plane}`, size, 1, maxCodebookSize.uniform);
  });
}

/** Checks indices given to an encoder. @throws BitstreamError `VALUE_OUT_OF_RANGE`. */
export function checkIndexMap(map: IndexMap): void {
  checkShape(map);
  const { width, height, codebookSizes, planes } = map;
  checkInteger('Number of index lists', planes.length, codebookSizes.length, codebookSizes.length);
  planes.forEach((indices, plane) => {
    checkInteger(`Indices of plane ${plane}`, indices.length, width * height, width * height);
    const size = codebookSizes[plane]!;
    for (let i = 0; i < indices.length; i++) {
      const index = indices[i]!;
      if (Number.isInteger(index) && index >= 0 && index < size) continue;
      throw new BitstreamError({
        code: 'VALUE_OUT_OF_RANGE',
        message: `Plane ${plane}, position ${i}: expected an index from 0 to ${size - 1}, got ${index}`,
        fix: 'Pass the codebook size that the quantizer has',
      });
    }
  });
}

/** Whether a mode can code these codebooks. */
export function isModePossible(mode: EntropyMode, codebookSizes: readonly number[]): boolean {
  return codebookSizes.every((size) => size <= maxCodebookSize[mode]);
}
