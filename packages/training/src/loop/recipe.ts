/** What the training loop needs to know about a model: a recipe. */
import type { Backend, Tensor } from '@vqkit/core';
import type { BatchSource } from '../data/photo-folder.ts';

/** What changes from step to step besides the state. */
export interface StepInputs {
  /** f32 `[batch, size, size, 3]` in [−1, 1]. */
  readonly batch: Tensor;
  /** Learning rate, f32 scalar. */
  readonly rate: Tensor;
  /** Fresh random words, u32 `[2]`. */
  readonly key: Tensor;
}

/** Result of one step. */
export interface StepResult<S> {
  readonly state: S;
  /** f32 scalars to log; `loss` is watched for divergence. */
  readonly metrics: { readonly loss: Tensor } & Readonly<Record<string, Tensor>>;
}

/**
 * A training run as a value: how to start, one pure step, the rate, the data, and what to publish at the end.
 * `S` is the whole state (parameters, optimizer, averages): a tree of tensors.
 */
export interface Recipe<S, C = unknown> {
  readonly name: string;
  /** Shape of a batch. */
  readonly batchShape: readonly [number, number, number, number];
  /** Learning rate by step. */
  schedule(step: number): number;
  /** A fresh state. */
  init(backend: Backend, seed: number): Promise<S>;
  /** Which variant of the step to run (e.g. before and after the codebook starts); each is compiled once. */
  phase(step: number): string;
  /** Tensors that every step needs and none changes, such as the weights of a perceptual loss. */
  constants(backend: Backend): Promise<C>;
  /** One pure step; compiled. */
  step(phase: string, state: S, inputs: StepInputs, constants: C): StepResult<S>;
  /** Work on the host between steps, such as starting a codebook by k-means; the old state is disposed when another comes back. */
  before?(step: number, state: S, source: BatchSource): Promise<S>;
  /** Opens the data. */
  open(seed: number): Promise<BatchSource>;
  /** Files to publish, by name. */
  publish(state: S): Promise<Readonly<Record<string, Uint8Array>>>;
}
