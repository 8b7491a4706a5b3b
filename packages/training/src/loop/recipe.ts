/** What the training loop needs to know about a model: a recipe. */
import type { Backend, Tensor } from '@vqkit/core';
import type { BatchSource } from '../data/batch-source.ts';

/** What changes from step to step besides the state. */
export interface StepInputs<B = Tensor> {
  /** What the recipe's source gave, uploaded: a tensor, or a tree of them. */
  readonly batch: B;
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

/** Choices that a state depends on, as JSON-like values by name. */
export type RecipeIdentity = Readonly<Record<string, unknown>>;

/** Scores on images that are never trained on, e.g. `lpips`, `psnr`. */
export type ValidationScores = Readonly<Record<string, number>>;

/**
 * A training run as a value: how to start, one pure step, the rate, the data, and what to publish at the end.
 * `S` is the whole state (parameters, optimizer, averages), `C` what never changes, `B` a batch: trees of tensors.
 */
export interface Recipe<S, C = unknown, B = Tensor> {
  readonly name: string;
  /** Choices that a checkpoint must agree in to be gone on from; lengths, rates and paths may change. */
  readonly identity?: RecipeIdentity;
  /** Steps of the whole run. */
  readonly steps: number;
  /** Learning rate by step. */
  schedule(step: number): number;
  /** A fresh state. */
  init(backend: Backend, seed: number): Promise<S>;
  /** Which variant of the step to run (e.g. before and after the codebook starts); each is compiled once. */
  phase(step: number): string;
  /** Tensors that every step needs and none changes, such as the weights of a perceptual loss. */
  constants(backend: Backend): Promise<C>;
  /** One pure step; compiled. */
  step(phase: string, state: S, inputs: StepInputs<B>, constants: C): StepResult<S>;
  /** Work on the host between steps, such as starting a codebook by k-means; the old state is disposed when another comes back. */
  before?(step: number, state: S, source: BatchSource<B>): Promise<S>;
  /** Opens the data. */
  open(seed: number): Promise<BatchSource<B>>;
  /** What the state is worth on images held out. */
  readonly validation?: {
    /** Steps between two validations; the last step is always validated. */
    readonly every: number;
    /** @returns undefined where there is nothing to measure yet. */
    measure(state: S, step: number, constants: C): Promise<ValidationScores | undefined>;
    /** Frees what measuring needs; idempotent. */
    dispose(): void;
  };
  /** Files to publish, by path in the output folder. */
  publish(state: S): Promise<Readonly<Record<string, Uint8Array>>>;
}
