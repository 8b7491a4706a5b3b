/**
 * One codebook with its assignment, gradient estimator, rule and revival: what vq is, and what product, residual and
 * compositional quantizers are made of. It works on lists of vectors `[N, D]`; packages arrange images around it.
 *
 *   vectors → assign → indices → gather → quantized        (losses: commitment, codebook)
 *      └── statistics → follow (rule) → revive → codebook
 */
import { stopGradient } from '../autograd/stop-gradient.ts';
import type { Backend } from '../backend/backend.ts';
import { add, mul, sub } from '../ops/binary.ts';
import { checkDTypes, checkShape } from '../ops/broadcast-shapes.ts';
import { greater, where } from '../ops/compare.ts';
import { gather } from '../ops/gather.ts';
import { matmul } from '../ops/matmul.ts';
import { sum } from '../ops/reduce.ts';
import { expandDims } from '../ops/reshape.ts';
import { square } from '../ops/unary.ts';
import type { Random } from '../random/random.ts';
import { tidy } from '../tensor/scope.ts';
import { alias, type Tensor } from '../tensor/tensor.ts';
import { mapTree, zipTrees } from '../tree/tree.ts';
import { assign, drawCodes, type Metric, metrics, unitVectors } from './assignment.ts';
import {
  type CodebookAverage,
  type CodebookRule,
  checkAmount,
  checkName,
  learned,
  outOfRange,
} from './codebook-rule.ts';
import { splitKey } from './keys.ts';
import type { RevivalRule, RevivalState } from './revival.ts';
import { estimatorOf, type GradientEstimator } from './straight-through.ts';
import { countedValues, weightedSquaredError, weightedStatistics } from './weighted.ts';

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
  /** Weight (number, without weights) of the vectors that chose each code, f32 `[K]`. */
  readonly counts: Tensor;
  /** Weighted sum of those vectors, f32 `[K, D]`. */
  readonly sums: Tensor;
  /** The batch itself, f32 `[N, D]`: a view, not a copy. */
  readonly vectors: Tensor;
  /** Their weights, f32 `[N]`, where `quantize` got some. */
  readonly weights?: Tensor;
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
  /** T ≥ 0: in training (`quantize` with a key) codes are drawn by softmax(similarity/T); 0 is the nearest. Default 0. */
  readonly temperature?: number;
  /** Weight of the orthogonality loss ‖Ĉ·Ĉᵀ‖²/K² − 1/K of the codes scaled to length 1, ≥ 0. Default 0. */
  readonly orthogonality?: number;
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

/** What `Codebook.quantize` may be told. */
export interface QuantizeVectorsOptions {
  /** How much each vector counts in losses and statistics, f32 `[N]`; all 1 unless given. */
  readonly weights?: Tensor;
  /** u32 `[2]`; codes are drawn, and DiVeQ has its noise, only with it. */
  readonly key?: Tensor;
}

/** A codebook on lists of vectors; pure functions over its parameters. */
export interface Codebook {
  readonly options: Required<Omit<CodebookOptions, 'revival'>> & { readonly revival: RevivalRule | undefined };
  init(backend: Backend, stream: Random): CodebookParams;
  quantize(params: CodebookParams, vectors: Tensor, options?: QuantizeVectorsOptions): QuantizedVectors;
  /** @returns u32, like `vectors` without the last axis. */
  encode(params: CodebookParams, vectors: Tensor): Tensor;
  /** @returns f32 `[…, D]` for indices `[…]`. */
  decode(params: CodebookParams, indices: Tensor): Tensor;
  update(params: CodebookParams, statistics: CodebookStatistics, key?: Tensor): CodebookParams;
  /** Parameters that start from given codes, f32 `[K, D]`. @throws ShapeError `SHAPE_MISMATCH` */
  replace(codes: Tensor): CodebookParams;
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
  const { commitment = 0.25, temperature = 0, orthogonality = 0, start = 'uniform' } = options;
  checkCount('codes', codes);
  checkCount('dimension', dimension);
  for (const [name, value] of Object.entries({ commitment, temperature, orthogonality })) {
    checkAmount(name, value);
  }
  checkName('metric', metric, metrics);
  checkName('gradient', gradient, ['straightThrough', 'rotation', 'diveq']);
  checkName('start', start, ['uniform', 'normal']);
  const estimate = estimatorOf(gradient);

  const fresh = (table: Tensor): CodebookParams =>
    compact(table, rule.start(table), revival?.start(table.backend, codes, dimension));

