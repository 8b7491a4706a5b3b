/**
 * Holes filled with vectors in place of codes, since a decoder is continuous and needs no index: means of what a transformer
 * expects.
 */
import { type IndexTransformerModel, logitsOf } from '@vqkit/codec/transformer';
import { type Backend, compile, type Tensor, tensor, tidy, uploadTree, workPerTurn } from '@vqkit/core';
import { fromTensor, type Raster, runTiled, toBytes, toTensor } from '@vqkit/images';
import type { IndexMap, TokenizerModel } from '@vqkit/tokenizer';

/** Logits of all positions, f32 `[h·w, K]`: as `transformerConceal` has them, in the same windows. */
export async function expectations(
  model: IndexTransformerModel,
  backend: Backend,
  { width, height, codebookSizes: [codebookSize], planes: [indices] }: IndexMap,
  lost: Uint8Array,
): Promise<Float32Array> {
  const see = (part: Raster<Uint32Array>) => {
    const shape = [1, part.height, part.width, 1];
    const every = (which: number): Uint32Array => part.data.filter((_, i) => i % 2 === which);
    const output = tidy(() =>
      logitsOf(model, {
        indices: tensor(backend, every(0), shape),
        holes: tensor(backend, Float32Array.from(every(1)), shape),
        codebookSize: codebookSize!,
      }),
    );
    return fromTensor<Float32Array>(output).then(([raster]) => {
      output.dispose();
      return raster!;
    });
  };
  const data = Uint32Array.from({ length: 2 * lost.length }, (_, i) => (i % 2 ? lost : indices!)[i >> 1]!);
  return (await runTiled({ data, width, height, channels: 2 }, see, { window: 32, halo: 4 })).data;
}

/** How codes and their probabilities become one vector. */
export const mixtures = {
  'mean vector': (ranked: readonly Weighted[]) => ranked,
  'mean vector of the likeliest 8': (ranked: readonly Weighted[]) => ranked.slice(0, 8),
  'mean vector, probabilities squared': (ranked: readonly Weighted[]) =>
    ranked.map(({ code, weight }) => ({ code, weight: weight ** 2 })),
  'half of the mean, half of the likeliest': (ranked: readonly Weighted[]) => {
    const total = ranked.reduce((sum, { weight }) => sum + weight, 0);
    return [...ranked, { ...ranked[0]!, weight: total }];
  },
};

/** A code, and how much it counts. */
export interface Weighted {
  readonly code: number;
  readonly weight: number;
}

/** Codes of a position by their probabilities, those under a millionth of the first left out. */
export function rank(logits: Float32Array): Weighted[] {
  const most = logits.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const all = Array.from(logits, (value, code) => ({ code, weight: Math.exp(value - most) }));
  return all.filter(({ weight }) => weight > 1e-6).sort((a, b) => b.weight - a.weight);
}

/** The weighted mean of codes. @param codes  f32 `[K, D]`. */
export function meanOf(parts: readonly Weighted[], codes: Float32Array, dimension: number): number[] {
  const total = parts.reduce((sum, { weight }) => sum + weight, 0);
  return Array.from({ length: dimension }, (_, d) =>
    parts.reduce((sum, { code, weight }) => sum + (weight / total) * codes[code * dimension + d]!, 0),
  );
}

/** Restores pictures from vectors, f32 `[h, w, D]`. */
export function vectorDecoder({ network, decoder }: TokenizerModel, backend: Backend) {
  const toPixels = compile((z: Tensor): Tensor => toBytes(network.decode(uploadTree(z.backend, decoder), z)), {
    workPerTurn,
    toleratesRounding: true,
  });
  return {
    decode: async (vectors: Raster<Float32Array>): Promise<Raster> => {
      const output = tidy(() => toPixels(toTensor(backend, [vectors])));
      const [picture] = await fromTensor<Uint8Array>(output);
      output.dispose();
      return picture!;
    },
    dispose: () => toPixels.dispose(),
  };
}
