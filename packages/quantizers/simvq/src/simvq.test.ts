import { adam, add, cpu, random, slice, tensor, valueAndGrad } from '@vqkit/core';
import { codebookQuantizer, codeUsage } from '@vqkit/core/codebook';
import { describeQuantizer } from '@vqkit/core/testing';
import { afterAll, describe, expect, it } from 'vitest';
import { backendsUnderTest } from '../../../../tooling/backends-under-test.ts';
import { type SimvqParams, simvq } from './simvq.ts';

const backend = cpu();

for (const metric of ['l2', 'cosine'] as const) {
  describeQuantizer(`simvq, ${metric}`, {
    describe,
    it,
    afterAll,
    backends: backendsUnderTest(),
    create: () => simvq({ codes: 7, dimension: 3, deviation: 1, metric }),
    // codes are frozen: the codebook loss moves the map alone, which the case on params covers below
    derivatives: { commitment: ['z'], codebook: 'other' },
  });
}

it('chooses the nearest mapped code', () => {
  const quantizer = simvq({ codes: 2, dimension: 2 });
  const params = { codes: tensor(backend, [1, 0, 0, 1], [2, 2]), weight: tensor(backend, [0, 2, 3, 0], [2, 2]) };
  // Mapped codes: (0, 2) and (3, 0).
  const { quantized, indices } = quantizer.quantize(params, tensor(backend, [2, 0.5], [1, 1, 1, 2]));
  expect([...indices.dataSync()]).toEqual([1]);
  expect([...quantized.dataSync()]).toEqual([3, 0]);
});

it('has the derivative of the codebook loss for the map and none for the frozen codes', () => {
  const quantizer = simvq({ codes: 1, dimension: 2 });
  const params = { codes: tensor(backend, [1, 2], [1, 2]), weight: tensor(backend, [1, 0, 0, 1], [2, 2]) };
  const z = tensor(backend, [4, 4], [1, 1, 1, 2]);
  const { gradients } = valueAndGrad((p: SimvqParams) => quantizer.quantize(p, z).losses.codebook!)(params);
  // loss = ½·((q₀ − 4)² + (q₁ − 4)²), q = c·W: dW = cᵀ·(q − z)
  expect([...gradients.weight.dataSync()]).toEqual([-3, -2, -6, -4]);
  expect([...gradients.codes.dataSync()]).toEqual([0, 0]);
});

it('moves codes that nothing chose', () => {
  const quantizer = simvq({ codes: 64, dimension: 4 });
  let params = quantizer.init(backend, 1);
  const optimizer = adam<SimvqParams>();
  let state = optimizer.init(params);
  // Features far from all codes, around (10, 10, 10, 10).
  const batch = random(5).normal(backend, [1, 8, 8, 4], 10, 3);
  const usage = (): number => codeUsage(quantizer.quantize(params, batch).statistics.counts).dataSync()[0]!;
  const before = usage();
  for (let i = 0; i < 200; i++) {
    const { gradients } = valueAndGrad((p: SimvqParams) => {
      const { losses } = quantizer.quantize(p, batch);
      return add(losses.codebook!, losses.commitment!);
    })(params);
    ({ params, state } = optimizer.update(params, gradients, state, 0.1));
  }
  expect(before).toBeLessThan(0.2);
  expect(usage()).toBeGreaterThan(2 * before);
});

it('folds into a plain codebook that gives the same indices and vectors', () => {
  const quantizer = simvq({ codes: 9, dimension: 3 });
  const params = { ...quantizer.init(backend, 2), weight: random(3).normal(backend, [3, 3]) };
  const plain = codebookQuantizer('vq', { codes: 9, dimension: 3 });
  const folded = plain.withCodebook(quantizer.fold(params));
  const z = random(4).normal(backend, [1, 3, 3, 3]);
  expect(plain.encode(folded, z).dataSync()).toEqual(quantizer.encode(params, z).dataSync());
  const indices = slice(plain.encode(folded, z), [0, 0, 0, 0]);
  expect(plain.decode(folded, indices).dataSync()).toEqual(quantizer.decode(params, indices).dataSync());
});

it('refuses impossible options', () => {
  expect(() => simvq({ codes: 0, dimension: 1 })).toThrow(/codes/);
  expect(() => simvq({ codes: 1, dimension: 1, deviation: 0 })).toThrow(/deviation/);
});
