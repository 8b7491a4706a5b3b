/** Small maps and networks over them, for tests. */
import { cpu, mapTree, random, type Tensor, tensor, tensorsOf } from '@vqkit/core';

/** Where they are. */
export const backend = cpu();

/** Sizes of networks, for features of three numbers. */
export const sizes = { dimension: 3, width: 16, heads: 2 } as const;

/** f32 `[8, 3]`. */
export const codes = random(2).normal(backend, [8, 3]);

/** Parameters that are all random: residual branches start at zero and would hide what is behind them. */
export function shaken<P>(params: P): P {
  return mapTree(params, (x) => random(x.size).normal(backend, x.shape, 0, 0.3));
}

/** A list of whole numbers, u32. */
export function word(...values: number[]): Tensor {
  return tensor(backend, Uint32Array.from(values), [values.length]);
}

/** Whether every tensor of a tree has a value that is not 0, as gradients of parameters that are used do. */
export function areMoved(tree: unknown): boolean {
  return tensorsOf(tree).every((x) => x.dataSync().some((value) => value !== 0));
}
