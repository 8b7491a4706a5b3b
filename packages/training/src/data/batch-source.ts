/** Batches by number: what a recipe trains on. */
import type { HostTensor, Tensor } from '@vqkit/core';

/** A tree of tensors as it is before it goes to a backend. */
export type OnHost<B> = B extends Tensor ? HostTensor : { readonly [K in keyof B]: OnHost<B[K]> };

/** An input that cannot be read, and why. */
export interface SkippedInput {
  readonly file: string;
  readonly reason: string;
}

/** Batches `B` (one tensor, or a tree: pairs of images, index maps, labels), the same for the same number. */
export interface BatchSource<B = Tensor> {
  batch(index: number): Promise<OnHost<B>>;
  /** What was left out so far. */
  readonly skipped?: readonly SkippedInput[];
  /** Ends its threads; what waits for a batch gets an error. */
  dispose(): Promise<void>;
}

/** f32 values on the host. */
export function hostTensor(data: Float32Array, shape: readonly number[]): HostTensor {
  return { data, shape, dtype: 'f32' };
}
