/**
 * The record that lets gradients flow back through an operation. A tensor that depends on a parameter of an
 * active `valueAndGrad` carries one; all others carry none, so inference records nothing.
 */
import type { Tensor } from '../tensor/tensor.ts';

/** As `vjp` in `backward.ts`. */
export type Vjp = (
  fn: (...inputs: Tensor[]) => readonly Tensor[],
  inputs: readonly Tensor[],
  cotangents: readonly (Tensor | undefined)[],
) => (Tensor | undefined)[];

/** One differentiable step from `inputs` to the outputs that share it. */
export interface GradientStep {
  readonly name: string;
  readonly inputs: readonly Tensor[];
  /**
   * Gradients of the inputs, from those of the outputs (undefined: zero). `needed[i]` tells which are wanted; `vjp` is
   * there to differentiate a default with, so that ops need not import what is made of ops.
   */
  readonly backward: (
    gradients: readonly (Tensor | undefined)[],
    needed: readonly boolean[],
    vjp: Vjp,
  ) => readonly (Tensor | undefined)[];
  /** For leaves: whether the `valueAndGrad` that made it is still running. */
  isActiveLeaf?: boolean;
}

/** Output number `index` of a step. */
export interface GradientNode {
  readonly step: GradientStep;
  readonly index: number;
}
