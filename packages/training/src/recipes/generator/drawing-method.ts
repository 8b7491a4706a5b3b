/** What the two ways of drawing have in common in training. */
import type { HostTree, Random, Tensor } from '@vqkit/core';
import type { DrawingNetwork } from '@vqkit/tokenizer/generation';

/** A frozen tokenizer on a backend. */
export interface FrozenCoder {
  readonly encoder: unknown;
  readonly quantizer: unknown;
  /** Codes of all slots, f32 `[S, K, D]`. */
  readonly tables: Tensor;
}

/** Images as the frozen tokenizer has them. */
export interface CodedImages {
  /** What the encoder gives, f32 `[N, h, w, D]`. */
  readonly features: Tensor;
  /** u32 `[N]`; the number of classes stands for none. */
  readonly labels: Tensor;
}

/** What is random in a step: a tree of tensors. */
export type Draws = Readonly<Record<string, Tensor>>;

/** A way of drawing: a network with its loss. `P` are its parameters. */
export interface DrawingMethod<P = unknown> {
  init(backend: Tensor['backend'], seed: number): P;
  /** What is random in a step of `count` images, on the host. */
  draws(random: Random, count: number): Readonly<Record<string, HostTree>>;
  /** `fixed` are tensors that are measured once and belong to the network, such as the scale of features. */
  loss(
    params: P,
    images: CodedImages,
    draws: Draws,
    frozen: FrozenCoder,
    fixed: Draws,
  ): { readonly loss: Tensor; readonly aux: Readonly<Record<string, Tensor>> };
  /** Measures what is fixed. @param features  f32 `[N, h, w, D]`. */
  measure(features: Tensor): Draws;
  network(params: P, fixed: Draws): DrawingNetwork;
}
