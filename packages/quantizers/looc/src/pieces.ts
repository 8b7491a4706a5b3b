/**
 * How a feature map becomes a list of short pieces and back, and where each piece's index goes in the map of indices.
 *
 * `positions`, the paper's text: every position of the (enlarged) map is cut into m runs of d channels.
 * `patches`, the released code: with β > 1 the enlarged map is folded back first, so a run of d values lies within one
 * channel's β×β patch. Without enlargement they are the same.
 */
import { avgPool, pixelShuffle, pixelUnshuffle, reshape, resize, type Tensor, transpose } from '@vqkit/core';

/** What a piece is cut from. */
export type Grouping = 'positions' | 'patches';

/** Sizes that the layout depends on. */
export interface PieceLayout {
  /** m: pieces per position. */
  readonly pieces: number;
  /** d: values per piece. */
  readonly pieceDimension: number;
  /** β ≥ 1. */
  readonly enlargement: number;
  readonly grouping: Grouping;
}

/** Bilinear enlargement by β; half-pixel centres, edges clamped. @param z  f32 `[N, H, W, D]` */
export function enlarge(z: Tensor, enlargement: number): Tensor {
  if (enlargement === 1) return z;
  return resize(z, { height: z.shape[1]! * enlargement, width: z.shape[2]! * enlargement });
}

/** The way back: mean over β×β. @param u  f32 `[N, βH, βW, D]` */
export function shrink(u: Tensor, enlargement: number): Tensor {
  return enlargement === 1 ? u : avgPool(u, { size: enlargement });
}

/** `[N, βH, βW, D]` → `[T, d]`. */
export function cutPieces(u: Tensor, { pieceDimension, enlargement, grouping }: PieceLayout): Tensor {
  const folded = grouping === 'patches' && enlargement > 1 ? pixelUnshuffle(u, enlargement) : u;
  return reshape(folded, [u.size / pieceDimension, pieceDimension]);
}

/** `[T, d]` → `[N, βH, βW, D]`. */
export function joinPieces(rows: Tensor, [n, h, w]: readonly number[], layout: PieceLayout): Tensor {
  const { pieces, pieceDimension, enlargement, grouping } = layout;
  const channels = pieces * pieceDimension;
  if (grouping === 'patches' && enlargement > 1) {
    return pixelShuffle(reshape(rows, [n!, h!, w!, channels * enlargement ** 2]), enlargement);
  }
  return reshape(rows, [n!, h! * enlargement, w! * enlargement, channels]);
}

/**
 * Indices in the order of the pieces → map `[N, H, W, m·β²]`. Slots of `positions`: (row, column, piece) of the
 * enlarged grid, piece fastest; of `patches`: the groups of the folded map.
 */
export function mapIndices(indices: Tensor, [n, h, w]: readonly number[], layout: PieceLayout): Tensor {
  const { pieces: m, enlargement: b, grouping } = layout;
  if (grouping === 'patches' || b === 1) return reshape(indices, [n!, h!, w!, m * b * b]);
  return reshape(transpose(reshape(indices, [n!, h!, b, w!, b, m]), [0, 1, 3, 2, 4, 5]), [n!, h!, w!, m * b * b]);
}

/** The inverse of `mapIndices`: `[N, H, W, m·β²]` → `[T]`. */
export function listIndices(map: Tensor, layout: PieceLayout): Tensor {
  const { pieces: m, enlargement: b, grouping } = layout;
  if (grouping === 'patches' || b === 1) return reshape(map, [map.size]);
  const [n, h, w] = map.shape;
  return reshape(transpose(reshape(map, [n!, h!, w!, b, b, m]), [0, 1, 3, 2, 4, 5]), [map.size]);
}
