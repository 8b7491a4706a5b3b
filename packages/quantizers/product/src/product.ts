/**
 * Product quantization: vectors are cut into m parts, and every part has a quantizer of its own. An orthogonal rotation
 * before the cut, learned by `learnRotation`, spreads the variance evenly over the parts.
 *
 *   z [N,H,W,D] → ·R → m parts of D/m → quantizer i → indices [N,H,W,m·S] → parts → ·Rᵀ → quantized
 *
 * @see Jégou, Douze & Schmid 2011, doi:10.1109/TPAMI.2010.57; Ge et al. 2013, "Optimized product quantization"
 */
import {
  add,
  type Backend,
  concat,
  matmul,
  mul,
  type Quantizer,
  split,
  stopGradient,
  type Tensor,
  tensor,
  tidy,
} from '@vqkit/core';
import {
  type CodebookOptions,
  type CodebookParams,
  type CodebookQuantizer,
  type CodebookStatistics,
  checkCount,
  checkFeatures,
  checkIndices,
  codebookQuantizer,
  splitKey,
  splitSeed,
} from '@vqkit/core/codebook';

/** How parts make a whole. */
export interface ProductOptions {
  /** m ≥ 1. */
  readonly parts: number;
  /** Whether there is a rotation among the parameters; it starts as the identity. Default false. */
  readonly isRotated?: boolean;
}

/** Parameters of `product`. */
export interface ProductParams<P> {
  /** Parameters of each part. */
  readonly parts: readonly P[];
  /** Orthogonal, f32 `[D, D]`; not trained by gradient. */
  readonly rotation?: Tensor;
}

/** A quantizer made of equal parts. */
export interface ProductQuantizer<P, S, Q extends Quantizer<P, S> = Quantizer<P, S>>
  extends Quantizer<ProductParams<P>, readonly S[]> {
  /** The quantizer of a part. */
  readonly part: Q;
  /** m. */
  readonly parts: number;
  readonly isRotated: boolean;
}

/**
 * Makes a product quantizer. m times the indices and the bits of a part; losses are means over the parts.
 *
 * @param part  The quantizer of a part, or the options of its codebook; D is m times its dimension.
 * @throws ValueError `VALUE_OUT_OF_RANGE` for impossible options.
 *
 * @example
 * const quantizer = product({ codes: 256, dimension: 4 }, { parts: 8 }); // 64 bits per position
 * const { indices } = quantizer.quantize(quantizer.init(backend, 1), z); // z: [1, 16, 16, 32] → indices: [1, 16, 16, 8]
 */
export function product(
  part: CodebookOptions,
  options: ProductOptions,
): ProductQuantizer<CodebookParams, CodebookStatistics, CodebookQuantizer>;
export function product<P, S, Q extends Quantizer<P, S>>(
  part: Q & Quantizer<P, S>,
  options: ProductOptions,
): ProductQuantizer<P, S, Q>;
export function product(part: CodebookOptions | Quantizer<unknown, unknown>, options: ProductOptions) {
  const inner = 'quantize' in part ? part : (codebookQuantizer('product', part) as Quantizer<unknown, unknown>);
  return productOf(inner, options);
}

function productOf<P, S>(part: Quantizer<P, S>, { parts, isRotated = false }: ProductOptions): ProductQuantizer<P, S> {
  checkCount('product: parts', parts);
  const dimension = parts * part.dimension;
  const slots = part.codebookSizes.length;
  const equal = (size: number): number[] => new Array<number>(parts).fill(size);
  const cut = (params: ProductParams<P>, z: Tensor): Tensor[] =>
    split(params.rotation ? matmul(z, params.rotation) : z, equal(part.dimension));
  const join = (params: ProductParams<P>, vectors: readonly Tensor[]): Tensor => {
    const whole = concat(vectors, -1);
    return params.rotation ? matmul(whole, params.rotation, { transposeB: true }) : whole;
  };
  /** The rotation is not for gradients. */
  const still = (params: ProductParams<P>): ProductParams<P> =>
    params.rotation ? { ...params, rotation: stopGradient(params.rotation) } : params;

  return {
    name: 'product',
    part,
    parts,
    isRotated,
    dimension,
    codebookSizes: equal(0).flatMap(() => part.codebookSizes),
    bitsPerPosition: parts * part.bitsPerPosition,
    init: (backend, seed) => ({
      parts: splitSeed(seed, parts).map((own) => part.init(backend, own)),
      ...(isRotated ? { rotation: identity(backend, dimension) } : {}),
    }),
    quantize: (params, z, options = {}) => {
      checkFeatures('product', z, dimension);
      return tidy(() => {
        const fixed = still(params);
        const keys = splitKey(options.key, parts);
        const results = cut(fixed, z).map((x, i) => part.quantize(params.parts[i]!, x, { ...options, key: keys[i] }));
        return {
          quantized: join(
            fixed,
            results.map(({ quantized }) => quantized),
          ),
          indices: concat(
            results.map(({ indices }) => indices),
            -1,
          ),
          losses: meanLosses(results.map(({ losses }) => losses)),
          statistics: results.map(({ statistics }) => statistics),
        };
      });
    },
    encode: (params, z) => {
      checkFeatures('product', z, dimension);
      return tidy(() =>
        concat(
          cut(params, z).map((x, i) => part.encode(params.parts[i]!, x)),
          -1,
        ),
      );
    },
    decode: (params, indices) => {
      checkIndices('product', indices, parts * slots);
      return tidy(() => {
        const vectors = split(indices, equal(slots)).map((own, i) => part.decode(params.parts[i]!, own));
        return join(params, vectors);
      });
    },
    update: (params, statistics, { key } = {}) =>
      tidy(() => {
        const keys = splitKey(key, parts);
        return {
          parts: params.parts.map((own, i) => part.update(own, statistics[i]!, { key: keys[i] })),
          ...(params.rotation ? { rotation: stopGradient(params.rotation) } : {}),
        };
      }),
  };
}

function meanLosses(all: readonly Readonly<Record<string, Tensor>>[]): Record<string, Tensor> {
  const total = (name: string): Tensor => all.map((losses) => losses[name]!).reduce((a, b) => add(a, b));
  return Object.fromEntries(Object.keys(all[0]!).map((name) => [name, mul(total(name), 1 / all.length)]));
}

/** The rotation that changes nothing, f32 `[D, D]`. */
export function identity(backend: Backend, size: number): Tensor {
  const values = Float32Array.from({ length: size * size }, (_, i) => (i % (size + 1) === 0 ? 1 : 0));
  return tensor(backend, values, [size, size]);
}
