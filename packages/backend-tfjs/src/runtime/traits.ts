/**
 * Where tfjs's runtimes differ from each other and from the contract of vqkit's kernels, as facts that kernels ask for.
 * Found by running single tfjs 4.22 kernels on edge values; the conformance kit holds them in place.
 */

/** Facts about one runtime. */
export interface Traits {
  /** Bits of an integer that survive arithmetic: webgl keeps integers in float32 textures, webgpu computes in float32. See `wide/`. */
  readonly integerBits: 24 | 32;
  /** Whether `Multiply` of int32 keeps the low 32 bits of large products (cpu multiplies in float64 first). */
  readonly wrapsProducts: boolean;
  /** Whether `RealDiv` of int32 divides integers and truncates; elsewhere a quotient is put together from a floored one. */
  readonly dividesIntegers: boolean;
  /** Whether casting NaN to int32 gives 0. */
  readonly castsNanToZero: boolean;
  /** Whether casting to float32 only renames integers, for which later kernels are then compiled wrongly (webgpu). */
  readonly renamesCasts: boolean;
  /** Whether `Maximum` and `Minimum` return NaN when either operand is NaN (wasm then takes the first). */
  readonly spreadsNan: boolean;
  /** Whether `ArgMax` and `ArgMin` return the lowest index of equal values (webgpu reduces in a tree). */
  readonly findsFirst: boolean;
  /**
   * Whether `MaxPoolGrad` gives all to the first maximum of a window (webgl and webgpu do not; wasm starts its search at
   * the smallest positive number and so misses negative maxima).
   */
  readonly poolsToFirst: boolean;
  /** Whether `ScatterNd` adds float32 in one order (webgpu adds as its threads come). */
  readonly addsInOrder: boolean;
  /** Most steps (rows · updates · row length) of one `ScatterNd`: webgl lets every output look at every update. */
  readonly largestScatter: number;
  /** Largest batch of one `BatchMatMul`, and the most rows of one `Softmax`. */
  readonly largestBatch: number;
  /** Whether `StridedSlice` returns int32 for int32 (wasm labels every result float32). */
  readonly slicesIntegers: boolean;
  /** Runs of axes that one kernel broadcasts; see `broadcast-runs.ts`. */
  readonly broadcastRuns: number;
  /** Whether convolution gradients and pooling take explicit paddings (the native runtime knows `same` and `valid`). */
  readonly padsGradients: boolean;
  /** Whether `_FusedMatMul` is more than its parts one after the other. */
  readonly fusesMatmul: boolean;
  /** Whether a bias must be stored as rank 1: wasm looks at the stored shape, not at the reshaped one. */
  readonly checksBiasRank: boolean;
  /** Whether values can be read without waiting. */
  readonly readsSynchronously: boolean;
}

const standard: Traits = {
  integerBits: 32,
  wrapsProducts: true,
  dividesIntegers: false,
  castsNanToZero: false,
  renamesCasts: false,
  spreadsNan: true,
  findsFirst: true,
  poolsToFirst: true,
  addsInOrder: true,
  largestScatter: Number.POSITIVE_INFINITY,
  largestBatch: Number.POSITIVE_INFINITY,
  slicesIntegers: true,
  broadcastRuns: Number.POSITIVE_INFINITY,
  padsGradients: true,
  fusesMatmul: true,
  checksBiasRank: false,
  readsSynchronously: true,
};

const known: Readonly<Record<string, Partial<Traits>>> = {
  cpu: { wrapsProducts: false, dividesIntegers: true, castsNanToZero: true },
  wasm: {
    dividesIntegers: true,
    poolsToFirst: false,
    spreadsNan: false,
    slicesIntegers: false,
    checksBiasRank: true,
  },
  // 2²⁸ steps: a GPU that is busy for seconds with one call is taken from the page.
  webgl: { integerBits: 24, poolsToFirst: false, largestScatter: 2 ** 28 },
  webgpu: {
    renamesCasts: true,
    addsInOrder: false,
    integerBits: 24,
    findsFirst: false,
    poolsToFirst: false,
    largestBatch: 65535,
    readsSynchronously: false,
  },
  // Careful where TensorFlow leaves the choice to its CPU and CUDA kernels. (It may add as threads come, too; but a product
  // in its place could be rounded to TF32.)
  tensorflow: {
    fusesMatmul: false,
    findsFirst: false,
    poolsToFirst: false,
    padsGradients: false,
    spreadsNan: false,
    broadcastRuns: 5,
  },
};

/** The facts about the tfjs backend called `name`; the careful defaults for one that we do not know. */
export function traitsOf(name: string): Traits {
  return { ...standard, ...known[name] };
}
