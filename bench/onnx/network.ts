/**
 * The networks of this benchmark, as code of vqkit: a stack of residual blocks with group norm and SiLU, and an
 * autoencoder around it.
 *
 *   block: h → norm → SiLU → conv → norm → SiLU → conv → + h
 *   autoencoder: x → conv → blocks → conv → xHat, loss: mean squared error
 */
import {
  add,
  type Backend,
  conv2d,
  groupNorm,
  meanSquaredError,
  type Random,
  silu,
  type Tensor,
  tensor,
} from '@vqkit/core';

/** Values of a filter and its bias. */
export interface ConvValues<T> {
  readonly filter: T;
  readonly bias: T;
}

/** Values of one half of a block. */
export interface LayerValues<T> {
  readonly scale: T;
  readonly shift: T;
  readonly conv: ConvValues<T>;
}

/** Values of the residual stack: blocks of two layers. */
export type StackValues<T> = readonly (readonly LayerValues<T>[])[];

/** Values of the autoencoder. */
export interface AutoencoderValues<T> {
  readonly first: ConvValues<T>;
  readonly blocks: StackValues<T>;
  readonly last: ConvValues<T>;
}

/** Host values with their shape. */
export interface HostValues {
  readonly data: Float32Array;
  readonly shape: readonly number[];
}

/** Channels per group of the norms. */
export const groupSize = 4;

/** Stabiliser of the norms. */
export const epsilon = 1e-5;

function randomConv(stream: Random, cin: number, cout: number): ConvValues<HostValues> {
  const shape = [3, 3, cin, cout];
  const deviation = 1 / Math.sqrt(9 * cin);
  return {
    filter: { data: stream.normalArray(9 * cin * cout, 0, deviation), shape },
    bias: { data: stream.normalArray(cout, 0, 0.1), shape: [cout] },
  };
}

/** Random values of a residual stack. */
export function randomStack(stream: Random, channels: number, blocks: number): StackValues<HostValues> {
  const layer = (): LayerValues<HostValues> => ({
    scale: { data: stream.uniformArray(channels, 0.5, 1.5), shape: [channels] },
    shift: { data: stream.normalArray(channels, 0, 0.1), shape: [channels] },
    conv: randomConv(stream, channels, channels),
  });
  return Array.from({ length: blocks }, () => [layer(), layer()]);
}

/** Random values of an autoencoder of RGB images. */
export function randomAutoencoder(stream: Random, channels: number, blocks: number): AutoencoderValues<HostValues> {
  return {
    first: randomConv(stream, 3, channels),
    blocks: randomStack(stream, channels, blocks),
    last: randomConv(stream, channels, 3),
  };
}

function applyConv({ filter, bias }: ConvValues<Tensor>, x: Tensor): Tensor {
  return add(conv2d(x, filter), bias);
}

/** The residual stack. @param x  f32 `[N, H, W, C]` */
export function applyStack(blocks: StackValues<Tensor>, x: Tensor): Tensor {
  let h = x;
  for (const block of blocks) {
    let y = h;
    for (const { scale, shift, conv } of block) {
      y = applyConv(conv, silu(groupNorm(y, scale, shift, { groups: scale.size / groupSize, epsilon })));
    }
    h = add(h, y);
  }
  return h;
}

/** Loss of the autoencoder on a batch. @param x  f32 `[N, H, W, 3]` */
export function autoencoderLoss({ first, blocks, last }: AutoencoderValues<Tensor>, x: Tensor): Tensor {
  return meanSquaredError(applyConv(last, applyStack(blocks, applyConv(first, x))), x);
}

/** The same tree with tensors in the places of host values. */
export function upload(backend: Backend, tree: unknown): unknown {
  if (Array.isArray(tree)) return tree.map((child) => upload(backend, child));
  const { data, shape } = tree as HostValues;
  if (data !== undefined) return tensor(backend, data, shape);
  return Object.fromEntries(Object.entries(tree as object).map(([key, child]) => [key, upload(backend, child)]));
}
