/** Which stages an image uses in a training step, and losses over stages. */
import { add, cast, greater, less, mod, mul, randomBits, reshape, type Tensor, where } from '@vqkit/core';
import { outOfRange, splitKey, uniformBits } from '@vqkit/core/codebook';

/** Stages that are left out in training, so that fewer of them serve too. */
export interface StageDropout {
  /** Fewest stages that an image uses, 1 … depth. Default 1. */
  readonly from?: number;
  /** Share of images that leave stages out, in [0, 1]. Default 1. */
  readonly probability?: number;
}

/** Refuses impossible options. @throws ValueError `VALUE_OUT_OF_RANGE` */
export function checkDropout({ from = 1, probability = 1 }: StageDropout = {}, depth: number): void {
  if (!(Number.isInteger(from) && from >= 1 && from <= depth)) {
    throw outOfRange('residual: dropout.from', `that is a whole number from 1 to ${depth}`, from);
  }
  if (!(probability >= 0 && probability <= 1))
    throw outOfRange('residual: dropout.probability', 'in [0, 1]', probability);
}

/**
 * How many stages each image uses: with the given probability a number drawn evenly from `from` … depth, else all.
 *
 * @param key  u32 `[2]`.
 * @returns u32 `[N]`.
 */
export function drawDepths(key: Tensor, images: number, depth: number, dropout: StageDropout): Tensor {
  const { from = 1, probability = 1 } = dropout;
  const [keyOfChoice, keyOfCoin] = splitKey(key, 2) as [Tensor, Tensor];
  const drawn = add(mod(randomBits(keyOfChoice, [images]), depth - from + 1), from);
  return where(less(uniformBits(keyOfCoin, [images]), probability), drawn, depth);
}

/** 1 where an image uses stage i, else 0: f32 `[N, 1, 1, 1]` for each stage. */
export function stageMasks(depths: Tensor, depth: number): Tensor[] {
  return Array.from({ length: depth }, (_, i) => reshape(cast(greater(depths, i), 'f32'), [depths.size, 1, 1, 1]));
}

/** Means over stages, by name. */
export function meanLosses(all: readonly Readonly<Record<string, Tensor>>[]): Record<string, Tensor> {
  const total = (name: string): Tensor => all.map((losses) => losses[name]!).reduce((a, b) => add(a, b));
  return Object.fromEntries(Object.keys(all[0]!).map((name) => [name, mul(total(name), 1 / all.length)]));
}
