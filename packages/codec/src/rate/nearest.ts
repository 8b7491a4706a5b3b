/** Features to indices: the nearest code of one of the model's codebooks, on the backend that the codec runs on. */
import { type Backend, type HostTensor, nearestCode, tensor, tidy } from '@vqkit/core';
import type { Raster } from '@vqkit/images';

/**
 * Indices of the nearest codes.
 *
 * @param features  `[h, w, D]`.
 * @param codebook  f32 `[K, D]`.
 * @returns h·w indices, row-major.
 */
export async function nearestIndices(
  backend: Backend,
  features: Raster<Float32Array>,
  codebook: HostTensor,
): Promise<Uint32Array> {
  const { data, width, height, channels } = features;
  const indices = tidy(
    () =>
      nearestCode(tensor(backend, data, [height * width, channels]), tensor(backend, codebook.data, codebook.shape))
        .indices,
  );
  try {
    return (await indices.data()) as Uint32Array;
  } finally {
    indices.dispose();
  }
}

/** Codes at indices: `[h, w, D]`. */
export function codesAt(
  indices: Uint32Array,
  codebook: HostTensor,
  width: number,
  height: number,
): Raster<Float32Array> {
  const [, channels] = codebook.shape as [number, number];
  const codes = codebook.data as Float32Array;
  const data = new Float32Array(width * height * channels);
  indices.forEach((index, i) => data.set(codes.subarray(index * channels, (index + 1) * channels), i * channels));
  return { data, width, height, channels };
}
