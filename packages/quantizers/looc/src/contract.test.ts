/** The shared contract, for the ways to compose LooC. */
import { random, type Tensor, tidy } from '@vqkit/core';
import { cvqAnchors, ema } from '@vqkit/core/codebook';
import { describeQuantizer } from '@vqkit/core/testing';
import { afterAll, describe, it } from 'vitest';
import { backendsUnderTest } from '../../../../tooling/backends-under-test.ts';
import { type LoocOptions, looc } from './looc.ts';

const variants: Readonly<Record<string, Partial<LoocOptions>>> = {
  'as in the paper': {},
  'by distance, without anchors': { metric: 'l2', anchors: 'none' },
  'random anchors': { anchors: cvqAnchors({ kind: 'random' }) },
  'drawn anchors, by distance': { metric: 'l2', anchors: cvqAnchors({ kind: 'probrandom' }) },
  'β = 2': { enlargement: 2 },
  'β = 3': { enlargement: 3, metric: 'l2' },
  'β = 2, grouped as the released code': { enlargement: 2, grouping: 'patches' },
  'EMA codes': { codebook: ema(), anchors: 'none', metric: 'l2' },
};

for (const [name, options] of Object.entries(variants)) {
  const create = () => looc({ codes: 6, pieces: 3, pieceDimension: 2, ...options });
  describeQuantizer(`looc, ${name}`, {
    describe,
    it,
    afterAll,
    backends: backendsUnderTest(),
    create,
    // Codes as far apart as the pieces; fresh ones are within ±1/K.
    params: (_, backend, seed) => tidy(() => create().withCodebook(random(seed).normal(backend, [6, 2]))),
    surrogate: (z: Tensor) => create().smooth(z),
    derivatives: { commitment: ['z'], ...(options.codebook ? {} : { codebook: ['params'] }) },
    step: 2 ** -9,
  });
}
