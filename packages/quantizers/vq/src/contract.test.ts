/** The shared contract, for the ways to compose vq. */
import { add, type Backend, div, linear, mul, norm, sub, sum, type Tensor } from '@vqkit/core';
import { cvqAnchors, deadCodes, ema, fixed, learned, project, unitVectors } from '@vqkit/core/codebook';
import { describeQuantizer } from '@vqkit/core/testing';
import { afterAll, describe, it } from 'vitest';
import { backendsUnderTest } from '../../../../tooling/backends-under-test.ts';
import { type VqOptions, type VqParams, type VqQuantizer, type VqStatistics, vq } from './vq.ts';

const runner = { describe, it, afterAll };
const backends = backendsUnderTest();

function describeVq(name: string, options: Partial<VqOptions>, more: object = {}): void {
  const isLearned = (options.codebook ?? learned()).lossWeight > 0;
  describeQuantizer<VqParams, VqStatistics>(`vq, ${name}`, {
    ...runner,
    backends,
    create: (): VqQuantizer => vq({ codes: 7, dimension: 3, start: 'normal', ...options }),
    derivatives: { commitment: ['z'], ...(isLearned ? { codebook: ['params'] } : {}) },
    ...more,
  });
}

describeVq('learned codes', {});
describeVq('cosine, CVQ anchors', { metric: 'cosine', revival: cvqAnchors() });
describeVq('EMA with revival', { codebook: ema(), revival: deadCodes({ below: 0.5, decay: 0.5 }) });
describeVq('fixed codes, random anchors', { codebook: fixed(), revival: cvqAnchors({ kind: 'random' }) });
describeVq('drawn anchors', { revival: cvqAnchors({ kind: 'probrandom' }) });
describeVq(
  'rotation trick',
  { gradient: 'rotation' },
  {
    surrogate: (z: Tensor, z0: Tensor, { codebook }: VqParams) => {
      const quantizer = vq({ codes: 7, dimension: 3 });
      const params = quantizer.withCodebook(codebook);
      const q = quantizer.decode(params, quantizer.encode(params, z0));
      return rotate(z, z0, q);
    },
  },
);

describeVq(
  'spherical',
  { metric: 'spherical', codebook: ema(), revival: deadCodes({ below: 0.5, decay: 0.5 }) },
  { surrogate: unitVectors },
);
describeVq(
  'drawn codes, orthogonal',
  { temperature: 0.5, orthogonality: 2 },
  { derivatives: { commitment: ['z'], codebook: ['params'], orthogonality: ['params'] } },
);
const byDiveq = { gradient: 'diveq', codebook: learned({ weight: 0 }), commitment: 0 } as const;
describeVq('DiVeQ', byDiveq, {
  derivatives: { commitment: ['z'] },
  trainsThrough: true,
  // Other codes than the features, which come from the stream of seed 1.
  params: (quantizer: VqQuantizer, on: Backend, seed: number) => quantizer.init(on, seed + 10),
  surrogate: (z: Tensor, z0: Tensor, params: VqParams, params0: VqParams) => {
    const quantizer = vq({ codes: 7, dimension: 3 });
    const indices = quantizer.encode(params0, z0);
    const length = (x: Tensor): Tensor => norm(x, { axes: -1, keepDims: true });
    const base = sub(quantizer.decode(params0, indices), z0);
    return add(z, mul(length(sub(quantizer.decode(params, indices), z)), div(base, length(base))));
  },
});

describeQuantizer('vq behind a projection', {
  ...runner,
  backends,
  create: () => project(vq({ codes: 7, dimension: 2, start: 'normal' }), { dimension: 4 }),
  // The maps train by what passes; the codes, and the losses in between, by the losses alone.
  derivatives: { commitment: 'other', codebook: 'other' },
  trainsThrough: true,
  surrogate: (z, z0, params, params0) => {
    const { inner } = project(vq({ codes: 7, dimension: 2 }), { dimension: 4 });
    const into = (x: Tensor, { weight, bias }: typeof params.into): Tensor => linear(x, weight, bias);
    const base = into(z0, params0.into);
    const error = sub(inner.decode(params0.inner, inner.encode(params0.inner, base)), base);
    return into(add(into(z, params.into), error), params.outOf);
  },
});

/** λ·R·z with the rotation and the scale that take z0 to q. */
function rotate(z: Tensor, z0: Tensor, q: Tensor): Tensor {
  const length = (x: Tensor): Tensor => norm(x, { axes: -1, keepDims: true });
  const unit = (x: Tensor): Tensor => div(x, length(x));
  const dot = (a: Tensor, b: Tensor): Tensor => sum(mul(a, b), { axes: -1, keepDims: true });
  const [e, to] = [unit(z0), unit(q)];
  const r = unit(add(e, to));
  const turned = add(sub(z, mul(mul(r, dot(r, z)), 2)), mul(mul(to, dot(e, z)), 2));
  return mul(turned, div(length(q), length(z0)));
}
