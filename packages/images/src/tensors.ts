/** Images to tensors and back: as bytes across to the backend, and there from bytes to what networks see. */
import { add, type Backend, cast, clamp, mul, round, sub, type Tensor, tensor } from '@vqkit/core';
import type { Raster } from './region.ts';

/** Samples that tensors hold as they are. */
export type TensorSamples = Uint8Array | Uint32Array | Float32Array;

/**
 * Images, or features, of one size as one batch `[N, H, W, C]` of their own type: u8, u32 or f32.
 *
 * @example
 * const x = toUnitRange(toTensor(backend, [a, b])); // f32 [2, H, W, 3] in [−1, 1]
 */
export function toTensor<T extends TensorSamples>(backend: Backend, images: readonly Raster<T>[]): Tensor {
  const { data: first, width, height, channels } = images[0]!;
  const shape = [images.length, height, width, channels];
  if (images.length === 1) return tensor(backend, first, shape);
  const all = new (first.constructor as { new (size: number): T })(images.length * first.length);
  images.forEach(({ data }, i) => all.set(data, i * first.length));
  return tensor(backend, all, shape);
}

/** The images of a batch `[N, H, W, C]`, with the tensor's type of samples; they share its memory. @throws the signal's reason. */
export async function fromTensor<T extends TensorSamples = Uint8Array>(
  batch: Tensor,
  { signal }: { readonly signal?: AbortSignal } = {},
): Promise<Raster<T>[]> {
  const [count, height, width, channels] = batch.shape as [number, number, number, number];
  const all = (await batch.data({ signal })) as T;
  const size = height * width * channels;
  return Array.from({ length: count }, (_, i) => {
    const data = all.subarray(i * size, (i + 1) * size) as T;
    return { data, width, height, channels };
  });
}

/** Bytes as networks take them: u8, 0 … 255, to f32 in [−1, 1]. */
export function toUnitRange(pixels: Tensor): Tensor {
  return sub(mul(cast(pixels, 'f32'), 1 / 127.5), 1);
}

/** What networks make as bytes: f32, about [−1, 1], to u8; clipped and rounded. */
export function toBytes(x: Tensor): Tensor {
  return cast(round(clamp(mul(add(x, 1), 127.5), 0, 255)), 'u8');
}

/** Bytes as networks take them, on the host: f32 in [−1, 1]. */
export function unitValues(data: ArrayLike<number>): Float32Array {
  return Float32Array.from(data, (value) => value / 127.5 - 1);
}
