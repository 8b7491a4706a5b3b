/** What the fuzzer feeds: each target ends in a result or throws. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { onnx } from '@vqkit/backend-onnx';
import { createCodec } from '@vqkit/codec';
import { decodeAlpha, decodeIndices, inspect, loadPrior, readContainer } from '@vqkit/codec/bitstream';
import { openSafetensors, readTree } from '@vqkit/core';
import { openStateDictionary } from '@vqkit/metrics';
import { priorFile } from '@vqkit/tokenizer';
import * as photo from '@vqkit/weights-photo';
import * as tiny from '../../packages/cli/src/testing/tiny-weights.ts';
import { root } from '../../scripts/lib/run.mjs';
import type { CaseKind } from './limits.ts';

/** Does everything with bytes that a program would do with a file of their kind. */
export type Target = (bytes: Uint8Array) => Promise<void>;

/** Opens what the targets need: priors, and a codec with tiny networks. */
export async function createTargets(): Promise<Record<CaseKind, Target>> {
  const sizes = photo.manifest.codebookSizes;
  const prior = [
    'packages/codec/src/bitstream/fixtures/golden-64.vqp',
    ...[sizes[0]!, sizes.at(-1)!].map((size) => `packages/weights/photo/files/${priorFile(size)}`),
  ].map((file) => loadPrior(readFileSync(join(root, file))));
  const codec = await createCodec(tiny, { backend: await onnx({ threads: 1 }) });
  return {
    bitstream: async (bytes) => {
      const { header, indices, alpha } = readContainer(bytes);
      inspect(bytes);
      try {
        decodeIndices(indices, { prior });
      } finally {
        if (alpha) decodeAlpha(alpha, header.width, header.height);
      }
    },
    // A picture takes as long as its pixels say, so the limit is low.
    decode: async (bytes) => void (await codec.decode(bytes, { maxPixels: 2 ** 18 })),
    weights: async (bytes) => {
      if (bytes[0] === 0x76) return void loadPrior(bytes);
      // ZIP archives and pickles; everything else is safetensors, which both packages read.
      if (bytes[0] !== 0x50 && bytes[0] !== 0x80) await readAll(bytes);
      await readState(bytes);
    },
  };
}

async function readAll(bytes: Uint8Array): Promise<void> {
  const file = await openSafetensors(bytes);
  for (const name of file.names) await file.read(name);
  await readTree(bytes);
}

async function readState(bytes: Uint8Array): Promise<void> {
  const file = await openStateDictionary(bytes);
  for (const name of file.names.slice(0, 100)) {
    // The shape is not known from outside; the right one is among those that are asked for.
    for (const shape of [[], [2], [3], [2, 3, 4], [1 << 20]]) {
      await file.read(name, shape).catch((error: { code?: string }) => {
        if (error.code !== 'WEIGHTS_MISMATCH') throw error;
      });
    }
  }
}
