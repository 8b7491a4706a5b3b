/**
 * What a tokenizer asks of an autoencoder, and the architectures that it brings. Others are passed in by name.
 *
 *   x [N,H,W,C] → encode → zE [N,H/s,W/s,D] → quantizer → zQ → decode → xHat
 */
import type { Backend, Quantizer, Tensor } from '@vqkit/core';
import { photoTokenizer, vqgan, vqVae } from '@vqkit/models';

/** An autoencoder without its quantizer. `P` are the parameters of a half. */
export interface Autoencoder<P = unknown> {
  /** D: length of the vectors between encoder and decoder. */
  readonly dimension: number;
  /** s: pixels per position along each axis. Images are padded to multiples of it. */
  readonly scale: number;
  /** C: 1 for grey, 3 for colour. Default 3. */
  readonly channels?: number;
  init(backend: Backend, seed: number): { readonly encoder: P; readonly decoder: P };
  /** @param x  f32 `[N, H, W, C]` in [−1, 1]. @returns f32 `[N, H/s, W/s, D]`. */
  encode(params: P, x: Tensor): Tensor;
  /** @param z  f32 `[N, h, w, D]`. @returns f32 `[N, s·h, s·w, C]`, about [−1, 1]. */
  decode(params: P, z: Tensor): Tensor;
}

/** Factories of autoencoders by the name that manifests give; what they take is JSON. */
export type Architectures = Readonly<Record<string, (options: never) => Autoencoder>>;

/** Factories of quantizers by the name that manifests give; what they take is JSON. */
export type Quantizers = Readonly<Record<string, (options: never) => Quantizer>>;

/** The architectures of `@vqkit/models`, which every tokenizer knows. */
export const defaultArchitectures: Architectures = {
  'photo-tokenizer': photoTokenizer,
  vqvae: (options: Parameters<typeof vqVae>[0]) => ({ channels: options?.channels ?? 3, ...vqVae(options) }),
  vqgan,
};
