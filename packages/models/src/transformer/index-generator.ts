/**
 * The index transformer as what draws index maps of a class, for any quantizer: a position may have S indices, which are
 * guessed one after the other.
 *
 *   vectors, holes, class, place ─→ index transformer ─→ what is expected at a position
 *   codes of slots 1 … s−1 ─→ + small network ─→ what is expected in slot s ─→ logits of its codes
 *
 * A code of a slot is told by the vector that it makes alone, with code 0 in the other slots (`slotTables`).
 *
 * @see Chang et al. 2022 (MaskGIT), arXiv:2202.04200; the slots in turn as the depth transformer of Lee et al. 2022
 *   (RQ-Transformer), arXiv:2203.01941, made small
 */
import { add, type Backend, gather, gelu, random, reshape, type Tensor, tidy } from '@vqkit/core';
import { type DenseParams, dense, layerNormLayer } from '../layers/dense.ts';
import { lambda, type SequentialParams, sequential } from '../layers/layer.ts';
import {
  type IndexTransformerOptions,
  type IndexTransformerParams,
  indexTransformer,
  labelDeviation,
  learned,
} from './index-transformer.ts';
import { placeSize, placesOf } from './places.ts';

/** Sizes of a generator of index maps. */
export interface IndexGeneratorOptions extends IndexTransformerOptions {
  /** Classes that can be asked for. Default 0: there are none. */
  readonly classes?: number;
  /** S: indices of a position. Default 1. */
  readonly slots?: number;
  /** log₂ of the size of the codebook, as an index transformer is told it. Default 0. */
  readonly bits?: number;
}

/** Parameters. */
export interface IndexGeneratorParams {
  readonly transformer: IndexTransformerParams;
  /** What classes add to tokens, f32 `[classes + 1, width]`; the last row stands for no class. */
  readonly label: Tensor;
  /** What places add to tokens; none of an index transformer, which learned crops. */
  readonly place?: DenseParams;
  /** What a slot is told of those before it; empty for a single slot. */
  readonly turn: { readonly soFar?: DenseParams; readonly slot?: Tensor; readonly body?: SequentialParams };
}

/** What the network sees. */
export interface IndexGeneratorInput {
  /** Vectors of the positions that are there, f32 `[N, h, w, D]`; anything finite in holes. */
  readonly vectors: Tensor;
  /** 1 where there is a hole, f32 `[N, h, w, 1]`. */
  readonly holes: Tensor;
  /** u32 `[N]`, each at most `classes`, which stands for no class. */
  readonly labels: Tensor;
}

/** A slot of all positions. */
export interface SlotTurn {
  /** Codes of the slot, f32 `[K, D]`. */
  readonly codes: Tensor;
  /** Its number, u32 `[1]`. */
  readonly slot: Tensor;
  /** Vectors of the codes that were chosen for the slots before it, with code 0 in the others, f32 `[N, h, w, D]`. */
  readonly soFar: Tensor;
}

/** A network that draws index maps. */
export interface IndexGenerator {
  readonly options: Required<IndexGeneratorOptions>;
  /** @param seed  The same seed gives the same parameters on every backend. */
  init(backend: Backend, seed: number): IndexGeneratorParams;
  /** @returns What is expected at every position, f32 `[N, h, w, width]`. */
  see(params: IndexGeneratorParams, input: IndexGeneratorInput): Tensor;
  /** @returns Logits of the codes of a slot, f32 `[N, h, w, K]`. */
  score(params: IndexGeneratorParams, expected: Tensor, turn: SlotTurn): Tensor;
}

/** Makes the network. @throws ShapeError `SHAPE_MISMATCH` for heads that do not fit. */
export function indexGenerator({ classes = 0, slots = 1, bits = 0, ...sizes }: IndexGeneratorOptions): IndexGenerator {
  const transformer = indexTransformer(sizes);
  const { dimension, width } = transformer.options;
  const place = dense(placeSize, width);
  const soFar = dense(dimension, width);
  const body = sequential([layerNormLayer(width), dense(width, width), lambda(gelu), dense(width, width, 0)]);
  return {
    options: { ...transformer.options, classes, slots, bits },
    init: (backend, seed) => {
      const stream = random(seed).split(1);
      const turn = {
        soFar: soFar.init(backend, stream.split(1)),
        slot: learned(backend, stream.split(2), [slots, width]),
        body: body.init(backend, stream.split(3)),
      };
      return {
        transformer: transformer.init(backend, seed),
        label: learned(backend, stream.split(0), [classes + 1, width], labelDeviation),
        place: place.init(backend, stream.split(4)),
        turn: slots > 1 ? turn : {},
      };
    },
    see: (params, { vectors, holes, labels }) =>
      tidy(() => {
        const label = reshape(gather(params.label, labels), [-1, 1, 1, width]);
        const [, h, w] = vectors.shape as [number, number, number, number];
        const condition = params.place ? add(label, place.apply(params.place, placesOf(vectors.backend, h, w))) : label;
        return transformer.see(params.transformer, { vectors, holes, bits, condition });
      }),
    score: ({ transformer: own, turn }, expected, { codes, slot, soFar: chosen }) =>
      tidy(() => {
        if (!turn.soFar) return transformer.score(own, expected, codes);
        const told = add(add(expected, soFar.apply(turn.soFar, chosen)), gather(turn.slot!, slot));
        return transformer.score(own, add(expected, body.apply(turn.body!, told)), codes);
      }),
  };
}
