/**
 * The required kernels: the short list that a backend must run. Each is described by its attributes, which are
 * plain JSON-like data, so that calls can be recorded, replayed, profiled and sent elsewhere.
 *
 * Conventions: contiguous row-major tensors; images NHWC; filters `[kh, kw, cin, cout]`; `pads` are
 * `[top, left, bottom, right]`; truth values are `u8` 0 or 1; indices are `u32` (`i32` is accepted as input).
 * The output spec of a call is always given by the caller and can be trusted.
 */

/** One-input elementwise functions. f32 for all; `neg abs sign square identity` also i32; `identity` any dtype; `not` takes u8. */
export type UnaryOp =
  | 'identity'
  | 'neg'
  | 'abs'
  | 'sign'
  | 'square'
  | 'exp'
  | 'log'
  | 'sqrt'
  | 'rsqrt'
  | 'reciprocal'
  | 'sin'
  | 'cos'
  | 'tanh'
  | 'sigmoid'
  | 'relu'
  | 'erf'
  | 'floor'
  | 'ceil'
  | 'round' // half to even
  | 'not';

/**
 * Two-input elementwise functions with NumPy broadcasting, both inputs of one dtype.
 * f32, i32 and u32: `add sub mul div max min mod`; f32 only: `pow`; i32 and u32 only: `and or xor shl shr`.
 * Integer `div` truncates towards zero; `mod` has the sign of the divisor (floored), as in Python; integer overflow wraps.
 * `max` and `min` return NaN when either side is NaN.
 */
export type BinaryOp =
  | 'add'
  | 'sub'
  | 'mul'
  | 'div'
  | 'pow'
  | 'max'
  | 'min'
  | 'mod'
  | 'and'
  | 'or'
  | 'xor'
  | 'shl'
  | 'shr';

/** Comparisons, with broadcasting; result `u8`. Every comparison with NaN is false, except `ne`. */
export type CompareOp = 'eq' | 'ne' | 'lt' | 'le' | 'gt' | 'ge';

/** Reductions over axes. `mean` is f32 only; the others f32, i32, u32. Empty: sum 0, prod 1, max −∞, min +∞, mean NaN (floats); for integers max and min of nothing are refused by the op. */
export type ReduceOp = 'sum' | 'mean' | 'max' | 'min' | 'prod';

/** What reductions of no floats are. */
export const emptyReductions: Readonly<Record<ReduceOp, number>> = {
  sum: 0,
  mean: Number.NaN,
  max: Number.NEGATIVE_INFINITY,
  min: Number.POSITIVE_INFINITY,
  prod: 1,
};

/** Window and padding of a convolution; `pads` may be negative nowhere. */
export interface Conv2dAttributes {
  readonly strides: readonly [number, number];
  readonly pads: readonly [number, number, number, number];
  readonly dilations: readonly [number, number];
}

/** Window and padding of a pooling. `avg` divides by the whole window (pads count as zeros); `max` ignores pads. */
export interface Pool2dAttributes {
  readonly op: 'max' | 'avg';
  readonly size: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly pads: readonly [number, number, number, number];
}

/** Attributes of every required kernel, by name. */
export interface RequiredKernels {
  /** () → every element is `value`. */
  fill: { readonly value: number };
  /** () → `[n]`: start + i·step. */
  range: { readonly start: number; readonly step: number };
  /** x → elementwise. */
  unary: { readonly op: UnaryOp };
  /** a, b → elementwise with broadcasting. */
  binary: { readonly op: BinaryOp };
  /** a, b → u8 with broadcasting. */
  compare: { readonly op: CompareOp };
  /** condition u8, a, b (one dtype) → a where condition ≠ 0, else b; all three broadcast. */
  where: Record<never, never>;
  /** x → output dtype; float to integer truncates towards zero and saturates, NaN becomes 0; integer to integer wraps; to u8 from float saturates at 0 and 255. */
  cast: Record<never, never>;
  /** x → reduced over `axes` (sorted, non-negative; [] copies). With `keepDims` the axes stay with size 1. */
  reduce: { readonly op: ReduceOp; readonly axes: readonly number[]; readonly keepDims: boolean };
  /** x → u32 index along `axis` (which is dropped); the lowest index wins ties; NaN counts as the best value (its first place is returned). */
  argReduce: { readonly op: 'argmax' | 'argmin'; readonly axis: number };
  /** a `[Ba, M, K]` (or `[Ba, K, M]` when transposeA), b `[Bb, K, N]` (or `[Bb, N, K]`) → `[B, M, N]`; Ba = Bb, or either is 1. */
  matmul: { readonly transposeA: boolean; readonly transposeB: boolean };
  /** x `[N,H,W,Cin]`, filter `[kh,kw,Cin,Cout]` → `[N,Ho,Wo,Cout]` (cross-correlation). */
  conv2d: Conv2dAttributes;
  /** dy `[N,Ho,Wo,Cout]`, filter `[kh,kw,Cin,Cout]` → dx `[N,H,W,Cin]`, the shape given by the output spec. */
  conv2dInputGrad: Conv2dAttributes;
  /** x `[N,H,W,Cin]`, dy `[N,Ho,Wo,Cout]` → dFilter `[kh,kw,Cin,Cout]`, the shape given by the output spec. */
  conv2dFilterGrad: Conv2dAttributes;
  /** x `[N,H,W,C]` → `[N,Ho,Wo,C]`. */
  pool2d: Pool2dAttributes;
  /** x `[N,H,W,C]`, dy `[N,Ho,Wo,C]` → dx `[N,H,W,C]`; for `max` the first maximum of a window (row-major) takes it all. */
  pool2dGrad: Pool2dAttributes;
  /** x → axes permuted: output axis i is input axis perm[i]. Any dtype. */
  transpose: { readonly perm: readonly number[] };
  /** x → out[i…] = x[begin + i·step …]; steps may be negative; output size gives the extent. Any dtype. */
  slice: { readonly begin: readonly number[]; readonly step: readonly number[] };
  /** x → output shape by NumPy broadcasting. Any dtype. */
  broadcast: Record<never, never>;
  /** x₁ … xₙ → joined along `axis`. Any dtype; inputs with an empty axis are allowed. */
  concat: { readonly axis: number };
  /** x → `before[i]` and `after[i]` elements of `value` around each axis. Any dtype. */
  pad: { readonly before: readonly number[]; readonly after: readonly number[]; readonly value: number };
  /** x, indices `[n]` (u32 or i32, in range) → x with `axis` replaced by n picked slices. Any dtype of x. */
  gather: { readonly axis: number };
  /** indices `[n]`, updates (its `axis` has size n) → zeros of the output shape plus the updates added at their indices along `axis`; f32, i32, u32. */
  scatterAdd: { readonly axis: number };
}

/** Names of the kernels that every backend has. */
export type RequiredKernel = keyof RequiredKernels;
