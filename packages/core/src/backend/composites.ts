/**
 * Composite ops: each has a default in core made of required kernels, and a backend may run it as one kernel of its
 * own. These are their attributes, inputs and outputs, so that an override can be written without reading the default.
 */
import type { Conv2dAttributes } from './kernels.ts';

/** Activations that fused kernels know. `leakyRelu` has slope 0.2. `gelu` is the exact (erf) form. */
export type Activation = 'none' | 'relu' | 'leakyRelu' | 'silu' | 'gelu' | 'sigmoid' | 'tanh';

/** Attributes of every composite op, by name. */
export interface CompositeKernels {
  /** x f32 `[N,D]`, codebook f32 `[K,D]` → indices u32 `[N]` (lowest index on ties), squared distances f32 `[N]` (≥ 0). Memory does not grow with N·K. */
  nearestCode: Record<never, never>;
  /** x f32 `[N,D]`, indices u32 `[N]` → counts f32 `[codes]`, sums f32 `[codes,D]`. */
  codeStatistics: { readonly codes: number };
  /** x f32 `[…,C]` → over the last axis. */
  softmax: Record<never, never>;
  /** x f32 `[…,C]` → over the last axis. */
  logSoftmax: Record<never, never>;
  /** x f32 `[…,C]`, scale `[C]`, shift `[C]` → normalised over the last axis. */
  layerNorm: { readonly epsilon: number };
  /** x f32 `[N,H,W,C]`, scale `[C]`, shift `[C]` → normalised over H, W and the channels of a group (consecutive channels), then activated. */
  groupNorm: { readonly groups: number; readonly epsilon: number; readonly activation: Activation };
  /** x, filter as conv2d, bias `[Cout]`, and a residual `[N,Ho,Wo,Cout]` when `hasResidual` → activation(conv + bias) + residual. */
  conv2dFused: Conv2dAttributes & { readonly activation: Activation; readonly hasResidual: boolean };
  /** q `[B,Tq,D]`, k `[B,Tk,D]`, v `[B,Tk,E]`, and an additive bias `[1 or B,Tq,Tk]` when `hasBias` → softmax(scale·q·kᵀ + bias)·v, `[B,Tq,E]`. Heads are folded into B. */
  attention: { readonly scale: number; readonly hasBias: boolean };
  /** x `[N,H,W,C]` → `[N,Ho,Wo,C]` (output spec), half-pixel centres, edges clamped; `nearest` takes floor((i + 0.5)·in/out); `bicubic` a = −0.5; `antialias` widens the kernel when shrinking, as MATLAB and Pillow do. */
  resize: { readonly method: 'nearest' | 'bilinear' | 'bicubic'; readonly antialias: boolean };
  /** x `[N,H,W,C·r²]` → `[N,H·r,W·r,C]`; input channel c·r² + dy·r + dx goes to pixel (dy, dx) of channel c, as in PyTorch. */
  pixelShuffle: { readonly factor: number };
  /** The inverse: `[N,H·r,W·r,C]` → `[N,H,W,C·r²]`. */
  pixelUnshuffle: { readonly factor: number };
  /** x f32 → x·sigmoid(x). */
  silu: Record<never, never>;
  /** dy, x → dy·σ(x)·(1 + x·(1 − σ(x))). */
  siluGrad: Record<never, never>;
  /** x f32 → x·Φ(x), with erf or the tanh approximation. */
  gelu: { readonly approximation: 'none' | 'tanh' };
  /** x f32 → x where x > 0, else slope·x. */
  leakyRelu: { readonly slope: number };
  /** logits f32 `[N,K]`, labels u32 `[N]` → loss f32 `[N]`: −log softmax(logits)[label]. */
  crossEntropy: Record<never, never>;
  /** dy f32 `[N,H,W,C]`, x, scale → dx, dScale `[C]`, dShift `[C]` of groupNorm without activation. */
  groupNormGrad: { readonly groups: number; readonly epsilon: number };
  /** dy, x `[…,C]`, scale → dx, dScale, dShift of layerNorm. */
  layerNormGrad: { readonly epsilon: number };
  /** parameter, gradient, m, v (one shape, f32), rates f32 `[3]` = (learning rate, 1/(1−β₁ᵗ), 1/(1−β₂ᵗ)) → parameter, m, v. Decoupled weight decay as in AdamW. */
  adamStep: { readonly beta1: number; readonly beta2: number; readonly epsilon: number; readonly weightDecay: number };
  /** key u32 `[2]` → u32 of the output shape: Threefry-2×32 with 20 rounds on counters 0, 1, 2, … (see random.ts). */
  randomBits: Record<never, never>;
}

/** Names of the composite ops that core defines. */
export type CompositeKernel = keyof CompositeKernels;
