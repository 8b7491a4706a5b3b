/**
 * The index transformer: sees an index map with holes and says which codes belong into them. It fills in what packets
 * lost, and draws whole maps. Codes come in as their vectors and come out by their vectors, so one network serves all
 * nested codebooks of a model, and codebooks that it never saw.
 *
 *   vectors [N,h,w,D], holes ─→ W·c; in holes of the mean nearby, + a learned vector ─→ + rate ─→ blocks (rotary places) ─→ q
 *   codes [K,D] ─→ P(c_k), two layers ────────────────────────────────────→ logits = q · P(c_k) / √width
 *
 * With P linear, logits would be linear in the code's D numbers: a code in the middle of others could never be the likeliest.
 *
 * @see Chang et al. 2022 (MaskGIT), arXiv:2202.04200. Changed: vectors in place of embedding tables, rotary places,
 *   holes that start from what is near
 */
import {
  add,
  type Backend,
  gather,
  gelu,
  matmul,
  mul,
  type Random,
  random,
  reshape,
  ShapeError,
  slice,
  sub,
  type Tensor,
  tidy,
} from '@vqkit/core';
import { type DenseParams, dense, layerNormLayer } from '../layers/dense.ts';
import { type Layer, lambda, type SequentialParams, sequential } from '../layers/layer.ts';
import { nearbyMean } from './nearby.ts';
import { transformerBlock } from './transformer-block.ts';

/** Sizes of an index transformer. */
export interface IndexTransformerOptions {
  /** D: length of the code vectors. */
  readonly dimension: number;
  /** Numbers per position. Default 192. */
  readonly width?: number;
  /** Default 6. */
  readonly blocks?: number;
  /** Default 6. */
  readonly heads?: number;
}

/** Parameters. */
export interface IndexTransformerParams {
  readonly token: DenseParams;
  /** What is added where there is nothing, f32 `[width]`. */
  readonly hole: Tensor;
  /** What is added for codebooks of 2^i codes, f32 `[25, width]`. */
  readonly rate: Tensor;
  readonly body: SequentialParams;
  readonly code: SequentialParams;
}

/** What the network sees. */
export interface IndexTransformerInput {
  /** Vectors of the codes that are there, f32 `[N, h, w, D]`; anything finite in holes. */
  readonly vectors: Tensor;
  /** 1 where there is a hole, 0 elsewhere, f32 `[N, h, w, 1]`. */
  readonly holes: Tensor;
  /** Vectors of the codebook, f32 `[K, D]`, or of one for each map, `[N, K, D]`. */
  readonly codes: Tensor;
  /** log₂ of the size of the codebook that the map is of, 0 to 24 (K itself may be padded); of each map, u32 `[N]`. */
  readonly bits: number | Tensor;
}

/** What `see` is told. */
export interface SeenMap extends Omit<IndexTransformerInput, 'codes'> {
  /** Added to every token: what else is known, f32 `[1 or N, 1 or h, 1 or w, width]`. */
  readonly condition?: Tensor | undefined;
}

/** A network that fills in index maps. */
export interface IndexTransformer {
  readonly options: Required<IndexTransformerOptions>;
  /** @param seed  The same seed gives the same parameters on every backend. */
  init(backend: Backend, seed: number): IndexTransformerParams;
  /** @returns Logits of every code at every position, f32 `[N, h, w, K]`: `score` of what `see` says. */
  apply(params: IndexTransformerParams, input: IndexTransformerInput): Tensor;
  /** @returns What is expected at every position, f32 `[N, h, w, width]`. */
  see(params: IndexTransformerParams, map: SeenMap): Tensor;
  /**
   * @param expected  f32 `[N, …, width]`.
   * @param codes  f32 `[K, D]`, or `[N, K, D]`.
   * @returns Logits, f32 `[N, …, K]`.
   */
  score(params: IndexTransformerParams, expected: Tensor, codes: Tensor): Tensor;
}

/** Most bits of a codebook's size. */
const mostBits = 24;

/** Of what classes add at the start: with the hundredths of other tables, networks did not see them beside tokens for thousands of steps. */
export const labelDeviation = 0.3;

/** A vector, or a table of them, that is learned as it is. */
export function learned(backend: Backend, stream: Random, shape: readonly number[], deviation = 0.02): Tensor {
  return stream.normal(backend, shape, 0, deviation);
}

/** Makes an index transformer: 2.7 M parameters at the default sizes. */
export function indexTransformer(options: IndexTransformerOptions): IndexTransformer {
  const { dimension, width = 192, blocks = 6, heads = 6 } = options;
  if (width % (4 * heads) !== 0) {
    throw new ShapeError({
      code: 'SHAPE_MISMATCH',
      message: `indexTransformer: expected a width that ${heads} heads divide into multiples of 4, got ${width}`,
      fix: `Choose a multiple of ${4 * heads}`,
    });
  }
  const token = dense(dimension, width);
  const code = sequential([dense(dimension, width), lambda(gelu), dense(width, width)]);
  const body = sequential([
    ...Array.from({ length: blocks }, (): Layer<SequentialParams> => transformerBlock({ width, heads })),
    layerNormLayer(width),
    dense(width, width),
  ]);
  const see: IndexTransformer['see'] = (params, { vectors, holes, bits, condition }) =>
    tidy(() => {
      const filled = add(mul(vectors, sub(1, holes)), mul(nearbyMean(vectors, holes), holes));
      const seen = add(token.apply(params.token, filled), mul(holes, params.hole));
      const x = add(seen, rateOf(params.rate, bits));
      return body.apply(params.body, condition ? add(x, condition) : x);
    });
  const score: IndexTransformer['score'] = (params, expected, codes) =>
    tidy(() => {
      const { shape } = expected;
      const q = mul(reshape(expected, [shape[0]!, -1, width]), width ** -0.5);
      return reshape(matmul(q, code.apply(params.code, codes), { transposeB: true }), [...shape.slice(0, -1), -1]);
    });
  return {
    options: { dimension, width, blocks, heads },
    init: (backend, seed) => {
      const stream = random(seed);
      return {
        token: token.init(backend, stream.split(0)),
        hole: learned(backend, stream.split(1), [width]),
        rate: learned(backend, stream.split(2), [mostBits + 1, width]),
        body: body.init(backend, stream.split(3)),
        code: code.init(backend, stream.split(4)),
      };
    },
    see,
    score,
    apply: (params, { codes, ...map }) => tidy(() => score(params, see(params, map), codes)),
  };
}

/** Rows of the table of rates, f32 `[1 or N, 1, 1, width]`. */
function rateOf(table: Tensor, bits: number | Tensor): Tensor {
  const width = table.shape[1]!;
  if (typeof bits !== 'number') return reshape(gather(table, bits), [-1, 1, 1, width]);
  const row = Math.min(Math.max(Math.round(bits), 0), mostBits);
  return reshape(slice(table, [row, 0], { size: [1, width] }), [1, 1, 1, width]);
}
