/** Manifests of strangers: whatever their values are, every kind of weights opens or says what is wrong, soon. */

import { createCodec } from '@vqkit/codec';
import { transformerConceal } from '@vqkit/codec/transformer';
import { cpu, type VqkitError } from '@vqkit/core';
import { createUpscaler } from '@vqkit/sr';
import { createTokenizer, type WeightsManifest, type WeightsPackage, weightsFile, weightsOf } from '@vqkit/tokenizer';
import { createGenerator } from '@vqkit/tokenizer/generation';
import { quantizers } from '@vqkit/training';
import { describe, expect, it } from 'vitest';
import { hangMs } from './time-limit.ts';
import { tinyGenerator } from './tiny-generator.ts';
import { tinyLooc } from './tiny-looc.ts';
import { tinyPhoto } from './tiny-photo.ts';
import { tinyWeights } from './tiny-sr-weights.ts';
import { tinyTransformer } from './tiny-transformer.ts';

const backend = cpu();
const settings = { backend, quantizers } as const;

type Opener = (weights: WeightsPackage) => Promise<{ dispose(): void }>;
const kinds: Record<string, [() => Promise<WeightsPackage>, Opener]> = {
  'photo tokenizer': [
    async () => {
      const { manifest, load } = await tinyPhoto();
      return { manifest: { ...manifest, weights: weightsFile }, load };
    },
    (weights) => createCodec(weights, settings),
  ],
  'VQ-VAE': [tinyLooc, (weights) => createTokenizer(weights, settings)],
  'super-resolution': [tinyWeights, (weights) => createUpscaler(weights, settings)],
  'index transformer': [
    async () => weightsOf(await tinyTransformer(await tinyPhoto())),
    (weights) => transformerConceal(weights, { backend }),
  ],
  generator: [
    async () => weightsOf(await tinyGenerator('index-generator', await tinyLooc(), { quantizers })),
    (weights) => createGenerator(weights, settings),
  ],
  'latent flow': [
    async () => weightsOf(await tinyGenerator('latent-flow', await tinyPhoto(), { quantizers })),
    (weights) => createGenerator(weights, settings),
  ],
};

const nested = (depth: number): unknown => (depth === 0 ? 1 : [nested(depth - 1)]);
const wild: unknown[] = [
  ...[0, -1, 0.5, 3, 255, 1023, 2 ** 18, 2 ** 31, 1e9, 1e308, Number.NaN, Number.POSITIVE_INFINITY],
  ...['', 'NaN', '__proto__', 'constructor', 'x'.repeat(100_000), null, true, {}, [], [4, 4], nested(2000)],
  JSON.parse('{"__proto__": {"codes": 4}, "length": 1e9}'),
];

/** Every manifest with one value replaced by each wild one, and each key left out. */
function* mutations(value: unknown, rebuild: (value: unknown) => unknown): Generator<unknown> {
  for (const other of [...wild, undefined]) yield rebuild(other);
  if (typeof value !== 'object' || value === null) return;
  for (const [key, each] of Object.entries(value)) {
    yield* mutations(each, (changed) => {
      const copy = Array.isArray(value) ? [...value] : { ...value };
      (copy as Record<string, unknown>)[key] = changed;
      return rebuild(copy);
    });
  }
}

describe('a hostile manifest', () => {
  it.each(Object.entries(kinds))(
    'of %s ends in a model or in a typed error',
    { timeout: hangMs },
    async (_, [make, open]) => {
      const weights = await make();
      const failures: string[] = [];
      for (const manifest of mutations(weights.manifest, (value) => value)) {
        const text = (JSON.stringify(manifest) ?? 'undefined').slice(0, 300);
        const start = process.cpuUsage().user;
        try {
          (await open({ ...weights, manifest: manifest as WeightsManifest })).dispose();
        } catch (error) {
          const { code, fix } = error as VqkitError;
          if (typeof code !== 'string' || typeof fix !== 'string') failures.push(`${error} at ${text}`);
          else if (String((error as Error).message).length > 2000) failures.push(`a long message at ${text}`);
        }
        const seconds = (process.cpuUsage().user - start) / 1e6;
        if (seconds > 2) failures.push(`${seconds.toFixed(1)} s at ${text}`);
      }
      expect(failures.slice(0, 10)).toEqual([]);
    },
  );
});
