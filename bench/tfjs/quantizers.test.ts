/** Every quantizer on tfjs, unchanged: training steps, eager and compiled, encoding and decoding, as on the reference. */
import { type TfjsBackend, tfjs, tfjsNode } from '@vqkit/backend-tfjs';
import { cvqAnchors, deadCodes, ema } from '@vqkit/core/codebook';
import { type QuantizerSubject, quantizerBackendCases } from '@vqkit/core/testing';
import { dualCodebook } from '@vqkit/quantizer-dual-codebook';
import { fsq } from '@vqkit/quantizer-fsq';
import { looc } from '@vqkit/quantizer-looc';
import { bsq, lfq } from '@vqkit/quantizer-lookup-free';
import { product } from '@vqkit/quantizer-product';
import { residual } from '@vqkit/quantizer-residual';
import { simvq } from '@vqkit/quantizer-simvq';
import { vq } from '@vqkit/quantizer-vq';
import { afterAll, describe, it } from 'vitest';
import { hasPeer, importPeer } from '../harness/peers.ts';
import { importTfjs } from './import-tfjs.ts';

const codes = { codes: 7, dimension: 4, start: 'normal' } as const;
const transformer = { layers: 1, heads: 2, feedForward: 4 };

const quantizers = {
  'vq with a learned codebook': () => vq(codes),
  'vq with EMA and revival': () => vq({ ...codes, codebook: ema(), revival: deadCodes() }),
  'vq with CVQ anchors and the rotation trick': () => vq({ ...codes, revival: cvqAnchors(), gradient: 'rotation' }),
  looc: () => looc({ codes: 8, pieces: 2, pieceDimension: 2 }),
  'dual codebook': () => dualCodebook({ codes: 4, dimension: 12, transformer, local: { start: 'normal' } }),
  product: () => product(codes, { parts: 2 }),
  residual: () => residual(codes, { depth: 3 }),
  fsq: () => fsq({ levels: [3, 4, 5] }),
  'lookup-free by LFQ': () => lfq({ bits: 4 }),
  'lookup-free by BSQ': () => bsq({ bits: 4 }),
  simvq: () => simvq({ codes: 7, dimension: 4 }),
} as const;

const hasTfjs = hasPeer('@tensorflow/tfjs-core');
const runtimes = ['cpu', 'wasm', ...(hasPeer('@tensorflow/tfjs-node') ? ['node'] : [])];

/** A runtime that `importTfjs` registers, or the native one. */
async function open(runtime: string): Promise<TfjsBackend> {
  return runtime === 'node' ? tfjsNode({ load: importPeer }) : tfjs(await importTfjs(), { runtime });
}

describe.skipIf(!hasTfjs).each(runtimes)(
  'on tfjs-%s (skipped without tfjs: node scripts/install-peers.mjs)',
  (runtime) => {
    let shared: Promise<TfjsBackend> | undefined;
    const backend = (): Promise<TfjsBackend> => {
      shared ??= open(runtime);
      return shared;
    };
    afterAll(async () => (await shared)?.dispose());

    describe.each(Object.entries(quantizers))('%s', (_, create) => {
      for (const { name, run } of quantizerBackendCases) {
        it(name, async () => run({ create } as QuantizerSubject<unknown, unknown>, await backend()));
      }
    });
  },
);