  /** On the sphere, where the metric asks for it. */
  const inPlace = (x: Tensor): Tensor => (metric === 'spherical' ? unitVectors(x) : x);
  const updated = (params: CodebookParams, statistics: CodebookStatistics, key?: Tensor): CodebookParams => {
    const { counts, vectors, weights } = statistics;
    const followed = rule.follow(params.codebook, params.average, statistics);
    if (revival === undefined) return compact(followed.codebook, followed.average);
    const { codebook: current } = followed;
    const state = params.revival!;
    const moves = revival.revive({ codebook: current, counts, vectors, weights, metric, state, key });
    const share = expandDims(moves.pull, 1);
    const table = add(mul(sub(1, share), current), mul(share, moves.anchors));
    return compact(table, rule.moved(followed.average, table, moves.pull), moves.state);
  };

  return {
    options: {
      codes,
      dimension,
      metric,
      gradient,
      codebook: rule,
      revival,
      commitment,
      temperature,
      orthogonality,
      start,
    },
    init: (backend, stream) => {
      const shape = [codes, dimension];
      const table =
        start === 'normal' ? stream.normal(backend, shape) : stream.uniform(backend, shape, -1 / codes, 1 / codes);
      return fresh(table);
    },
    quantize: (params, vectors, { weights, key } = {}) =>
      tidy(() => {
        const [keyOfCodes, keyOfNoise] = splitKey(key, 2);
        const [x, table] = [inPlace(vectors), inPlace(params.codebook)];
        const [still, codebook] = [stopGradient(x), stopGradient(table)];
        const indices =
          temperature > 0 && keyOfCodes
            ? drawCodes(still, codebook, metric, { temperature, key: keyOfCodes })
            : assign(still, codebook, metric);
        const chosen = gather(table, indices);
        const q = stopGradient(chosen);
        const losses: Record<string, Tensor> = { commitment: mul(weightedSquaredError(x, q, weights), commitment) };
        if (rule.lossWeight > 0) losses.codebook = mul(weightedSquaredError(chosen, still, weights), rule.lossWeight);
        if (orthogonality > 0) losses.orthogonality = mul(orthogonalityOf(params.codebook), orthogonality);
        const statistics = {
          ...weightedStatistics(still, indices, codes, weights),
          vectors: countedValues(still, weights),
          ...(weights && { weights }),
        };
        const quantized = estimate(x, gradient === 'diveq' ? chosen : q, keyOfNoise);
        return { quantized, codes: chosen, indices, losses, statistics };
      }),
    encode: (params, vectors) => tidy(() => assign(vectors, params.codebook, metric)),
    decode: (params, indices) => tidy(() => gather(inPlace(params.codebook), indices)),
    update: (params, statistics, key) =>
      tidy(() => {
        const { counts, vectors, weights } = statistics;
        // An empty batch says nothing, and so does one without weight.
        if (vectors.shape[0] === 0) return mapTree(params, stopGradient);
        const next = updated(params, statistics, key);
        return weights ? zipTrees([next, params], (a, b) => where(greater(sum(counts), 0), a, b)) : next;
      }),
    replace: (table) => {
      checkDTypes('replace', [table], ['f32']);
      checkShape('replace', 'codes', table, [codes, dimension]);
      return fresh(alias(table));
    },
  };
}

/**
 * ‖Ĉ·Ĉᵀ‖²/K² − 1/K for codes scaled to length 1: the mean squared cosine of different codes, times (K − 1)/K.
 *
 * @see Shin et al. 2023, "Exploration into translation-equivariant image quantization", arXiv:2112.00384
 */
function orthogonalityOf(codebook: Tensor): Tensor {
  const unit = unitVectors(codebook);
  const codes = codebook.shape[0]!;
  // ‖ĈᵀĈ‖ is the same, of D² values instead of K².
  return sub(mul(sum(square(matmul(unit, unit, { transposeA: true }))), 1 / codes ** 2), 1 / codes);
}

function compact(table: Tensor, average?: CodebookAverage, revival?: RevivalState): CodebookParams {
  return { codebook: table, ...(average && { average }), ...(revival && { revival }) };
}

/** @internal Refuses anything but whole numbers ≥ 1. */
export function checkCount(name: string, value: number): void {
  if (!(Number.isInteger(value) && value >= 1)) throw outOfRange(name, 'that is a whole number ≥ 1', value);
}
