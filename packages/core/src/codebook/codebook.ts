/**
 * One codebook with its assignment, gradient estimator, rule and revival: what vq is, and what product, residual and
 * compositional quantizers are made of. It works on lists of vectors `[N, D]`; packages arrange images around it.
 *
 *   vectors → assign → indices → gather → quantized        (losses: commitment, codebook)
 *      └── statistics → follow (rule) → revive → codebook
 */
import { stopGradient } from '../autograd/stop-gradient.ts';
import type { Backend } from '../backend/backend.ts';
import { add, mul, sub } from '../ops/binary/binary.ts';
import { checkDTypes, checkShape } from '../ops/broadcast-shapes.ts';
import { gather } from '../ops/index/index-ops.ts';
import { expandDims } from '../ops/layout/layout.ts';
import type { Random } from '../random/random.ts';
import { tidy } from '../tensor/scope.ts';
import { alias, type Tensor } from '../tensor/tensor.ts';
import { mapTree } from '../tree/tree.ts';
import { assign, type Metric } from './assignment.ts';
import { type CodebookAverage, type CodebookRule, learned, outOfRange, rebase } from './codebook-rule.ts';
import type { RevivalRule, RevivalState } from './revival.ts';
import { estimatorOf, type GradientEstimator } from './straight-through.ts';
import { weightedSquaredError, weightedStatistics } from './weighted.ts';

/** Parameters of one codebook. */
export interface CodebookParams {
  /** Codes, f32 `[K, D]`. */
  readonly codebook: Tensor;
  /** What an EMA rule remembers. */
  readonly average?: CodebookAverage;
  /** What a revival rule remembers. */
  readonly revival?: RevivalState;
}

/** What `update` needs from a batch. */
export interface CodebookStatistics {
  /** How many vectors chose each code, f32 `[K]`. */
  readonly counts: Tensor;
  /** Sum of those vectors, f32 `[K, D]`. */
  readonly sums: Tensor;
  /** The batch itself, f32 `[N, D]`: a view, not a copy. */
  readonly vectors: Tensor;
}

/** What to compose a codebook from. */
export interface CodebookOptions {
  /** K ≥ 1. */
  readonly codes: number;
  /** D ≥ 1. */
  readonly dimension: number;
  /** Default `l2`. */
  readonly metric?: Metric;
  /** Default `straightThrough`. */
  readonly gradient?: GradientEstimator;
  /** How codes follow their vectors. Default `learned()`. */
  readonly codebook?: CodebookRule;
  /** What becomes of codes that are not used. Default: nothing. */
  readonly revival?: RevivalRule;
  /** Weight of the commitment loss mean‖z − sg(q)‖², ≥ 0. Default 0.25. */
  readonly commitment?: number;
  /** Fresh codes: uniform in ±1/K (as VQ-VAE), or standard normal. Default `uniform`. */
  readonly start?: 'uniform' | 'normal';
}

/** What `Codebook.quantize` returns. */
export interface QuantizedVectors {
  /** f32 `[N, D]`. */
  readonly quantized: Tensor;
  /** The chosen codes with their gradient to the codebook, f32 `[N, D]`. */
  readonly codes: Tensor;
  /** u32 `[N]`. */
  readonly indices: Tensor;
  readonly losses: Readonly<Record<string, Tensor>>;
  readonly statistics: CodebookStatistics;
}

/** A codebook on lists of vectors; pure functions over its parameters. */
export interface Codebook {
  readonly options: Required<Omit<CodebookOptions, 'revival'>> & { readonly revival: RevivalRule | undefined };
  init(backend: Backend, stream: Random): CodebookParams;
  /** @param weights  How much each vector counts in losses and statistics, f32 `[N]`; all 1 unless given. */
  quantize(params: CodebookParams, vectors: Tensor, weights?: Tensor): QuantizedVectors;
  /** @returns u32, like `vectors` without the last axis. */
  encode(params: CodebookParams, vectors: Tensor): Tensor;
  /** @returns f32 `[…, D]` for indices `[…]`. */
  decode(params: CodebookParams, indices: Tensor): Tensor;
  update(params: CodebookParams, statistics: CodebookStatistics, key?: Tensor): CodebookParams;
  /** Parameters that start from given codes, f32 `[K, D]`. @throws ShapeError `SHAPE_MISMATCH` */
  replace(codes: Tensor): CodebookParams;
  trainable(params: CodebookParams): unknown;
}

