/**
 * LooC: every feature vector is cut into m short pieces, and all pieces look up the same small codebook. A codebook of
 * 256 codes of 4 values then composes 256³² vectors of 128 values. Optionally the map is enlarged before and averaged
 * after, a smoothing without parameters that costs β² times the indices.
 *
 *   z [N,H,W,D] → enlarge ×β → pieces [T,d] → nearest of K codes → straight-through → average β×β → quantized
 *                                   └── indices [N,H,W,m·β²]
 *
 * Product quantization with one shared book, in other words; what keeps that book in full use is CVQ's update rule.
 * The paper's reading of the enlarged map is the default; its released code cuts pieces otherwise (`grouping: 'patches'`).
 *
 * @see Li, Wong & Han 2026, arXiv:2601.00222
 */
import { broadcastTo, type Quantizer, random, reshape, type Tensor, tidy, upsampleNearest } from '@vqkit/core';
import {
  type CodebookOptions,
  type CodebookParams,
  type CodebookStatistics,
  checkCount,
  checkFeatures,
  checkIndices,
  checkName,
  codebook,
  cvqAnchors,
  type RevivalRule,
} from '@vqkit/core/codebook';
import {
  cutPieces,
  enlarge,
  type Grouping,
  joinPieces,
  listIndices,
  mapIndices,
  type PieceLayout,
  shrink,
} from './pieces.ts';

/** Options of `looc`. */
export interface LoocOptions
  extends Pick<CodebookOptions, 'codes' | 'metric' | 'gradient' | 'codebook' | 'commitment'> {
  /** m ≥ 1: pieces per vector. */
  readonly pieces: number;
  /** d ≥ 1: values per piece; D = m·d. With d ≤ 2 prefer the metric `l2`. */
  readonly pieceDimension: number;
  /** CVQ's update of the codes, or another revival, or none. Default `cvqAnchors({ kind: 'closest' })`. */
  readonly anchors?: RevivalRule | 'none';
  /** β ≥ 1, whole: the map is enlarged so much before the lookup. Default 1, off. */
  readonly enlargement?: number;
  /** What a piece is cut from when β > 1. Default `positions`, the paper's text; `patches` is the released code. */
  readonly grouping?: Grouping;
}

/** Parameters of `looc`. */
export interface LoocParams extends CodebookParams {}

/** What a batch tells `update`. */
export interface LoocStatistics extends CodebookStatistics {}

/** A compositional quantizer with one shared low-dimensional codebook. */
export interface LoocQuantizer extends Quantizer<LoocParams, LoocStatistics> {
  readonly layout: PieceLayout;
  /** K. */
  readonly codes: number;
  /** What remains of `z` if nothing is quantized: enlarged and averaged again. The gradient of `quantized` is its own. */
  smooth(z: Tensor): Tensor;
  /** Parameters that start from given codes, f32 `[K, d]`. @throws ShapeError `SHAPE_MISMATCH` */
  withCodebook(codes: Tensor): LoocParams;
}

/**
 * Makes a LooC quantizer. m·β² indices per position: m·β²·log₂ K bits.
 *
 * Defaults are the paper's: cosine similarity of raw codes, codes that are learned by gradient and pulled to their
 * closest vectors, commitment 0.25.
 *
 * @throws ValueError `VALUE_OUT_OF_RANGE` for impossible options.
 *
 * @example
 * const quantizer = looc({ codes: 256, pieces: 32, pieceDimension: 4 });
 * const { indices } = quantizer.quantize(quantizer.init(backend, 1), z); // z: [8, 7, 7, 128] → indices: [8, 7, 7, 32]
 */
export function looc(options: LoocOptions): LoocQuantizer {
  const { codes, pieces, pieceDimension, metric = 'cosine', gradient, codebook: rule, commitment } = options;
  const { anchors = cvqAnchors(), enlargement = 1, grouping = 'positions' } = options;
  for (const [name, value] of Object.entries({ pieces, pieceDimension, enlargement }))
    checkCount(`looc: ${name}`, value);
  checkName('looc: grouping', grouping, ['positions', 'patches']);
  const revival = anchors === 'none' ? undefined : anchors;
  const book = codebook({ codes, dimension: pieceDimension, metric, gradient, codebook: rule, commitment, revival });
  const layout: PieceLayout = { pieces, pieceDimension, enlargement, grouping };
  const dimension = pieces * pieceDimension;
  const slots = pieces * enlargement ** 2;

  return {
    name: 'looc',
    layout,
    codes,
    dimension,
    codebookSizes: new Array<number>(slots).fill(codes),
    bitsPerPosition: slots * Math.log2(codes),
    init: (backend, seed) => book.init(backend, random(seed)),
    smooth: (z) => tidy(() => shrink(enlarge(z, enlargement), enlargement)),
    quantize: (params, z, { weights, key } = {}) => {
      checkFeatures('looc', z, dimension);
      return tidy(() => {
        const rows = cutPieces(enlarge(z, enlargement), layout);
        const options = { weights: pieceWeights(weights, z, layout), key };
        const { quantized, indices, losses, statistics } = book.quantize(params, rows, options);
        const restored = shrink(joinPieces(quantized, z.shape, layout), enlargement);
        return { quantized: restored, indices: mapIndices(indices, z.shape, layout), losses, statistics };
      });
    },
    encode: (params, z) => {
      checkFeatures('looc', z, dimension);
      return tidy(() => mapIndices(book.encode(params, cutPieces(enlarge(z, enlargement), layout)), z.shape, layout));
    },
    decode: (params, indices) => {
      checkIndices('looc', indices, slots);
      return tidy(() =>
        shrink(joinPieces(book.decode(params, listIndices(indices, layout)), indices.shape, layout), enlargement),
      );
    },
    update: (params, statistics, { key } = {}) => book.update(params, statistics, key),
    withCodebook: (table) => book.replace(table),
  };
}

/** Weights of positions as weights of pieces, in the order of the pieces. */
function pieceWeights(weights: Tensor | undefined, z: Tensor, layout: PieceLayout): Tensor | undefined {
  if (weights === undefined) return undefined;
  const { pieces, enlargement: b, grouping } = layout;
  const perPosition = broadcastTo(weights, [...z.shape.slice(0, 3), 1]);
  const grid = grouping === 'patches' || b === 1 ? perPosition : upsampleNearest(perPosition, b);
  const perPlace = grouping === 'patches' ? pieces * b * b : pieces;
  const spread = broadcastTo(grid, [...grid.shape.slice(0, 3), perPlace]);
  return reshape(spread, [spread.size]);
}
