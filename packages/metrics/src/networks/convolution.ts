/**
 * Convolutions with weights as PyTorch stores them: how they are named and shaped in a state dictionary, and how they
 * are applied. Filters are turned from `[cout, cin, kh, kw]` to `[kh, kw, cin, cout]` once, when they are loaded.
 */
import { type Backend, type Conv2dOptions, conv2dFused, type Tensor, tensor } from '@vqkit/core';
import type { StateDictionary } from '../weights/state-dictionary.ts';

/** A convolution of a network: its name in the state dictionary and the filter's shape there. */
export interface ConvolutionSpec {
  readonly name: string;
  /** `[cout, cin, kh, kw]`, as in PyTorch. */
  readonly shape: readonly [number, number, number, number];
}

/** Parameters of a convolution. */
export interface ConvolutionParams {
  /** f32 `[kh, kw, cin, cout]`. */
  readonly filter: Tensor;
  /** f32 `[cout]`. */
  readonly bias: Tensor;
}

/** Parameters of a network, by the names of its convolutions in the state dictionary. */
export type NetworkParams = Readonly<Record<string, ConvolutionParams>>;

/** Reorders a filter from `[cout, cin, kh, kw]` to `[kh, kw, cin, cout]`. */
export function toHwio(
  data: Float32Array,
  [cout, cin, kh, kw]: readonly [number, number, number, number],
): Float32Array {
  const result = new Float32Array(data.length);
  let from = 0;
  for (let o = 0; o < cout; o++) {
    for (let i = 0; i < cin; i++) {
      for (let k = 0; k < kh * kw; k++) result[(k * cin + i) * cout + o] = data[from++]!;
    }
  }
  return result;
}

/**
 * Reads `name.weight` and `name.bias` of every convolution and puts them on a backend.
 *
 * @throws WeightsError `WEIGHTS_MISMATCH` when one is missing or has another shape.
 */
export async function loadConvolutions(
  backend: Backend,
  weights: StateDictionary,
  specs: readonly ConvolutionSpec[],
): Promise<NetworkParams> {
  const entries: [string, ConvolutionParams][] = [];
  for (const { name, shape } of specs) {
    const [cout, cin, kh, kw] = shape;
    const filter = toHwio(await weights.read(`${name}.weight`, shape), shape);
    const bias = await weights.read(`${name}.bias`, [cout]);
    entries.push([name, { filter: tensor(backend, filter, [kh, kw, cin, cout]), bias: tensor(backend, bias) }]);
  }
  return Object.fromEntries(entries);
}

/** relu(conv2d(x) + bias) with the named parameters. */
export function convolveRelu(params: NetworkParams, name: string, x: Tensor, options: Conv2dOptions): Tensor {
  const { filter, bias } = params[name]!;
  return conv2dFused(x, filter, { ...options, bias, activation: 'relu' });
}