/**
 * Composes a codebook.
 *
 * @throws ValueError `VALUE_OUT_OF_RANGE` for impossible options.
 */
export function codebook(options: CodebookOptions): Codebook {
  const {
    codes,
    dimension,
    metric = 'l2',
    gradient = 'straightThrough',
    codebook: rule = learned(),
    revival,
  } = options;
  const { commitment = 0.25, start = 'uniform' } = options;
  checkCount('codes', codes);
  checkCount('dimension', dimension);
  if (!(commitment >= 0)) throw outOfRange('commitment', '≥ 0', commitment);
  const estimate = estimatorOf(gradient);

  const fresh = (table: Tensor): CodebookParams =>
    compact(table, rule.start(table), revival?.start(table.backend, codes, dimension));

  return {
    options: { codes, dimension, metric, gradient, codebook: rule, revival, commitment, start },
    init: (backend, stream) => {
      const shape = [codes, dimension];
      const table =
        start === 'normal' ? stream.normal(backend, shape) : stream.uniform(backend, shape, -1 / codes, 1 / codes);
      return fresh(table);
    },
    quantize: (params, vectors, weights) =>
      tidy(() => {
        const still = stopGradient(vectors);
        const indices = assign(still, stopGradient(params.codebook), metric);
        const chosen = gather(params.codebook, indices);
        const q = stopGradient(chosen);
        const losses: Record<string, Tensor> = {
          commitment: mul(weightedSquaredError(vectors, q, weights), commitment),
        };
        if (rule.lossWeight > 0) losses.codebook = mul(weightedSquaredError(chosen, still, weights), rule.lossWeight);
        const statistics = { ...weightedStatistics(still, indices, codes, weights), vectors: still };
        return { quantized: estimate(vectors, q), codes: chosen, indices, losses, statistics };
      }),
    encode: (params, vectors) => tidy(() => assign(vectors, params.codebook, metric)),
    decode: (params, indices) => tidy(() => gather(params.codebook, indices)),
    update: (params, statistics, key) =>
      tidy(() => {
        const { counts, vectors } = statistics;
        // An empty batch says nothing.
        if (vectors.shape[0] === 0) return mapTree(params, stopGradient) as CodebookParams;
        const followed = rule.follow(params.codebook, params.average, statistics);
        if (revival === undefined) return compact(followed.codebook, followed.average);
        const state = params.revival!;
        const { codebook: current } = followed;
        const moves = revival.revive({ codebook: current, counts, vectors, metric, state, key });
        const share = expandDims(moves.pull, 1);
        const table = add(mul(sub(1, share), current), mul(share, moves.anchors));
        return compact(table, rebase(followed.average, table, moves.pull), moves.state);
      }),
    replace: (table) => {
      checkDTypes('replace', [table], ['f32']);
      checkShape('replace', 'codes', table, [codes, dimension]);
      return fresh(alias(table));
    },
    trainable: (params) => ({
      ...mapTree(params, () => false),
      codebook: rule.lossWeight > 0,
    }),
  };
}

function compact(table: Tensor, average?: CodebookAverage, revival?: RevivalState): CodebookParams {
  return { codebook: table, ...(average && { average }), ...(revival && { revival }) };
}

/** @internal Refuses anything but whole numbers ≥ 1. */
export function checkCount(name: string, value: number): void {
  if (!(Number.isInteger(value) && value >= 1)) throw outOfRange(name, 'that is a whole number ≥ 1', value);
}
